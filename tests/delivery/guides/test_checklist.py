"""The checklist is the checks that validate makes, no more and no fewer."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

import pytest

from catalog.load import load_catalog
from delivery.guides import checklist
from delivery.guides.blocks import Page
from delivery.validate.model import PHASES, Check

ROOT = Path(__file__).parents[3]
CATALOG = load_catalog(ROOT / "catalog")
PAGE = Page(CATALOG, PurePosixPath("docs/validation-checklist.md"))


@pytest.fixture(scope="module")
def made() -> str:
    return checklist.checklist(PAGE)


def test_each_phase_has_boxes_each_with_a_command(made: str) -> None:
    parts = re.split(r"^## \d\. ", made, flags=re.MULTILINE)[1:]
    assert [part.splitlines()[0] for part in parts] == list(PHASES.values())
    for part in parts:
        boxes = part.count("- [ ] **")
        assert boxes
        # One more is the command for the whole phase.
        assert part.count("```sh") == boxes + 1
    assert "None" not in made


@pytest.fixture(scope="module")
def checks() -> tuple[Check, ...]:
    return checklist._asked(CATALOG)[0]


def test_every_check_is_in_it(made: str, checks: tuple[Check, ...]) -> None:
    assert len(checks) > 80
    titles = {checklist._shared(CATALOG, check)[0] for check in checks}
    assert made.count("- [ ] **") == len(titles)
    for check in checks:
        _, service = checklist._shared(CATALOG, check)
        assert service or f"**{check.title}**" in made


def test_no_server_and_no_cluster_is_asked(checks: tuple[Check, ...]) -> None:
    """A page that depended on the machine that made it would be another one elsewhere."""
    of_cluster = {each.verdict for each in checks if each.command.startswith("kubectl")}
    assert of_cluster == {"failed"}
    others = {each.verdict for each in checks if each.command.startswith("curl")}
    assert others == {"skipped"}


def test_it_is_the_same_each_time(made: str) -> None:
    assert checklist.checklist(PAGE) == made
    assert 'PROBE"' in made


def test_the_criteria_are_told_without_a_measurement() -> None:
    told = checklist.criteria(PAGE)
    assert "| System health | Query latency, p99 | under 1 s |" in told
