"""Pieces of annotations: templates that the server fills in when the alert fires."""

from __future__ import annotations

from collections.abc import Iterable

from catalog import names
from catalog.scalars import format_duration
from catalog.service import Objective, Service
from catalog.signals import Metric, Unit

PERCENT = "{{ $value | humanizePercentage }}"
NUMBER = "{{ $value | humanize }}"
SECONDS = "{{ $value | humanizeDuration }}"
BYTES = "{{ $value | humanize1024 }}B"
INSTANCE = "{{ $labels.instance }}"
_WRITTEN = {"seconds": SECONDS, "bytes": BYTES, "ratio": PERCENT}


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


def in_unit(unit: Unit) -> str:
    """The alert's value in a unit, written out: ``120 operations``."""
    return _WRITTEN.get(unit) or f"{NUMBER}{_word(unit)}"


def amount(number: float, unit: Unit) -> str:
    """A number of the catalog in its unit: ``1000 ms``."""
    return f"{number:.10g}{_word(unit)}"


def _word(unit: Unit) -> str:
    word = {"milliseconds": "ms", "seconds": "s", "count": "", "none": "", "ratio": ""}
    return f" {word.get(unit, unit)}".rstrip()


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
