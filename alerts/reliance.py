"""Which components an alert relies on, so that a dead one can silence it.

Most of it follows from what the query reads: log lines come through the agent and Loki, the
metrics that an agent counts through the agent. What else is a symptom of a dead component is
said where the alert is defined (``Alert.relies_on``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from alerts.model import Alert, Group, Rule
from catalog import names
from catalog.artifact import Kind
from catalog.model import Catalog
from catalog.platform import ComponentId
from catalog.service import Service
from catalog.signals import Metric

_WORD = re.compile(r"[\w:]+")
#: What a histogram's series are called after its name.
_SUFFIXES = ("", "_bucket", "_count", "_sum")
_OF_LINES: tuple[ComponentId, ...] = ("agent", "loki")


def with_reliance(groups: Iterable[Group], catalog: Catalog, kind: Kind) -> tuple[Group, ...]:
    """The groups, each alert labelled with the components that it relies on."""
    return tuple(
        replace(group, rules=tuple(_labelled(rule, catalog, kind) for rule in group.rules))
        for group in groups
    )


def _labelled(rule: Rule, catalog: Catalog, kind: Kind) -> Rule:
    if not isinstance(rule, Alert):
        return rule
    read = _OF_LINES if kind == "loki-rules" else tuple(_read(rule, catalog))
    # A component's own alert is not silenced by its death: it tells of it.
    relied = sorted({*read, *rule.relies_on} - {rule.service})
    if not relied:
        return rule
    return replace(rule, labels={**rule.labels, names.RELIES_ON: ",".join(relied)})


def _read(alert: Alert, catalog: Catalog) -> Iterator[ComponentId]:
    words = frozenset(_WORD.findall(alert.expr))
    if words & {names.LOG_LINES_RATE, names.LOG_BYTES_RATE}:
        yield from _OF_LINES
    for service in catalog.services:
        if any(_reads(metric, words, service, alert) for metric in service.metrics):
            yield "agent"


def _reads(metric: Metric, words: frozenset[str], service: Service, alert: Alert) -> bool:
    """Whether the alert reads a metric that the agent counts, by its name or by an objective."""
    if metric.emitted_by != "agent":
        return False
    promised = alert.labels.get(names.OBJECTIVE) if alert.service == service.id else None
    return any(metric.name + suffix in words for suffix in _SUFFIXES) or any(
        objective.id == promised and objective.sli.metric == metric.name
        for objective in service.objectives
    )
