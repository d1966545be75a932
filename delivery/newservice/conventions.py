"""What the services of a catalog have in common: a new one is taken to be like them.

Nothing here knows a name. What most services of the catalog declare alike, a label of every
stream, the field of a line's time, the counter of its lines, is what a new one will declare too,
and each such fact says that it is assumed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from catalog import names
from catalog.model import Catalog
from catalog.service import Service
from catalog.signals import Field_, Metric, Role

#: What a service has once; more of them would be no convention.
ONE_OF_A_KIND = ("trace_id", "span_id")


def stream_labels(
    catalog: Catalog, service: str, namespace: str, own: dict[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...] | None]:
    """The labels of its streams: those that all services have and whose values can be told.

    A label whose values are a service's own, such as the tier it belongs to, is its team's to
    name: ``own``.
    """
    found: dict[str, tuple[str, ...] | None] = {
        names.CLUSTER: None,
        names.ENVIRONMENT: None,
        names.NAMESPACE: (namespace,),
        names.POD: None,
    }
    for label in _shared(catalog.services):
        if label not in {*found, names.SERVICE, names.LEVEL, *own}:
            known, values = _values(catalog.services, label, service)
            if known:
                found[label] = values
    found[names.SERVICE] = (service,)
    found[names.LEVEL] = levels(catalog)
    canary = catalog.platform.canary
    if canary is not None:
        found[names.TRACK] = canary.tracks
    return {**found, **own}


def levels(catalog: Catalog) -> tuple[str, ...]:
    """The levels that the most services have."""
    counted = Counter(each.stream_labels.get(names.LEVEL) for each in catalog.services)
    return next((each for each, _ in counted.most_common() if each), catalog.platform.levels)


def _shared(services: Iterable[Service]) -> list[str]:
    sets = [set(each.stream_labels) for each in services]
    return sorted(set.intersection(*sets)) if sets else []


def _values(
    services: tuple[Service, ...], label: str, service: str
) -> tuple[bool, tuple[str, ...] | None]:
    """Whether the values for a new service can be told, and which they are."""
    seen = {each.id: each.stream_labels[label] for each in services}
    if all(values == (identifier,) for identifier, values in seen.items()):
        return True, (service,)
    alike = set(seen.values())
    return (True, alike.pop()) if len(alike) == 1 else (False, None)


def line_fields(catalog: Catalog, log_format: str) -> tuple[str, str, list[dict[str, Any]]]:
    """The field of a line's time, that of its message, and every field that is a convention.

    Of the services that write the same format, where there are any.
    """
    alike = [each for each in catalog.services if each.logs.format == log_format]
    services = alike or list(catalog.services)
    timestamp = _most([each.logs.timestamp for each in services], "ts")
    message = _most([each.logs.message for each in services], "message")
    wanted = [timestamp, names.LEVEL, message]
    for kind in ONE_OF_A_KIND:
        held = [field.name for each in services for field in each.logs.fields if field.type == kind]
        if 2 * len(held) >= len(services):
            wanted.append(_most(held, ""))
    found: list[dict[str, Any]] = []
    for name in wanted:
        declared = [field for each in services if (field := each.logs.field(name)) is not None]
        if declared:
            found.append(_field(declared[0], levels(catalog)))
    return timestamp, message, found


def _most(seen: list[str], otherwise: str) -> str:
    return Counter(seen).most_common(1)[0][0] if seen else otherwise


def _field(field: Field_, known_levels: tuple[str, ...]) -> dict[str, Any]:
    document: dict[str, Any] = {
        "name": field.name,
        "type": field.type,
        "unit": field.unit,
        "help": field.help,
    }
    if field.name == names.LEVEL and field.lives.loki_3 == "stream_label":
        document["values"] = known_levels
    document["lives"] = field.lives.model_dump()
    return document


def of_role(catalog: Catalog, role: Role) -> Metric | None:
    """The metric that plays a role in the most services."""
    counted = Counter(metric.name for _, metric in catalog.with_role(role))
    if not counted:
        return None
    name = counted.most_common(1)[0][0]
    return next(metric for _, metric in catalog.with_role(role) if metric.name == name)


def counted_by_agent(
    catalog: Catalog, labels: dict[str, tuple[str, ...] | None]
) -> Iterator[dict[str, Any]]:
    """The counters that the log agent makes of every service's lines, with this one's labels."""
    roles: tuple[Role, ...] = ("log_lines", "log_errors")
    for role in roles:
        metric = of_role(catalog, role)
        if metric is None or metric.emitted_by != "agent":
            continue
        document = shared_facts(metric)
        document["labels"] = {
            label: catalog.platform.error_levels
            if role == "log_errors" and label == names.LEVEL
            else labels[label]
            for label in metric.labels
            if label in labels
        }
        document["by"] = tuple(each for each in metric.by if each in document["labels"])
        document["role"] = role
        document["source"] = "assumed"
        document["reason"] = "The log agent counts the lines of every service of this catalog so."
        yield {key: value for key, value in document.items() if value not in ((), {}, None)}


def shared_facts(metric: Metric) -> dict[str, Any]:
    """What one metric has alike in all services, in the order in which the files tell it."""
    return {
        "name": metric.name,
        "type": metric.type,
        "unit": metric.unit,
        "title": metric.title,
        "help": metric.help,
        "counts": metric.counts,
        "emitted_by": metric.emitted_by,
        "emission": metric.emission,
    }


def selection(metric: Metric) -> dict[str, Any]:
    """What tells its good events from bad ones."""
    return {
        key: dict(value)
        for key, value in (("good", metric.good), ("bad", metric.bad))
        if value is not None
    }
