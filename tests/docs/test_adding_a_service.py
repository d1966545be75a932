"""The guide a newcomer follows names commands, options and files that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from delivery.cli import application

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/adding-a-service.md").read_text(encoding="utf-8")
COMMANDS = typer.main.get_command(application()).commands  # type: ignore[attr-defined]


def called() -> list[tuple[str, list[str]]]:
    """Each ``python build.py`` of the guide's blocks: the command and its options."""
    blocks = "\n".join(re.findall(r"^```sh\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL))
    joined = blocks.replace("\\\n", " ")
    found = re.findall(r"^python build\.py ?([a-z-]*)(.*)$", joined, re.MULTILINE)
    return [(name or "build", re.findall(r"(?<=\s)--[a-z-]+", rest)) for name, rest in found]


@pytest.mark.parametrize(("name", "options"), called(), ids=str)
def test_each_command_has_the_options_it_is_given(name: str, options: list[str]) -> None:
    known = {option for each in COMMANDS[name].params for option in each.opts}
    assert set(options) <= known


def test_it_tells_of_every_option_that_answers_something() -> None:
    apart = {"--catalog", "--generated", "--timeout", "--help"}
    options = {
        option
        for each in COMMANDS["new-service"].params
        for option in each.opts
        if option not in apart
    }
    assert {option for option in options if option not in GUIDE} == set()


def test_what_it_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", GUIDE)
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
