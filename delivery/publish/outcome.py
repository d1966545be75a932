"""What came of a publish: as lines for people, as data, as a test report, and as Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from catalog.errors import Problem, UsageError
from delivery.checks.formats import flat
from delivery.publish.apply import Result
from delivery.publish.decide import lacking, undecided
from delivery.publish.model import Change, Decision, Plan
from delivery.publish.options import OutcomeFormat
from delivery.publish.report import SIGNS, cell

#: One server's name, and what came of each change of its plan.
Outcomes = Sequence[tuple[str, Sequence[Result]]]

_FORMATS = {".json": OutcomeFormat.JSON, ".xml": OutcomeFormat.JUNIT, ".md": OutcomeFormat.MARKDOWN}


def lines(server: str, results: Sequence[Result]) -> Iterator[str]:
    """One line for each object that was written, or should have been."""
    for result in results:
        if result.change.writes:
            because = f": {result.because}" if result.because else ""
            sign = SIGNS[result.change.action]
            yield flat(f"{server}: {result.outcome} {sign} {result.change.place}{because}")


def totals(results: Sequence[Result]) -> str:
    """``9 written, 1 left over (--prune removes them), 2 not written``."""
    failed = [each for each in results if each.outcome == "failed"]
    left = [each for each in results if each.outcome == "left" and each.change.writes]
    leftovers = [each for each in left if each.change.action == "delete"]
    parts = [f"{sum(map(_is_written, results))} written"]
    if leftovers:
        parts.append(f"{len(leftovers)} left over (--prune removes them)")
    if len(left) > len(leftovers):
        parts.append(f"{len(left) - len(leftovers)} held back")
    if failed:
        parts.append(f"{len(failed)} not written")
    return ", ".join(parts)


def refused(plans: Sequence[Plan], allowed: frozenset[Decision]) -> Outcomes:
    """What a refusal means for each object: nothing was written."""
    return [(plan.server, [_refused(each, allowed) for each in plan.changes]) for plan in plans]


def _refused(change: Change, allowed: frozenset[Decision]) -> Result:
    if undecided(change, allowed):
        return Result(change, "failed", f"{change.because}; needs --{change.needs}")
    if lacks := lacking(change):
        return Result(change, "failed", f"it cannot be made yet: {lacks}")
    return Result(change, "left", "nothing was written" if change.writes else change.because)


def render(outcomes: Outcomes, outcome_format: OutcomeFormat) -> str:
    """All of it, in one of the formats."""
    if outcome_format is OutcomeFormat.JSON:
        return data(outcomes)
    if outcome_format is OutcomeFormat.JUNIT:
        return junit(outcomes)
    if outcome_format is OutcomeFormat.MARKDOWN:
        return markdown(outcomes)
    told = [line for server, results in outcomes for line in lines(server, results)]
    return "\n".join([*told, totals([each for _, results in outcomes for each in results])])


def format_of(file: Path) -> OutcomeFormat:
    """The format that a report's name asks for.

    :raises UsageError: none has that ending, or the file could not be written in the end.
    """
    if file.suffix not in _FORMATS:
        fault = "its ending names no format"
        raise UsageError(Problem(str(file), fault, "End it in .json, .xml (JUnit) or .md"))
    if not file.parent.is_dir():
        raise UsageError(Problem(str(file), "its folder is not there", "Make it first"))
    return _FORMATS[file.suffix]


def data(outcomes: Outcomes) -> str:
    """Each object with what was to be done, what came of it and why, as one JSON document."""
    document = [
        {
            "server": server,
            "done": sum(_is_written(each) for each in results),
            "failed": sum(each.outcome == "failed" for each in results),
            "objects": [_object(each) for each in results],
        }
        for server, results in outcomes
    ]
    return json.dumps(document, indent=2, ensure_ascii=False)


def _object(result: Result) -> dict[str, Any]:
    change = result.change
    return {
        "action": change.action,
        "kind": change.kind,
        "key": change.key,
        "title": change.title,
        "outcome": result.outcome if change.writes else change.action,
        "because": result.because or None,
    }


def _is_written(result: Result) -> bool:
    return result.change.writes and result.outcome == "done"


def junit(outcomes: Outcomes) -> str:
    """One test case an object: failed if it could not be written, skipped if it was left."""
    root = ET.Element("testsuites")
    for server, results in outcomes:
        failed = [each for each in results if each.outcome == "failed"]
        left = [each for each in results if _is_skipped(each)]
        counts = {"tests": len(results), "failures": len(failed), "skipped": len(left)}
        suite = ET.SubElement(
            root, "testsuite", {"name": server, **{key: str(n) for key, n in counts.items()}}
        )
        for each in results:
            named = {"classname": f"{server}.{each.change.kind}", "name": each.change.place}
            case = ET.SubElement(suite, "testcase", {key: _xml(v) for key, v in named.items()})
            if each.outcome == "failed":
                ET.SubElement(case, "failure", {"message": _xml(each.because)})
            elif _is_skipped(each):
                ET.SubElement(case, "skipped", {"message": _xml(each.because)})
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False)


def _is_skipped(result: Result) -> bool:
    """Left, and not because it is as wanted."""
    return result.outcome == "left" and result.change.action != "keep"


def _xml(text: str) -> str:
    """XML can hold no control character, however it is escaped."""
    return "".join(each if each.isprintable() else " " for each in text)


def markdown(outcomes: Outcomes) -> str:
    """A table of what was written and what was not, for the summary of a run."""
    told: list[str] = []
    for server, results in outcomes:
        told += [f"### {server}", "", f"**{totals(results)}**", ""]
        written = [each for each in results if each.change.writes]
        if not written:
            continue
        told += ["| | | Object | |", "|---|---|---|---|"]
        told += [
            f"| {each.outcome} | {each.change.action} | {cell(each.change.place)} "
            f"| {cell(each.because)} |"
            for each in written
        ]
        told.append("")
    return "\n".join(told).rstrip()
