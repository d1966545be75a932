"""How findings are told: to people, to machines, to a test report, to a pull request."""

from __future__ import annotations

import json
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from delivery.checks.fill import CHOICE
from delivery.checks.finding import Finding

#: How much of a long query is shown around what is at fault.
_AROUND = 60


def line(finding: Finding) -> str:
    """A finding on one line, however long: logs and scripts read it so."""
    at = ""
    if finding.query and finding.end > finding.start:
        at = f" (at column {finding.start + 1}: {finding.query[finding.start : finding.end]})"
    return flat(
        f"{finding.file}: {finding.where}: {finding.check}: {finding.reason}{at}. "
        f"{sentence(finding.remedy)}"
    )


def flat(text: str) -> str:
    """The text on one line, with nothing in it that a terminal obeys."""
    return "".join(
        character if character.isprintable() else "" if character == CHOICE else " "
        for character in text
    )


def as_lines(findings: Iterable[Finding]) -> str:
    """One finding a line."""
    return "\n".join(map(line, findings))


def as_blocks(findings: Iterable[Finding]) -> str:
    """For a terminal: the place, the reason, the query with a caret, the remedy."""
    blocks: list[str] = []
    for finding in findings:
        shown = [
            flat(f"{finding.file}: {finding.where}"),
            flat(f"  {finding.check}: {finding.reason}"),
        ]
        if finding.query:
            shown += [f"    {each}" for each in excerpt(finding)]
        blocks.append("\n".join([*shown, flat(f"  {sentence(finding.remedy)}")]))
    return "\n\n".join(blocks)


def sentence(remedy: str) -> str:
    """A remedy with its full stop, unless it asks something."""
    return remedy if remedy.endswith("?") else f"{remedy}."


def excerpt(finding: Finding) -> tuple[str, ...]:
    """The query around the fault, on one line, and carets under the fault."""
    start, end = finding.start, max(finding.end, finding.start)
    first, last = max(0, start - _AROUND), min(len(finding.query), max(end, start + 1) + _AROUND)
    shown = flat(finding.query[first:last])
    before = "…" if first else ""
    after = "…" if last < len(finding.query) else ""
    carets = "^" * max(1, min(end, last) - start)
    return f"{before}{shown}{after}", " " * (len(before) + start - first) + carets


def as_json(findings: Iterable[Finding]) -> str:
    """An array, one object a finding."""
    return json.dumps(
        [
            {
                "check": finding.check,
                "file": finding.file,
                "where": finding.where,
                "reason": finding.reason,
                "remedy": finding.remedy,
                "query": finding.query or None,
                "start": finding.start,
                "end": finding.end,
            }
            for finding in findings
        ],
        indent=2,
        ensure_ascii=False,
    )


def as_junit(findings: Iterable[Finding]) -> str:
    """A test suite, one failed case a finding; a single passed case where there is none."""
    listed = list(findings)
    suite = ET.Element(
        "testsuite",
        name="check",
        tests=str(max(1, len(listed))),
        failures=str(len(listed)),
        errors="0",
    )
    if not listed:
        ET.SubElement(suite, "testcase", classname="check", name="everything that ships")
    for finding in listed:
        case = ET.SubElement(
            suite,
            "testcase",
            classname=_printable(finding.file),
            name=_printable(f"{finding.check}: {finding.where}"),
        )
        failure = ET.SubElement(case, "failure", message=_printable(finding.reason))
        failure.text = _printable(as_blocks([finding]))
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(suite, encoding="unicode")


def _printable(text: str) -> str:
    """Without the characters that XML 1.0 has no way to write."""
    return "".join(
        character if character >= " " or character in "\n\t" else "�" for character in text
    )


def as_github(findings: Iterable[Finding], root: str) -> str:
    """Annotations of a pull request, by GitHub's workflow commands."""
    return "\n".join(
        f"::error file={_property(f'{root}/{finding.file}')},title={_property(finding.check)}::"
        + _message(f"{finding.where}: {finding.reason}. {sentence(finding.remedy)}")
        for finding in findings
    )


def _message(text: str) -> str:
    return flat(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
