"""How stories of a service are told: series in promtool's notation, and what templates show."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from catalog import names
from catalog.service import Service
from catalog.signals import Metric, Unit
from queries.text import quote

#: Where the stories happen.
HERE: Final = {names.CLUSTER: "c", names.ENVIRONMENT: "e"}
MINUTE: Final = 60
_PREFIXES = ("", "k", "M", "G", "T")


def series(name: str, labels: Mapping[str, str]) -> str:
    """The text of a series in the one place that the stories know."""
    inside = ",".join(f"{label}={quote(value)}" for label, value in {**HERE, **labels}.items())
    return f"{name}{{{inside}}}"


def up(values: str, *, service: str = "", component: str = "", pod: str = "p") -> dict[str, str]:
    """The series ``up`` of one target of a service, or of a component."""
    if component:
        return {series("up", {"job": component, "instance": f"{component}:{pod}"}): values}
    labels = {"job": "services", "instance": f"{service}:{pod}", "service": service, "pod": pod}
    return {series("up", labels): values}


def of(
    service: Service, metric: Metric, chosen: Mapping[str, str], pod: str = "p"
) -> Mapping[str, str]:
    """All labels of one series of a metric, those that are not chosen with some value."""
    agent = metric.emitted_by == "agent"
    target = {
        "job": "agent" if agent else "services",
        "instance": "agent:p" if agent else f"{service.id}:{pod}",
        names.SERVICE: service.id,
        names.POD: pod,
    }
    own = {label: values[0] if values else "x" for label, values in metric.labels.items()}
    return {**target, **own, **chosen}


def counting(*phases: tuple[float, int]) -> str:
    """A counter from 0: each phase is what it rises by at every step, and for how many steps."""
    level, parts = 0.0, []
    for index, (rise, steps) in enumerate(phases):
        first = level if index == 0 else level + rise
        more = steps if index == 0 else steps - 1
        parts.append(f"{first:.10g}+{rise:.10g}x{more}")
        level += rise * steps
    return " ".join(parts)


def steady(*phases: tuple[float | str, int]) -> str:
    """A gauge: each phase is its value, or ``_`` for none, and for how many samples."""
    return " ".join(
        f"{value}x{samples}" if value == "_" else f"{value:.10g}x{samples - 1}"
        for value, samples in phases
    )


def humanized(value: float) -> str:
    """What ``humanize`` makes of a number of at least 1: four digits and a prefix."""
    power = min(int(math.log10(value) // 3), len(_PREFIXES) - 1) if value >= 1 else 0
    return f"{value / 1000**power:.4g}{_PREFIXES[power]}"


def in_unit(value: float, unit: Unit) -> str:
    """What the piece of :func:`alerts.text.in_unit` that is filled in shows for a value."""
    if unit == "seconds":
        return _duration(value)
    if unit == "bytes":
        return _binary(value)
    return percentage(value) if unit == "ratio" else humanized(value)


def percentage(ratio: float) -> str:
    """What ``humanizePercentage`` shows."""
    return f"{ratio * 100:.4g}%"


def _duration(seconds: float) -> str:
    """``humanizeDuration``: up to a minute with decimals, then in whole units."""
    if seconds < 60:
        return f"{seconds:.4g}s"
    whole = int(seconds)
    days, hours, minutes = whole // 86400, whole // 3600 % 24, whole // 60 % 60
    units = [(days, "d"), (hours, "h"), (minutes, "m"), (whole % 60, "s")]
    first = next(index for index, (number, _) in enumerate(units) if number)
    return " ".join(f"{number}{unit}" for number, unit in units[first:])


def _binary(value: float) -> str:
    power = min(int(math.log(value, 1024)), 4) if value >= 1 else 0
    return f"{value / 1024**power:.4g}{('', 'Ki', 'Mi', 'Gi', 'Ti')[power]}"
