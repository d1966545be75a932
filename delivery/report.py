"""A command's findings on standard output, for people or for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from catalog.errors import Problem
from delivery.checks.finding import Finding
from delivery.checks.formats import as_blocks, as_github, as_json, as_junit, as_lines
from delivery.console import is_terminal, paint_findings
from delivery.options import CheckFormat, ReportFormat


def print_problems(problems: Sequence[Problem], report_format: ReportFormat) -> None:
    """One problem a line, or a JSON array of objects; nothing found is nothing, or ``[]``."""
    if report_format is ReportFormat.JSON:
        print(json.dumps([asdict(problem) for problem in problems], indent=2))
        return
    for problem in problems:
        print(problem)


def print_findings(findings: Sequence[Finding], report_format: CheckFormat, root: str) -> None:
    """What a check found; on a terminal with the query and a caret under the fault."""
    if report_format is CheckFormat.JSON:
        print(as_json(findings))
    elif report_format is CheckFormat.JUNIT:
        print(as_junit(findings))
    elif not findings:
        return
    elif report_format is CheckFormat.GITHUB:
        print(as_github(findings, root))
    elif is_terminal():
        paint_findings(as_blocks(findings))
    else:
        print(as_lines(findings))
