"""The check reads the queries of the library as it reads those of panels and rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from delivery.checks.registry import CHECKS
from queries.library.artifact import PATH, generate
from tests.delivery.checks.trees import found, minimal

Json = dict[str, Any]


def library() -> Json:
    (artifact,) = generate(minimal())
    assert isinstance(artifact.content, dict)
    return artifact.content


def check(identifier: str) -> Any:
    return next(each for each in CHECKS if each.id == identifier)


@pytest.mark.parametrize("identifier", [each.id for each in CHECKS])
def test_what_ships_is_sound(tmp_path: Path, identifier: str) -> None:
    accepted = {"query/release"}  # the form for Loki 3 alone, where both releases run
    if identifier not in accepted:
        assert found(tmp_path, check(identifier), {PATH: library()}, runbooks=None) == []


@pytest.mark.parametrize(
    ("identifier", "name", "before", "after", "reason"),
    [
        (
            "field/unknown",
            "slow-operations",
            "| took>",
            "| tok>",
            "no line has a field or label 'tok'",
        ),
        (
            "stream/not-a-label",
            "trace-logs",
            "{cluster",
            '{trace_id="a",cluster',
            "'trace_id' is no stream label: it is in structured metadata",
        ),
        (
            "label/missing",
            "error-sources",
            "by (service, pod)",
            "by (service, pot)",
            "sum groups by 'pot', which no line has at this point",
        ),
        ("query/syntax", "error-rate", "sum by", "sum bi", None),
        (
            "label/shown",
            "error-sources",
            "by (service, pod)",
            "by (service)",
            "a row shows the label 'pod', which the answer does not have",
        ),
    ],
)
def test_a_fault_in_one_is_found_at_its_place(
    tmp_path: Path, identifier: str, name: str, before: str, after: str, reason: str | None
) -> None:
    content = library()
    (entry,) = (each for each in content["queries"] if each["name"] == name)
    form = entry["forms"][0]
    assert before in form["query"]
    form["query"] = form["query"].replace(before, after)
    faults = found(tmp_path, check(identifier), {PATH: content})
    assert faults
    assert {fault.file for fault in faults} == {PATH}
    assert all(fault.where.startswith(f"query {name}") for fault in faults)
    if reason is not None:
        assert reason in {fault.reason for fault in faults}
