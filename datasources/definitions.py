"""The four datasources, and the links that join logs, metrics and traces.

``$`` is written once here: these are the values Grafana is to hold. Provisioning files
expand ``$``, so :mod:`datasources.provisioning` doubles it there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from catalog import names
from catalog.model import Catalog
from catalog.platform import ComponentId, Environment
from catalog.scalars import format_duration
from queries import trace_links

Json = dict[str, Any]

#: How long before and after a span its log lines are looked for: clocks differ, and the
#: line of a request's end is written after its span.
SPAN_MARGIN = "5m"


def datasources(catalog: Catalog, environment: Environment) -> list[Json]:
    """Every datasource whose server the catalog declares, at this environment's addresses."""
    declared = catalog.platform.components
    return [
        _common(catalog, environment, kind) | build(catalog, environment)
        for kind, build in _BUILDERS
        if kind in declared
    ]


def _common(catalog: Catalog, environment: Environment, kind: ComponentId) -> Json:
    return {
        "name": f"{catalog.platform.system.name} {catalog.platform.components[kind].name}",
        "uid": names.datasource_uid(catalog.prefix, kind),
        "type": kind,
        "access": "proxy",
        "orgId": 1,
        "url": environment.addresses[kind],  # type: ignore[index] # only the four of _BUILDERS
        "isDefault": kind == "prometheus",
        "editable": False,
    }


def _uid(catalog: Catalog, kind: ComponentId) -> str:
    return names.datasource_uid(catalog.prefix, kind)


def _has(catalog: Catalog, kind: ComponentId) -> bool:
    return kind in catalog.platform.components


def _traces_are_kept(catalog: Catalog) -> bool:
    return _has(catalog, "jaeger")


def _prometheus(catalog: Catalog, _: Environment) -> Json:
    settings: Json = {
        "httpMethod": "POST",
        "timeInterval": format_duration(catalog.platform.scrape.interval),
        "prometheusType": "Prometheus",
        "manageAlerts": True,
    }
    if _has(catalog, "alertmanager"):
        settings["alertmanagerUid"] = _uid(catalog, "alertmanager")
    if _traces_are_kept(catalog) and _has_exemplars(catalog):
        settings["exemplarTraceIdDestinations"] = [
            {
                "name": trace_links.TRACE_ID,
                "datasourceUid": _uid(catalog, "jaeger"),
                "urlDisplayLabel": "Open the trace",
            }
        ]
    return {"jsonData": settings}


def _has_exemplars(catalog: Catalog) -> bool:
    return any(metric.exemplars for service in catalog.services for metric in service.metrics)


def _loki(catalog: Catalog, environment: Environment) -> Json:
    settings: Json = {"maxLines": "1000", "timeout": "60", "manageAlerts": True}
    if _has(catalog, "alertmanager"):
        settings["alertmanagerUid"] = _uid(catalog, "alertmanager")
    if _traces_are_kept(catalog) and trace_links.traced_fields(catalog):
        settings["derivedFields"] = _derived_fields(catalog)
    result: Json = {"jsonData": settings}
    if environment.auth_enabled:
        settings["httpHeaderName1"] = "X-Scope-OrgID"
        # Not a secret, but Grafana takes header values only here.
        result["secureJsonData"] = {"httpHeaderValue1": environment.tenant}
    if _has(catalog, "prometheus"):
        result["correlations"] = [_logs_to_metrics(catalog)]
    return result


def _derived_fields(catalog: Catalog) -> list[Json]:
    """Links to the trace, from the line (2.9) and from structured metadata (3.x).

    There the id is not in the line and only its label finds it: Grafana from 10.3 on.
    """
    link: Json = {
        "datasourceUid": _uid(catalog, "jaeger"),
        "url": "${__value.raw}",
        "urlDisplayLabel": "Open the trace",
    }
    fields: list[Json] = []
    for name in trace_links.traced_fields(catalog):
        fields += [
            {"name": "Trace", "matcherRegex": trace_links.in_line(name), **link},
            {
                "name": f"Trace ({name})",
                "matcherType": "label",
                "matcherRegex": name,
                **link,
            },
        ]
    return fields


def _logs_to_metrics(catalog: Catalog) -> Json:
    """From a log line to the request rate of its service.

    The link stands at the line; the service is read from the labels beside it, which Grafana
    hands to the expression as compact JSON.
    """
    return {
        "targetUID": _uid(catalog, "prometheus"),
        "label": "Requests of this service",
        "description": "How many requests the line's service answers, and how many fail.",
        "config": {
            "type": "query",
            "field": "Line",
            "transformations": [
                {
                    "type": "regex",
                    "field": "labels",
                    "expression": f'"{names.SERVICE}":"([^"]+)"',
                    "mapValue": names.SERVICE,
                }
            ],
            "target": {
                "expr": trace_links.requests_of(f"${{{names.SERVICE}}}", catalog),
                "range": True,
            },
        },
    }


def _jaeger(catalog: Catalog, _: Environment) -> Json:
    settings: Json = {
        "nodeGraph": {"enabled": True},
        "traceQuery": {
            "timeShiftEnabled": True,
            "spanStartTimeShift": "-1h",
            "spanEndTimeShift": "1h",
        },
        "spanBar": {"type": "Tag", "tag": "http.route"},
    }
    tags = [{"key": tag, "value": label} for tag, label in trace_links.SPAN_TAGS.items()]
    if _has(catalog, "loki") and trace_links.traced_fields(catalog):
        to_logs: Json = {
            "datasourceUid": _uid(catalog, "loki"),
            "spanStartTimeShift": f"-{SPAN_MARGIN}",
            "spanEndTimeShift": SPAN_MARGIN,
            "filterByTraceID": False,
            "filterBySpanID": False,
        }
        settings["tracesToLogsV2"] = to_logs | {
            "tags": tags,
            "customQuery": True,
            "query": trace_links.lines_of_span(catalog),
        }
        # Grafana before 10 has no query of one's own here: it shows the pod's lines.
        settings["tracesToLogs"] = to_logs | {"mapTagNamesEnabled": True, "mappedTags": tags}
    if _has(catalog, "prometheus"):
        settings["tracesToMetrics"] = {
            "datasourceUid": _uid(catalog, "prometheus"),
            "spanStartTimeShift": f"-{SPAN_MARGIN}",
            "spanEndTimeShift": SPAN_MARGIN,
            "tags": tags,
            "queries": [
                {"name": name, "query": query}
                for name, query in trace_links.metrics_of_span(catalog)
            ],
        }
    return {"jsonData": settings}


def _alertmanager(catalog: Catalog, _: Environment) -> Json:
    return {"jsonData": {"implementation": "prometheus", "handleGrafanaManagedAlerts": False}}


_BUILDERS: tuple[tuple[ComponentId, Callable[[Catalog, Environment], Json]], ...] = (
    ("prometheus", _prometheus),
    ("loki", _loki),
    ("jaeger", _jaeger),
    ("alertmanager", _alertmanager),
)
