"""Rules that compare a service's canary with its stable release, and the alert that rolls back.

Most of them are steps of one computation (queries/canary.py), recorded so that each stays
readable, that a dashboard can show why, and that an automation asks for a verdict and not for a
formula of its own. Nothing is recorded while there is no canary.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from alerts import text
from alerts.model import Alert, Dashboard, Group, Recording, Rule
from catalog import names
from catalog.canary import Canary
from catalog.model import Catalog
from catalog.scalars import format_duration
from catalog.service import Service
from catalog.signals import Metric
from queries import canary as canary_queries
from queries import canary_logs, scope
from queries.canary import ERROR_RATIO, LATENCY, LOG_PATTERNS, Comparison
from queries.promql import PromQL

#: Every evaluation reads hours of error lines.
_LOG_INTERVAL: Final = 120
_SUBTRACTED = {
    "metric/raw-counter": "Two scrapes of one counter are subtracted, and resets are left out: "
    "increase() would scale a count to what the scrapes cover, and the test needs whole events."
}
_RUNNING = {
    "rule/cycle": "A running total: its last value is gone once the canary is, and so it begins "
    "anew with the next one."
}
_FORESEEN = {
    "rule/order": "What is expected must be known before what it is compared with, or the test "
    "would bet on what it has seen: it reads what the evaluation before has left."
}


def compared(service: Service) -> Metric | None:
    """The requests that canary and stable are compared by, if the service has such a metric."""
    return service.by_role("requests")


def slow_threshold(catalog: Catalog, service: Service) -> float | None:
    """Above which duration one of these requests is slow; None if no bucket tells."""
    metric = compared(service)
    limit = catalog.platform.thresholds.latency_p99_seconds
    return canary_queries.slow_threshold(service, metric, limit) if metric else None


def reasons(catalog: Catalog, service: Service) -> tuple[str, ...]:
    """What the service's canary is compared by; nothing where there is no canary."""
    if catalog.platform.canary is None or compared(service) is None:
        return ()
    latency = () if slow_threshold(catalog, service) is None else (LATENCY,)
    return (ERROR_RATIO, *latency, LOG_PATTERNS)


def groups(catalog: Catalog, service: Service) -> tuple[Group, ...]:
    """The rules of one service; none where the catalog or the service has no canary."""
    canary, metric = catalog.platform.canary, compared(service)
    if canary is None or metric is None:
        return ()
    evaluation = catalog.platform.scrape.evaluation
    comparison = Comparison(service, metric, canary, evaluation)
    threshold = slow_threshold(catalog, service)
    bad = {ERROR_RATIO: comparison.failed()}
    if threshold is not None:
        bad[LATENCY] = comparison.slow(threshold)
    own = {names.SERVICE: service.id}
    rules: tuple[Rule, ...] = (
        Recording(names.CANARY_EVENTS, comparison.events(), own, _SUBTRACTED),
        *(rule for reason in bad for rule in _counts(comparison, own, reason, bad[reason])),
        Recording(
            names.CANARY_EVENTS_PENDING,
            comparison.pending(names.CANARY_EVENTS, names.CANARY_EVENTS_PENDING),
            own,
            _RUNNING,
        ),
        *(rule for reason in bad for rule in _test(comparison, own, reason)),
        Recording(
            names.CANARY_EVENTS_TOTAL,
            comparison.so_far(names.CANARY_EVENTS, names.CANARY_EVENTS_TOTAL),
            own,
            _RUNNING,
        ),
        *(rule for reason in bad for rule in _conclusion(comparison, own, reason)),
        Recording(names.CANARY_VERDICT, comparison.patterns_verdict(), _for(own, LOG_PATTERNS)),
        *(_alert(catalog, service, comparison, reason) for reason in (*bad, LOG_PATTERNS)),
    )
    return (Group(f"canary-{service.id}", evaluation, rules),)


