"""Incidents as a file: those that ship, and what is wrong with one of a user's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.errors import CatalogError
from simulate.backtest.incident import load_incidents

HEAD = """incidents:
  - id: mine
    title: Mine
    help: Mine.
    rate: 1
    before: 1h
    after: 1h
"""


def test_what_the_task_names_is_there() -> None:
    known = {incident.id for incident in load_incidents()}
    assert {
        *("outage half tenth burn-20 slow-burn very-slow-burn spike flapping low-traffic".split()),
        *("no-traffic resets gap late duplicate latency-drift canary deploy".split()),
    } <= known


@pytest.mark.parametrize("incident", load_incidents(), ids=lambda each: each.id)
def test_phases_and_faults_fall_on_evaluations(incident) -> None:
    """A scrape interval of 15 s divides all of them, so that a story says what it means."""
    moments = [incident.before, *(phase.lasts for phase in incident.course)]
    moments += [moment for fault in incident.faults for moment in fault.span(incident.start)]
    assert [moment for moment in moments if moment % 15] == []
    assert all(fault.span(incident.start)[1] <= incident.length for fault in incident.faults)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "    course: [{lasts: 5m, errors: {ratio: 0.5, burn: 3}}]\n",
            ("8: 'incidents[0].course[0].errors' needs either 'ratio' or 'burn'. "
             "Write one of the two, as in {burn: 20}."),
        ),
        (
            "    course: [{lasts: 5m, errors: {ratio: 2}}]\n",
            "8: 'incidents[0].course[0].errors.ratio' is 2. Write a number of at most 1.",
        ),
        (
            "    course: [{lasts: 5m}]\n    faults: [{kind: gap}]\n",
            "9: 'incidents[0].faults[0]' is a gap without 'lasts'. Add how long it lasts.",
        ),
        (
            "    course: [{lasts: 5m}]\n    faults: [{kind: reset, lasts: 5m}]\n",
            (
                "9: 'incidents[0].faults[0].lasts' belongs to what takes a while, and a reset does "
                "not. Remove it."
            ),
        ),
        (
            "    course: [{lasts: 5m}]\n    faults: [{kind: canary, lasts: 5m}]\n",
            (
                "9: 'incidents[0].faults[0]' is a canary without a 'share'. "
                "Add its share of the traffic."
            ),
        ),
        (
            "    course: [{lasts: 5m}]\n    faults: [{kind: late, lasts: 5m, share: 0.1}]\n",
            "9: 'incidents[0].faults[0].share' belongs to a canary, and this is a late. Remove it.",
        ),
        (
            "    course: [{lasts: 5m}]\n" + HEAD.removeprefix("incidents:\n")
            + "    course: [{lasts: 5m}]\n",
            "9: 'incidents[1].id' is 'mine' a second time. Rename it.",
        ),
    ],
)  # fmt: skip
def test_a_bad_file_is_told_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(HEAD + text, encoding="utf-8")
    with pytest.raises(CatalogError) as error:
        load_incidents(path)
    assert str(error.value) == f"{path}:{message}"
