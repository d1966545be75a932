from __future__ import annotations

import pytest
from markdown import markdown
from markdown_it import MarkdownIt

from delivery.site.markdown import links, prose, relinked, with_cells, with_lists

CODE = "[a](a.md) `[b](b.md)` ![c d](c.png)\n\n```sh\n[d](d.md)\n```\n\n- [e](e.md#f)\n"


def test_links_are_those_outside_of_code() -> None:
    assert list(links(CODE)) == [(1, "a.md"), (1, "c.png"), (7, "e.md#f")]


def test_only_they_are_changed() -> None:
    assert relinked(CODE, lambda target: target.upper()) == CODE.replace("a.md", "A.MD").replace(
        "c.png", "C.PNG"
    ).replace("e.md#f", "E.MD#F")


def test_a_fence_ends_with_one_as_long() -> None:
    text = "a\n````text\n```\nb\n```\n````\nc\n"
    assert [line for _, line in prose(text)] == ["a", "c"]


@pytest.mark.parametrize(
    "text",
    [
        "words\n- a\n- b\n",
        "- a\n  more\n- b\n  - c\n    more\n    - d\n- e\n",
        "1. a\n   - b\n   - c\n2. d\n",
        "- a\n\n  second\n\n- b\n\nwords\n",
        "words\n\n- a\n\nwords\n- b\n",
        "1. a\n\n   ```sh\n   - no item\n   ```\n\n2. b\n",
        "```text\nwords\n- no item\n```\n",
        "words\n\n    1. no item\n\nwords\n",
    ],
)
def test_lists_are_the_same_in_both(text: str) -> None:
    theirs = MarkdownIt().render(text)
    ours = markdown(with_lists(text), extensions=["pymdownx.superfences", "sane_lists"])
    for tag in ("<ul>", "<ol>", "<li>", "<pre>"):
        assert ours.count(tag) == theirs.count(tag), (tag, ours)


def test_a_bar_in_the_code_of_a_cell_needs_no_backslash() -> None:
    text = "| `a \\| b` | c \\| d |\n\n`a \\| b`\n\n```text\n| `a \\| b` |\n```\n"
    assert with_cells(text) == text.replace("| `a \\| b` | c", "| `a | b` | c", 1)
