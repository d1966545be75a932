"""Every link of every page leads somewhere: files, anchors, pictures; addresses are well formed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from catalog.load import load_catalog
from delivery.site.markdown import links, prose
from tests.docs.pages import PAGES, ROOT, text_of

#: Names that nobody can own (RFC 2606): examples, which are no links.
_EXAMPLES = (".example", ".example.com", ".invalid", ".test")

OURS = load_catalog(ROOT / "catalog").platform.links.grafana_url


def anchors(text: str) -> set[str]:
    """GitHub's: words and hyphens of each heading, and a number where one stands again."""
    seen: Counter[str] = Counter()
    found: set[str] = set()
    for _, line in prose(text):
        heading = re.match(r"#{1,6} +(.*?)\s*#*$", line)
        if heading:
            words = re.sub(r"[`*]|\[(.*?)\]\(.*?\)", r"\1", heading[1])
            slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
            found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
            seen[slug] += 1
    return found | set(re.findall(r'<a (?:id|name)="([^"]+)"', text))


def external(page: str) -> Iterator[str]:
    """Addresses elsewhere; Grafana's own, as the catalog names it, is the reader's."""
    for _, target in links(text_of(page)):
        if ("://" in target or target.startswith("//")) and not target.startswith(OURS):
            yield target


def faults(page: str) -> Iterator[str]:
    text = text_of(page)
    for line, target in links(text):
        if "://" in target or target.startswith(("mailto:", "//")):
            continue
        path, _, anchor = target.partition("#")
        there = (ROOT / page).parent / path if path else ROOT / page
        if not there.exists():
            yield f"{page}:{line}: {target} is not there"
        elif not there.resolve().is_relative_to(ROOT.resolve()):
            yield f"{page}:{line}: {target} leaves the repository"
        elif anchor and there.suffix == ".md":
            known = anchors(there.read_text(encoding="utf-8"))
            if anchor not in known:
                yield f"{page}:{line}: {target}: no such heading"


@pytest.mark.parametrize("page", PAGES)
def test_every_file_and_heading_that_is_linked_to_exists(page: str) -> None:
    assert list(faults(page)) == []


@pytest.mark.parametrize("page", PAGES)
def test_every_picture_says_what_it_shows(page: str) -> None:
    for number, line in prose(text_of(page)):
        for shown in re.findall(r"!\[([^\]]*)\]\(", line):
            assert len(shown.split()) > 1, f"{page}:{number}"
        assert "<img" not in line, f"{page}:{number}: write it as Markdown"


def test_every_picture_is_shown_somewhere() -> None:
    shown = {
        ((ROOT / page).parent / target).resolve()
        for page in PAGES
        for _, target in links(text_of(page))
        if "://" not in target
    }
    kept = {path.resolve() for path in (ROOT / "docs/images").rglob("*") if path.is_file()}
    assert {path.name for path in kept - shown} == set()


@pytest.mark.parametrize("page", [page for page in PAGES if list(external(page))])
def test_addresses_elsewhere_are_https_and_of_a_host_that_there_can_be(page: str) -> None:
    for address in external(page):
        parts = urlsplit(address)
        assert parts.scheme == "https", address
        assert "." in parts.netloc, address
        assert not parts.netloc.endswith(_EXAMPLES), address


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("nowhere.md", "nowhere.md is not there"),
        ("slo.md#nothing", "slo.md#nothing: no such heading"),
        ("../../elsewhere", "../../elsewhere is not there"),
    ],
)
def test_a_dead_link_is_named(
    target: str, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = "docs/index.md"
    text = f"# T\n\n`[code](no-link.md)` [words]({target})\n\n```sh\n[x](y)\n```\n"
    monkeypatch.setattr("tests.docs.test_links.text_of", lambda _: text)
    assert list(faults(page)) == [f"{page}:3: {said}"]
