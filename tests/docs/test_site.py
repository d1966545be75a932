"""The site builds without a warning, shows every page as GitHub does, and loads nothing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag

import pytest
from markdown_it import MarkdownIt

from delivery.site.mermaid import SCRIPT
from delivery.site.nav import FIRST, listed, unlisted
from tests.docs.pages import DOCS, ROOT
from tests.queries.lezer.grammar import install

WRITTEN = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))
#: What a reader sees; python-markdown and GitHub mark up the rest in ways of their own.
SEEN = ("h1", "h2", "h3", "h4", "li", "ol", "ul", "table", "tr", "strong", "em", "img")


class Elements(HTMLParser):
    """Counts the elements of a page's article, and keeps what the page loads and links to."""

    def __init__(self, text: str, *, inside: bool = False) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()
        self.loads: list[str] = []
        self.targets: list[str] = []
        self.ids: set[str] = set()
        self.code: list[str] = []
        self._open: list[str] = []
        self._inside = inside
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self._inside |= tag == "article"
        if self._inside and tag in {"code", "pre"}:
            self._open.append(tag)
            self.code += [""] if self._open == ["code"] else []
        if self._inside:
            self.counts[tag] += 1
        loads = told.get("src") or (told.get("href") if tag == "link" else None)
        if loads and told.get("rel") not in {"canonical", "next", "prev"}:
            self.loads.append(loads)
        if tag == "a" and "href" in told:
            self.targets.append(told["href"])
        self.ids |= {told[name] for name in ("id", "name") if name in told}

    def handle_data(self, data: str) -> None:
        if self._open == ["code"]:
            self.code[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()
        self._inside &= tag != "article"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, need_binary) -> Path:
    """The site, built as `make docs` builds it: a warning is a fault."""
    need_binary("npm")
    install(ROOT / "delivery/site")
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    # What is no warning to MkDocs, and yet leads nowhere.
    assert "contains a link" not in done.stderr
    return folder


def html_of(page: str) -> str:
    folder, _, name = page.rpartition("/")
    stem = "index" if name in FIRST else name.removesuffix(".md")
    return f"{folder}/{stem}.html".lstrip("/")


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Elements]:
    return {
        path.relative_to(site).as_posix(): Elements(path.read_text(encoding="utf-8"))
        for path in sorted(site.rglob("*.html"))
    }


def test_every_page_is_in_the_menu(site: Path) -> None:
    assert unlisted(WRITTEN) == []
    home = (site / "index.html").read_text(encoding="utf-8")
    menu = re.search(r'<nav class="md-nav md-nav--primary.*?\n</nav>', home, re.DOTALL)
    assert menu
    targets = {urldefrag(target).url for target in Elements(menu[0]).targets}
    assert {html_of(page) for page in WRITTEN} - targets == set()


def test_the_menu_names_no_page_that_is_not_there() -> None:
    assert [name for name in listed() if name not in WRITTEN] == []


def test_the_search_finds_every_page(site: Path) -> None:
    index = json.loads((site / "search/search_index.json").read_text(encoding="utf-8"))
    found = {urldefrag(each["location"]).url or "index.html" for each in index["docs"]}
    assert {html_of(page) for page in WRITTEN} - found == set()


def test_nothing_is_loaded_from_elsewhere(site: Path, pages: dict[str, Elements]) -> None:
    assert len(pages) > len(WRITTEN)
    for name, page in pages.items():
        for address in page.loads:
            assert not re.match(r"(\w+:)?//", address), (name, address)
            if name != "404.html":
                assert ((site / name).parent / address.partition("?")[0]).exists(), (name, address)
    for style in site.rglob("*.css"):
        assert not re.search(r"url\([\"']?(https?:)?//", style.read_text("utf-8")), style.name


def test_a_page_with_diagrams_brings_what_draws_them(site: Path) -> None:
    assert (site / SCRIPT).stat().st_size > 1_000_000
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        drawn = '<pre class="mermaid">' in text
        assert (SCRIPT in text) == drawn, path.name
        # Before the theme's own script, which would load it from elsewhere.
        assert not drawn or text.index(SCRIPT) < text.index("assets/javascripts/bundle")


def test_every_link_leads_to_a_page_and_a_place_on_it(
    site: Path, pages: dict[str, Elements]
) -> None:
    for name, page in pages.items():
        for target in page.targets if name != "404.html" else ():
            address, anchor = urldefrag(target)
            if re.match(r"\w+:", address):
                continue
            there = os.path.normpath(Path(name).parent / address) if address else name
            assert (site / there).exists(), (name, target)
            if anchor and there in pages:
                assert anchor in pages[there].ids, (name, target)


@pytest.mark.parametrize("page", WRITTEN)
def test_it_shows_what_github_shows(page: str, pages: dict[str, Elements]) -> None:
    """Lists, tables, headings and emphasis as CommonMark counts them, and code within lines."""
    there = MarkdownIt("commonmark").enable("table").render((DOCS / page).read_text("utf-8"))
    wanted, shown = Elements(there, inside=True), pages[html_of(page)]
    assert {tag: shown.counts[tag] for tag in SEEN} == {tag: wanted.counts[tag] for tag in SEEN}
    assert [" ".join(code.split()) for code in shown.code] == [
        " ".join(code.split()) for code in wanted.code
    ]
