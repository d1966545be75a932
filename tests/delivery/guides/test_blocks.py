"""What is made stands between its comments, and what is written stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from catalog.load import load_catalog
from delivery.guides.blocks import BlockError, Page, filled
from delivery.guides.registry import makers

ROOT = Path(__file__).parents[3]
PAGE = Page(load_catalog(ROOT / "catalog"), PurePosixPath("docs/guide.md"))
#: What a maker is told that makes nothing without words.
WORDS = {"query": "volume-trend"}
MAKERS = {"name": lambda page: page.path.stem, "two": lambda page: "a\nb"}


def test_each_block_is_renewed_and_the_prose_stays() -> None:
    text = "# T\n<!-- made: name -->\nold\nolder\n<!-- made end -->\nprose\n"
    text += "<!-- made: two -->\n<!-- made end -->\n"
    once = filled(text, PAGE, MAKERS)
    assert once == (
        "# T\n<!-- made: name -->\nguide\n<!-- made end -->\nprose\n"
        "<!-- made: two -->\na\nb\n<!-- made end -->\n"
    )
    assert filled(once, PAGE, MAKERS) == once


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "<!-- made: nam -->\n<!-- made end -->\n",
            "docs/guide.md:1: nothing makes 'nam'. Write one of: name, two.",
        ),
        (
            "\n<!-- made: name -->\nx\n",
            "docs/guide.md:2: block 'name' has no end. Write <!-- made end --> below it.",
        ),
        (
            "<!-- made: name -->\n<!-- made: two -->\n<!-- made end -->\n",
            "docs/guide.md:1: block 'name' has no end. Write <!-- made end --> below it.",
        ),
        (
            "<!-- made end -->\n",
            "docs/guide.md:1: <!-- made end --> ends no block. Take it out.",
        ),
    ],
)
def test_a_block_that_cannot_be_made_is_named(text: str, message: str) -> None:
    with pytest.raises(BlockError) as caught:
        filled(text, PAGE, MAKERS)
    assert str(caught.value) == message


@pytest.mark.parametrize("folder", ["catalog", "tests/fixtures/second", "tests/fixtures/minimal"])
def test_every_block_can_be_made_of_every_catalog(folder: str) -> None:
    page = Page(load_catalog(ROOT / folder), PurePosixPath("docs/runbooks/TargetDown.md"))
    for name, make in makers().items():
        made = make(replace(page, words=WORDS.get(name, "")))
        assert made == made.strip("\n"), name
