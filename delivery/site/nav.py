"""The order of the site's pages: as a reader needs them, and not as they are spelled.

The order itself is nav.yaml. A page that is written and not listed there is in no menu,
and tests/docs/test_site.py fails.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml


@dataclass(frozen=True)
class Section:
    """A heading of the menu: pages in order, then the pages of a folder by name."""

    title: str
    pages: tuple[str, ...] = ()
    folder: str = ""
    inner: tuple[Section, ...] = ()


def sections(entries: Sequence[Mapping[str, Any]]) -> tuple[Section, ...]:
    """The sections as nav.yaml writes them."""
    return tuple(
        Section(
            each["title"],
            tuple(each.get("pages", ())),
            each.get("folder", ""),
            sections(each.get("inner", ())),
        )
        for each in entries
    )


SECTIONS = sections(
    yaml.safe_load(Path(__file__).with_name("nav.yaml").read_text(encoding="utf-8"))
)

#: What a folder's first page may be called; MkDocs shows either as the folder itself.
FIRST = ("README.md", "index.md")

Menu = list[str | Mapping[str, object]]


def listed(sections: Sequence[Section] = SECTIONS) -> list[str]:
    """Every page that has a place of its own in the menu."""
    return [name for section in sections for name in (*section.pages, *listed(section.inner))]


def menu(pages: Collection[str], sections: Sequence[Section] = SECTIONS) -> Menu:
    """MkDocs' ``nav`` of those pages that there are, by their paths below docs/."""
    entries: Menu = []
    for section in sections:
        below = [name for name in section.pages if name in pages]
        below += _of_folder(section.folder, pages) if section.folder else []
        inside = [*below, *menu(pages, section.inner)]
        if inside:
            entries.append({section.title: inside})
    return entries


def _of_folder(folder: str, pages: Collection[str]) -> list[str]:
    here = PurePosixPath(folder)
    own = (name for name in pages if PurePosixPath(name).parent == here)
    return sorted(own, key=lambda name: (PurePosixPath(name).name not in FIRST, name))


def unlisted(pages: Collection[str], sections: Sequence[Section] = SECTIONS) -> list[str]:
    """Pages that no section shows."""
    folders = {section.folder for each in sections for section in (each, *each.inner)}
    named = set(listed(sections))
    return sorted(
        name
        for name in pages
        if name not in named and str(PurePosixPath(name).parent) not in folders - {""}
    )
