"""A command's findings on standard output, for people or for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from catalog.errors import Problem
from delivery.options import ReportFormat


def print_problems(problems: Sequence[Problem], report_format: ReportFormat) -> None:
    """One problem a line, or a JSON array of objects; nothing found is nothing, or ``[]``."""
    if report_format is ReportFormat.JSON:
        print(json.dumps([asdict(problem) for problem in problems], indent=2))
        return
    for problem in problems:
        print(problem)
