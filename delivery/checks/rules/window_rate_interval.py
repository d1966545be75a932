"""``window/rate-interval``: see docs/checks/window-rate-interval.md."""

from __future__ import annotations

import re
from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.documents import Use
from delivery.checks.finding import Finding
from delivery.checks.promql_functions import COUNTER
from delivery.checks.scan import Window, scan

_KINDS = frozenset({"annotation", "panel", "variable"})
#: As wide as the step at least, and four scrapes; or all that is shown.
_FITTING = frozenset(
    {
        *("$__rate_interval", "${__rate_interval}"),
        *("$__range", "${__range}", "${__range_s}s", "${__range_ms}ms"),
    }
)
_INTERVAL = re.compile(r"\$(?:__interval|\{__interval\b[^}]*\})(?!_)")
_REMEDY = "Write $__rate_interval, which is four scrapes at least"


def _run(context: Context) -> Iterator[Finding]:
    for use in context.documents.uses:
        if use.language == "promql" and use.kind in _KINDS and "[" in use.text:
            for window in scan(use.text, "promql").windows:
                reason = _fault(window)
                if reason:
                    yield _finding(use, window, reason)


def _fault(window: Window) -> str:
    if _INTERVAL.search(window.text):
        return "$__interval shrinks with the range, until no two samples are in it"
    if window.selector and window.function in COUNTER and window.text not in _FITTING:
        return f"{window.function}() over {window.text} skips samples once a step is longer"
    return ""


def _finding(use: Use, window: Window, reason: str) -> Finding:
    span = use.text, window.start, window.end
    return Finding(CHECK.id, use.file, use.where, reason, _REMEDY, *span)


CHECK = Check("window/rate-interval", "A rate over a range that does not fit the step", _run)
