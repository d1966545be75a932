"""Rules and groups of rules, before the annotations that all alerts share are applied.

The same records stand for Prometheus' rules and for those of Loki's ruler; the two are
written alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from catalog.names import Severity
from catalog.platform import ComponentId


@dataclass(frozen=True, slots=True)
class Recording:
    """A series that is computed once for everyone who asks."""

    record: str
    expr: str
    labels: Mapping[str, str] = field(default_factory=dict)
    #: Findings of ``build.py check`` that are meant here: each with its reason.
    accept: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Where an alert sends the one who looks into it; cluster and environment come on top."""

    uid: str
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alert:
    """A symptom that somebody is told of.

    ``service`` is a service's id or a component's; ``hold`` is how many seconds the
    expression has to hold first. The expression brings ``cluster`` and ``environment``.
    """

    name: str
    expr: str
    severity: Severity
    service: str
    team: str
    summary: str
    description: str
    dashboard: Dashboard
    hold: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)
    #: Components that it is a symptom of when they are dead, on top of those that its query
    #: reads through (:mod:`alerts.reliance`).
    relies_on: tuple[ComponentId, ...] = ()
    #: Findings of ``build.py check`` that are meant here: each with its reason.
    accept: Mapping[str, str] = field(default_factory=dict)


Rule = Recording | Alert


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that are evaluated one after the other, every ``interval`` seconds.

    A rule sees what the rules above it have just recorded, so their order matters.
    """

    name: str
    interval: int
    rules: tuple[Rule, ...]
