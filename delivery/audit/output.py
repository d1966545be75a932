"""Where the report goes: printed in one form, written in as many as are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from catalog.errors import Problem, UsageError
from delivery.audit.model import Audit
from delivery.audit.report.data import data
from delivery.audit.report.html import html
from delivery.audit.report.junit import junit
from delivery.audit.report.text import lines, verdict
from delivery.audit.report.text import table as in_columns
from delivery.places import display

_FORMS: Mapping[str, Callable[[Audit], str]] = {
    "html": html,
    "json": lambda audit: f"{data(audit)}\n",
    "junit": junit,
    "text": lambda audit: "\n".join((*lines(audit), verdict(audit), "")),
}
_ENDINGS = {".html": "html", ".json": "json", ".xml": "junit", ".txt": "text"}


def checked(files: Iterable[Path]) -> list[Path]:
    """The files, each of which has a known ending: told before anything is asked.

    :raises UsageError: one has another.
    """
    found = list(files)
    for each in found:
        if each.suffix not in _ENDINGS:
            fault = "its ending says nothing of its form"
            raise UsageError(Problem(display(each), fault, f"End it in {', '.join(_ENDINGS)}"))
        if not each.absolute().parent.is_dir():
            raise UsageError(Problem(display(each), "there is no such folder", "Make it first"))
    return found


def write(audit: Audit, files: Iterable[Path]) -> None:
    """The report into each file."""
    for each in files:
        each.write_text(rendered(audit, _ENDINGS[each.suffix]), encoding="utf-8")


def rendered(audit: Audit, form: str) -> str:
    """The report in a form."""
    return _FORMS[form](audit)


def text(audit: Audit, *, whole: bool, table: bool) -> Iterable[str]:
    """For a person: columns on a terminal, one finding a line elsewhere."""
    return in_columns(audit) if table and not whole else lines(audit, whole=whole)


__all__ = ["checked", "rendered", "text", "verdict", "write"]
