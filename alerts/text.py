"""Pieces of annotations: templates that the server fills in when the alert fires."""

from __future__ import annotations

import re
from collections.abc import Iterable

from catalog import names
from catalog.scalars import format_duration
from catalog.service import Objective, Service
from catalog.signals import Metric

PERCENT = "{{ $value | humanizePercentage }}"
NUMBER = "{{ $value | humanize }}"
SECONDS = "{{ $value | humanizeDuration }}"
BYTES = "{{ $value | humanize1024 }}B"
INSTANCE = "{{ $labels.instance }}"
_VALUE = re.compile(r"\{\{ \$value [^{}]*\}\}(?:B| ms)?")


def percent(ratio: float) -> str:
    """A ratio as people write it: ``5 %``."""
    return f"{ratio * 100:.4g} %"


def label(name: str) -> str:
    """The value of a label of the alert."""
    return f"{{{{ $labels.{name} }}}}"


def within(labels: Iterable[str]) -> str:
    """`` (operation read, tier gold)``: which part of the service, or nothing."""
    parts = ", ".join(f"{name} {label(name)}" for name in labels)
    return f" ({parts})" if parts else ""


def value_of(metric: Metric) -> str:
    """The alert's value in the unit of a metric."""
    if metric.unit == "seconds":
        return SECONDS
    if metric.unit == "milliseconds":
        return f"{NUMBER} ms"
    return NUMBER


def value_in(summary: str) -> str | None:
    """The template of the value as a summary shows it, with its unit; None where it shows none."""
    found = _VALUE.search(summary)
    return found[0] if found else None


def promise(objective: Objective) -> str:
    """What is promised, as a message says it."""
    period = format_duration(objective.period)
    return f"{objective.title}: {objective.target:.10g} % of {period}"


def budget_left(service: Service, objective: Objective) -> str:
    """What is left of the period's budget in the cluster of the alert, when it fires."""
    matchers = (
        f"{names.CLUSTER}='%s',{names.ENVIRONMENT}='%s',{names.SERVICE}='{service.id}',"
        f"{names.OBJECTIVE}='{objective.id}',{names.WINDOW}='{format_duration(objective.period)}'"
    )
    return (
        f'{{{{ with printf "{names.BUDGET_REMAINING}{{{matchers}}}" '
        f"$labels.{names.CLUSTER} $labels.{names.ENVIRONMENT} | query }}}}"
        "{{ . | first | value | humanizePercentage }}{{ else }}not yet known{{ end }}"
    )
