"""A report for people, for programs and for a pull request."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from delivery.publish.report import cell
from delivery.validate.model import GROUPS, PHASES, Check, Figure, Report, Verdict, count

_MARKS = {"ok": "ok     ", "failed": "FAILED ", "skipped": "skipped"}
_MET = {True: "met    ", False: "NOT MET", None: "unknown"}


def text(report: Report) -> Iterator[str]:
    """A line a check; what failed is followed by the command to see it again."""
    for phase in report.phases:
        checks = report.of(phase)
        yield f"{phase}. {PHASES[phase]}: {_counts(checks)}"
        for check in checks:
            yield f"  {_MARKS[check.verdict]} {check.title}: {_seen(check)}"
            if check.verdict == "failed":
                yield f"          {check.command}"
    for group in GROUPS:
        own = [each for each in report.figures if each.group == group]
        if own:
            yield f"{group}:"
        for each in own:
            yield f"  {_MET[each.met]} {each.title}: {each.measured} (asked for: {each.target})"
    yield from (f"Not reached: {each}" for each in report.unreachable)
    yield from (f"Against it: {each}" for each in report.reasons())


def _seen(check: Check) -> str:
    if check.verdict == "skipped":
        return check.actual
    return f"{check.actual} (expected: {check.expected})"


def _counts(checks: Sequence[Check]) -> str:
    verdicts: tuple[Verdict, ...] = ("ok", "failed", "skipped")
    return ", ".join(f"{count(checks, each)} {each}" for each in verdicts)


def verdict(report: Report) -> str:
    """The last line: a go for what was looked at, and for no more than that."""
    whole = not count(report.checks, "skipped")
    said = ("GO" if whole else "GO as far as was checked") if report.go else "NO-GO"
    return f"{said}: {_counts(report.checks)}"


def data(report: Report) -> str:
    """One JSON document."""
    document = {
        "go": report.go,
        "status": report.status,
        "against": list(report.reasons()),
        "unreachable": list(report.unreachable),
        "phases": [
            {
                "phase": phase,
                "title": PHASES[phase],
                "checks": [
                    {key: item for key, item in asdict(check).items() if key != "phase"}
                    for check in report.of(phase)
                ],
            }
            for phase in report.phases
        ],
        "figures": [asdict(figure) for figure in report.figures],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def markdown(report: Report) -> str:
    """Tables, for the summary of a run."""
    told = [f"**{verdict(report)}**", ""]
    for phase in report.phases:
        told += [
            f"### {phase}. {PHASES[phase]}",
            "",
            "| | Check | Expected | Actual | Command |",
            "|---|---|---|---|---|",
            *(_row(check) for check in report.of(phase)),
            "",
        ]
    told += ["### Success", "", "| | Group | | Measured | Asked for |", "|---|---|---|---|---|"]
    told += [_figure_row(each) for each in report.figures]
    return "\n".join(told)


def _row(check: Check) -> str:
    cells = (check.title, check.expected, check.actual, f"`{check.command}`")
    return f"| {check.verdict} | {' | '.join(map(cell, cells))} |"


def _figure_row(figure: Figure) -> str:
    cells = (figure.group, figure.title, figure.measured, figure.target)
    return f"| {_MET[figure.met].strip().lower()} | {' | '.join(map(cell, cells))} |"
