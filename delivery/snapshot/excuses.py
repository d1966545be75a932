"""Which panels may be empty, as the audit has found: nothing yet, and the catalog says so.

The audit asks the servers, so it knows why a panel is empty; a picture knows only that it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from catalog.errors import Problem, UsageError
from delivery.places import display

VERSION = 1
#: Verdicts that no panel may have and be excused.
_BAD = frozenset({"EMPTY", "ERROR", "UNREACHABLE"})
_LAZY = "LAZY"

Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class _Result:
    service: str
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True)
class Excuses:
    """The audit's results by dashboard and panel; without an audit nothing is excused."""

    results: Mapping[Key, tuple[_Result, ...]] = field(default_factory=dict)

    def of(self, uid: str, panel: int, service: str) -> str:
        """Why that panel may be empty for that service, or nothing.

        A panel that no service changes has results of no service: they count for each. Where
        there is nothing to choose (no service), all of them do.
        """
        known = self.results.get((uid, panel), ())
        mine = [each for each in known if not service or each.service in {service, ""}]
        lazy = [each.reason for each in mine if each.verdict == _LAZY]
        if not lazy or any(each.verdict in _BAD for each in mine):
            return ""
        return lazy[0] or "the audit says LAZY"


Ask = Callable[[str], Excuses]


def excuses(file: Path | None, ask: Ask) -> Callable[[str], Excuses]:
    """What gives a dashboard's excuses when the first of its panels needs one.

    They are in the audit's file, or, without one, the audit is made of that dashboard.

    :raises UsageError: the file is no audit.
    """
    if file is not None:
        known = read(file)
        return lambda uid: known
    return cache(ask)


def from_results(results: Iterable[Mapping[str, Any]]) -> Excuses:
    """The excuses that an audit's results hold.

    :raises KeyError, TypeError: they are no results of an audit.
    """
    found: dict[Key, tuple[_Result, ...]] = {}
    for each in results:
        if each["kind"] != "panel" or each["dashboard"] is None or each["panel"] is None:
            continue
        key = (str(each["dashboard"]), int(each["panel"]))
        result = _Result(str(each["service"]), str(each["verdict"]), str(each["reason"]))
        found[key] = (*found.get(key, ()), result)
    return Excuses(found)


def read(file: Path) -> Excuses:
    """The excuses of the file that ``build.py audit --format json`` has written.

    :raises UsageError: it is none.
    """
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError, RecursionError):
        raise _no_audit(file, "cannot be read as JSON") from None
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise _no_audit(file, f"is no audit of version {VERSION}")
    try:
        return from_results(document["results"])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _no_audit(file, "holds something else than results") from None


def _no_audit(file: Path, fault: str) -> UsageError:
    remedy = "Make it with python build.py audit --format json"
    return UsageError(Problem(display(file), fault, remedy))
