from __future__ import annotations

from delivery.site.nav import SECTIONS, Section, listed, menu, unlisted

TWO = (
    Section("Start", ("index.md", "later.md")),
    Section("Runbooks", folder="runbooks"),
    Section("Reference", ("keys.md",), inner=(Section("Checks", folder="checks"),)),
)
PAGES = {
    "index.md",
    "keys.md",
    "checks/b.md",
    "checks/README.md",
    "runbooks/index.md",
    "runbooks/A.md",
}


def test_pages_stand_in_order_and_a_folders_own_page_is_first() -> None:
    assert menu(PAGES, TWO) == [
        {"Start": ["index.md"]},
        {"Runbooks": ["runbooks/index.md", "runbooks/A.md"]},
        {"Reference": ["keys.md", {"Checks": ["checks/README.md", "checks/b.md"]}]},
    ]


def test_a_section_without_a_page_is_left_out() -> None:
    assert menu({"index.md"}, TWO) == [{"Start": ["index.md"]}]


def test_a_page_that_no_section_shows_is_named() -> None:
    assert unlisted({*PAGES, "lost.md", "elsewhere/lost.md"}, TWO) == [
        "elsewhere/lost.md",
        "lost.md",
    ]


def test_no_page_stands_twice() -> None:
    assert len(listed()) == len(set(listed()))
    assert SECTIONS[0].pages[0] == "index.md"
