"""How stories of a service are told: series in promtool's notation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from catalog import names
from catalog.service import Service
from catalog.signals import Metric
from queries.text import quote

#: Where the stories happen.
HERE: Final = {names.CLUSTER: "c", names.ENVIRONMENT: "e"}
MINUTE: Final = 60


def series(name: str, labels: Mapping[str, str]) -> str:
    """The text of a series in the one place that the stories know."""
    inside = ",".join(f"{label}={quote(value)}" for label, value in {**HERE, **labels}.items())
    return f"{name}{{{inside}}}"


def elsewhere(told: Mapping[str, str], cluster: str) -> dict[str, str]:
    """The same story in another cluster: what must not fire there can be told beside it."""
    here, there = (f'{names.CLUSTER}="{each}"' for each in (HERE[names.CLUSTER], cluster))
    return {text.replace(here, there): values for text, values in told.items()}


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
