"""``rule/range``: see docs/checks/rule-range.md."""

from __future__ import annotations

from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.documents import Language
from delivery.checks.durations import seconds, shortest, spelled
from delivery.checks.finding import Finding
from delivery.checks.scan import Window, scan

#: A missed scrape, and one that is late at either end, still leave two samples.
_SAMPLES = 4


def _run(context: Context) -> Iterator[Finding]:
    evaluation = context.catalog.platform.scrape.evaluation
    recorded: dict[str, float] = {}
    for group in context.documents.groups:
        interval = seconds(group.interval) or evaluation
        for rule in group.rules:
            if rule.kind == "recording":
                recorded[rule.name] = max(interval, recorded.get(rule.name, 0))
    scrapes = float(_SAMPLES * context.catalog.platform.scrape.interval)
    for group in context.documents.groups:
        interval = seconds(group.interval) or evaluation
        for rule in group.rules:
            most = (_SAMPLES * recorded[name] for name in recorded if name in rule.expr)
            if shortest(rule.expr) >= max(interval, scrapes, *most):
                continue  # most rules: a scan costs more
            for window in scan(rule.expr, rule.language).windows:
                needed, why = _needed(context, rule.language, window, recorded, interval)
                length = seconds(window.text)
                if length is None or length >= needed:
                    continue
                yield Finding(
                    CHECK.id,
                    rule.file,
                    rule.where,
                    f"the range {window.text} is shorter than {why}",
                    f"Write at least {spelled(needed)}",
                    rule.expr,
                    window.start,
                    window.end,
                )


def _needed(
    context: Context,
    language: Language,
    window: Window,
    recorded: dict[str, float],
    interval: float,
) -> tuple[float, str]:
    """The shortest range that is safe, and what it is measured by."""
    if language == "logql":
        return interval, f"the {spelled(interval)} between two evaluations, and lines fall between"
    metric = window.selector.metric if window.selector else ""
    if metric in recorded:
        return _SAMPLES * recorded[metric], f"four evaluations of '{metric}'"
    if metric not in context.universe or metric.startswith("ALERTS"):
        return 0, ""
    return _SAMPLES * context.catalog.platform.scrape.interval, "four scrapes"


CHECK = Check("rule/range", "A range in a rule that may hold too few samples", _run)
