"""``runbook/sections``: see docs/checks/runbook-sections.md."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.finding import Finding
from delivery.checks.read_runbooks import Placed, Runbook

#: What a page has, in this order: whoever is woken looks for the third one in the same place.
SECTIONS = (
    "Meaning",
    "Impact",
    "First look",
    "Diagnosis",
    "Mitigation",
    "Escalation",
    "Known false alarms",
)
FIRST_LOOK = "First look"
_DIAGNOSIS = "Diagnosis"
_POINT = re.compile(r"([0-9]+)\. \S")
_LINK = re.compile(r"\]\(https?://")
_WANTED = 3


def _run(context: Context) -> Iterator[Finding]:
    for page in context.documents.pages:
        yield from _page(page)


def _page(page: Runbook) -> Iterator[Finding]:
    if not page.lines or page.lines[0] != f"# {page.alert}":
        yield _at(page, 1, "the page does not begin with its alert's name", f"# {page.alert}")
    sections = dict(page.sections())
    titles = tuple(heading.text for heading in sections)
    if titles != SECTIONS:
        yield _order(page, tuple(sections))
        return
    for heading, lines in sections.items():
        if not lines:
            reason = f"the section '{heading.text}' says nothing"
            yield Finding(CHECK.id, page.file, heading.where, reason, "Write what is known of it")
        elif heading.text == FIRST_LOOK:
            yield from _first_look(page, heading, lines)
        elif heading.text == _DIAGNOSIS and not any("```" in each.text for each in lines):
            reason = "the diagnosis has no query and no command"
            remedy = "Show one that can be pasted, as <!-- made: query NAME --> does"
            yield Finding(CHECK.id, page.file, heading.where, reason, remedy)


def _order(page: Runbook, headings: Sequence[Placed]) -> Finding:
    for index, wanted in enumerate(SECTIONS):
        if index >= len(headings):
            remedy = f"Write ## {wanted} at the end"
            return _at(page, len(page.lines), f"the section '{wanted}' is missing", remedy)
        if headings[index].text != wanted:
            reason = f"'{headings[index].text}' stands where '{wanted}' is looked for"
            return _at(page, headings[index].line, reason, f"Write ## {wanted} here")
    extra = headings[len(SECTIONS)]
    return _at(page, extra.line, f"'{extra.text}' is no section of a runbook", "Take it out")


def _first_look(page: Runbook, heading: Placed, lines: Sequence[Placed]) -> Iterator[Finding]:
    points: list[tuple[Placed, bool]] = []
    for each in lines:
        found = _POINT.match(each.text)
        if found:
            points.append((each, False))
        if points and _LINK.search(each.text):
            points[-1] = points[-1][0], True
    if len(points) != _WANTED:
        reason = f"there are {len(points)} things to look at first, and not {_WANTED}"
        remedy = "Write them as 1., 2. and 3., what shows most first"
        yield Finding(CHECK.id, page.file, heading.where, reason, remedy)
        return
    for point, has_link in points:
        if not has_link:
            reason = "nothing opens what is to be looked at"
            remedy = "Add a link below it, as <!-- made: look PLACE --> makes"
            yield Finding(CHECK.id, page.file, point.where, reason, remedy)


def _at(page: Runbook, line: int, reason: str, remedy: str) -> Finding:
    written = remedy if not remedy.startswith("#") else f"Write {remedy} on its first line"
    return Finding(CHECK.id, page.file, f"line {max(line, 1)}", reason, written)


CHECK = Check(
    "runbook/sections", "A runbook that lacks a section, or a first look that opens nothing", _run
)
