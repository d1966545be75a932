"""Alloy's syntax: laid out as its own formatter does, which tests/live holds it to."""

from __future__ import annotations

import pytest

from pipeline.agent.alloy_text import Block, Raw, identifier, quoted, text_of


def test_a_file_is_laid_out_as_the_formatter_does() -> None:
    blocks = [
        Block("a.b", (("x", 1), ("longer", True), Block("c", (("list", ["p", "q"]),))), "name"),
        Block("d", (("map", {"k": "v", "a b": Raw("r.s")}), ("after", []))),
        Block("e"),
    ]
    assert text_of(blocks, "Why.") == (
        "// Why.\n\n"
        'a.b "name" {\n\tx      = 1\n\tlonger = true\n\n\tc {\n\t\tlist = ["p", "q"]\n\t}\n}\n\n'
        'd {\n\tmap   = {\n\t\tk     = "v",\n\t\t"a b" = r.s,\n\t}\n\tafter = []\n}\n\n'
        "e { }\n"
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain", '"plain"'),
        (r"^\s*$", r"`^\s*$`"),
        ('say "x"', '`say "x"`'),
        ("back`tick\\", '"back`tick\\\\"'),
        ("two\nlines", '"two\\nlines"'),
        ("Σ", '"Σ"'),
    ],
)
def test_a_string_is_raw_where_it_would_need_escapes(text: str, written: str) -> None:
    assert quoted(text) == written


def test_a_label_has_no_hyphens() -> None:
    assert identifier("service-berth-planner") == "service_berth_planner"