def log_groups(catalog: Catalog, service: Service) -> tuple[Group, ...]:
    """What Loki's ruler records for the same."""
    canary = catalog.platform.canary
    if canary is None or compared(service) is None:
        return ()
    levels = catalog.platform.error_levels
    found = canary_logs.new_patterns(service, canary, levels)
    rules = (Recording(names.CANARY_NEW_PATTERNS, found),)
    return (Group(f"logs-{service.id}-canary", _LOG_INTERVAL, rules),)


def _for(own: dict[str, str], reason: str) -> dict[str, str]:
    return {**own, names.REASON: reason}


def _counts(
    comparison: Comparison, own: dict[str, str], reason: str, bad: PromQL
) -> Iterator[Recording]:
    labels, of = _for(own, reason), canary_queries.of_reason(reason)
    pending = comparison.pending(names.CANARY_BAD, names.CANARY_BAD_PENDING, of)
    before = {**_FORESEEN, **_RUNNING}
    yield Recording(names.CANARY_BAD, bad, labels, _SUBTRACTED)
    yield Recording(names.CANARY_EXPECTED, comparison.expected(reason), labels, before)
    yield Recording(names.CANARY_BAD_PENDING, pending, labels, before)


def _test(comparison: Comparison, own: dict[str, str], reason: str) -> Iterator[Recording]:
    labels = _for(own, reason)
    yield Recording(names.CANARY_HYPOTHESIS, comparison.hypotheses(reason), labels)
    yield Recording(names.CANARY_ALIKE, comparison.alike(reason), labels)
    yield Recording(names.CANARY_BET, comparison.bet(reason), labels, _RUNNING)
    yield Recording(names.CANARY_EVIDENCE, comparison.evidence(reason), labels)


def _conclusion(comparison: Comparison, own: dict[str, str], reason: str) -> Iterator[Recording]:
    labels = _for(own, reason)
    of = canary_queries.of_reason(reason)
    so_far = comparison.so_far(names.CANARY_BAD, names.CANARY_BAD_TOTAL, of)
    yield Recording(names.CANARY_BAD_TOTAL, so_far, labels, _RUNNING)
    yield Recording(names.CANARY_BAD_RATIO, comparison.share(reason), labels)
    yield Recording(names.CANARY_VERDICT, comparison.verdict(reason), labels)


def _alert(catalog: Catalog, service: Service, comparison: Comparison, reason: str) -> Alert:
    canary = catalog.platform.canary
    if canary is None:  # groups() has asked
        raise LookupError("the catalog has no canary")
    summary, description = _told(service, canary, reason)
    uid = names.canary_uid(catalog.prefix)
    patterns = reason == LOG_PATTERNS
    return Alert(
        name="CanaryWorse",
        expr=comparison.new_patterns() if patterns else comparison.worse(reason),
        severity=names.TICKET,
        service=service.id,
        team=service.owner.team,
        summary=summary,
        description=description,
        dashboard=Dashboard(uid, {scope.SERVICE_VARIABLE: service.id}),
        labels={names.ACTION: names.ROLLBACK, names.REASON: reason},
    )


def _told(service: Service, canary: Canary, reason: str) -> tuple[str, str]:
    """Summary and description."""
    whose = f"The canary of {service.name}"
    if reason == LOG_PATTERNS:
        limits = canary.patterns
        description = (
            f"Each at least {limits.lines} times within {format_duration(limits.window)}, and on "
            f"stable not once within {format_duration(limits.lookback)}. Roll the canary back, "
            "unless the new messages are meant. Look first at the messages on the dashboard, and "
            "at what the release changed."
        )
        return f"{whose} writes {text.NUMBER} error messages that stable lacks", description
    what = "fails" if reason == ERROR_RATIO else "is slow with"
    description = (
        f"Stable does better: the evidence of that has reached {canary.evidence:g}, as in at most "
        f"{text.percent(canary.false_rollback_ratio)} of the rollouts that are no worse, and the "
        f"share is at least {canary.minimum_factor:g} times and "
        f"{canary.minimum_difference * 100:.4g} percentage points above stable's. Roll the canary "
        "back. Look first at what the release changed, at the error lines of the canary, and at a "
        "trace of one of its requests."
    )
    return f"{whose} {what} {text.PERCENT} of its requests", description
