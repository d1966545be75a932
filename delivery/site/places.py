"""Where a file of the repository stands in the site.

A guide links to files outside of docs/ as it does on GitHub. The site holds those files too, as
pages below source/: so it needs no address of a repository, and shows what was there when it was
built.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from delivery.site.markdown import links, relinked
from delivery.site.nav import FIRST

DOCS = PurePosixPath("docs")
SOURCE = PurePosixPath("source")
_UNSEARCHED = "---\nsearch: {exclude: true}\n---\n\n"
#: Highlighted by the name of a language; the rest is shown as it is.
_LANGUAGES = {".py": "python", ".yaml": "yaml", ".yml": "yaml", ".sh": "sh", ".json": "json"}


def place(root: Path, path: PurePosixPath) -> PurePosixPath | None:
    """The page that shows a file or folder of the repository; None where there is no such file."""
    real = root / path
    if not real.exists():
        return None
    inside = path.is_relative_to(DOCS)
    # Hosts of pages leave out what begins with a dot.
    shown = PurePosixPath(*(part.lstrip(".") for part in path.parts))
    here = path.relative_to(DOCS) if inside else SOURCE / shown
    if real.is_dir():
        return here / _first(real)
    if inside or path.suffix == ".md":
        return here
    return here.with_name(f"{here.name}.md")


def _first(folder: Path) -> str:
    return next((name for name in FIRST if (folder / name).is_file()), FIRST[-1])


def linked(root: Path, path: PurePosixPath, text: str) -> Iterator[PurePosixPath]:
    """The files and folders of the repository that a page's text links to."""
    for _, target in links(text):
        found = _target(path, target)
        if found is not None and (root / found[0]).exists():
            yield found[0]


def _target(path: PurePosixPath, target: str) -> tuple[PurePosixPath, str] | None:
    """The path below the repository, and the anchor; None for an address and for this page."""
    name, mark, anchor = target.partition("#")
    if not name or ":" in name or name.startswith("/"):
        return None
    return PurePosixPath(os.path.normpath(path.parent / name)), mark + anchor


def for_site(root: Path, path: PurePosixPath, text: str) -> str:
    """The text with each link as it is from where the page stands in the site."""
    here = place(root, path)

    def target(written: str) -> str:
        found = _target(path, written)
        there = place(root, found[0]) if found else None
        if found is None or there is None or here is None:
            return written
        return PurePosixPath(os.path.relpath(there, here.parent)).as_posix() + found[1]

    return relinked(text, target)


def extra(root: Path) -> dict[str, str]:
    """The pages that nobody wrote: folders' lists, and what is linked to outside of docs/.

    Each by its path in the site, with its Markdown.
    """
    pages: dict[str, str] = {}
    waiting = [*_folders(root), *_linked_from(root, _written(root))]
    while waiting:
        path = waiting.pop()
        there = place(root, path)
        own = _file(root, path)
        written = own.is_relative_to(DOCS) and (root / own).is_file()
        if there is None or written or there.as_posix() in pages:
            continue
        pages[there.as_posix()] = _page(root, own)
        if own.suffix == ".md":
            waiting += _linked_from(root, iter((root / own,)))
    return pages


def _file(root: Path, path: PurePosixPath) -> PurePosixPath:
    """The page of a folder that has one; else the path itself."""
    first = path / _first(root / path)
    return first if (root / first).is_file() else path


def _page(root: Path, path: PurePosixPath) -> str:
    real = root / path
    if real.is_dir():
        return _list(real)
    text = real.read_text(encoding="utf-8")
    return for_site(root, path, text) if path.suffix == ".md" else _shown(path, text)


def _written(root: Path) -> Iterator[Path]:
    return iter(sorted((root / DOCS).rglob("*.md")))


def _linked_from(root: Path, pages: Iterator[Path]) -> Iterator[PurePosixPath]:
    for page in pages:
        own = PurePosixPath(page.relative_to(root))
        yield from linked(root, own, page.read_text(encoding="utf-8"))


def _folders(root: Path) -> Iterator[PurePosixPath]:
    """Folders of docs/ that hold pages, each of which has a first page in the site."""
    for page in _written(root):
        if page.parent != root / DOCS:
            yield PurePosixPath(page.parent.relative_to(root))


def _list(folder: Path) -> str:
    """A folder's pages by their titles, or its files by their names where it has no pages."""
    pages = sorted(folder.glob("*.md"))
    lines = [f"- [{_title(page)}]({page.name})" for page in pages]
    lines = lines or [f"- `{path.name}`" for path in sorted(folder.iterdir())]
    return "\n".join([f"# {folder.name.capitalize()}", "", *lines, ""])


def _title(page: Path) -> str:
    with page.open(encoding="utf-8") as lines:
        return next((line[2:].strip() for line in lines if line.startswith("# ")), page.stem)


def _shown(path: PurePosixPath, text: str) -> str:
    fence = "````"
    while fence in text:
        fence += "`"
    language = _LANGUAGES.get(path.suffix, "text")
    head = f"# {path.name}\n\n`{path}`, as it was when this site was built."
    # The search is for what is written to be read.
    return f"{_UNSEARCHED}{head}\n\n{fence}{language}\n{text.rstrip()}\n{fence}\n"
