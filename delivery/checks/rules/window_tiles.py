"""``window/tiles``: see docs/checks/window-tiles.md."""

from __future__ import annotations

from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.finding import Finding
from delivery.checks.scan import scan

_STEPS = frozenset({"$__interval", "${__interval}", "$__auto", "${__auto}"})
_RANGES = frozenset({"$__range", "${__range}", "${__range_s}s", "${__range_ms}ms"})


def _run(context: Context) -> Iterator[Finding]:
    for use in context.documents.uses:
        if use.language != "logql" or use.kind != "panel" or "[" not in use.text:
            continue
        fitting = _RANGES if use.instant else _STEPS
        for window in scan(use.text, "logql").windows:
            if window.text in fitting:
                continue
            if use.instant:
                reason = f"the one number of this query counts {window.text}, not what is shown"
                remedy = "Write $__range"
            else:
                reason = f"windows of {window.text} overlap or leave gaps between two steps"
                remedy = "Write $__interval, which is the step"
            span = use.text, window.start, window.end
            yield Finding(CHECK.id, use.file, use.where, reason, remedy, *span)


CHECK = Check("window/tiles", "A count of lines that counts some twice, or misses some", _run)
