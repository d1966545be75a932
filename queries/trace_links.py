"""Queries that a link fills in: from a span to its logs and metrics, from a line to both."""

from __future__ import annotations

from catalog import names
from catalog.model import Catalog
from queries import log_lines, requests
from queries.logql import lines
from queries.promql import PromQL
from queries.text import Matcher, equal

#: The name under which exemplars carry the trace.
TRACE_ID = "trace_id"
#: OpenTelemetry's resource attributes of a span, and the labels that say the same.
SPAN_TAGS = {"k8s.namespace.name": names.NAMESPACE, "k8s.pod.name": names.POD}


def traced_fields(catalog: Catalog) -> tuple[str, ...]:
    """The names under which the services' lines carry a trace id, each once."""
    found = {
        field.name: None
        for service in catalog.services
        for field in service.logs.fields
        if field.type == "trace_id"
    }
    return tuple(found)


def in_line(field: str) -> str:
    """A regular expression that finds the trace id in a JSON or a logfmt line."""
    return rf'"?{field}"?\s*[:=]\s*"?([0-9a-fA-F]{{16,32}})"?'


def lines_of_span(catalog: Catalog) -> str:
    """The log lines of a span's trace, of every service that has a part in it.

    A span of Jaeger's names its service in no tag that a link could read, so the services
    are not told apart here. The parser finds the id in the line; where Loki holds it as
    structured metadata, the same filter reads that.
    """
    conditions = " or ".join(f'{name}="${{__trace.traceId}}"' for name in traced_fields(catalog))
    anywhere = (Matcher(names.SERVICE, ".+", "=~"),)
    return lines(anywhere, *log_lines.parsers(catalog.services), conditions)


def metrics_of_span(catalog: Catalog) -> list[tuple[str, str]]:
    """Rate and latency of the span's pod, by name.

    ``$__tags`` becomes matchers of the tags in :data:`SPAN_TAGS`; of a span without them it
    becomes nothing, and PromQL allows the comma that is left: then all services are shown.
    """
    queries: list[tuple[str, str]] = []
    for metric in catalog.metrics_of_role("requests"):
        tagged = f'{{{names.SERVICE}!="",$__tags}}[5m]'
        rate = f"sum by ({names.SERVICE}) (rate({metric.name}_count{tagged}))"
        buckets = f"sum by ({names.SERVICE}, {names.LE}) (rate({metric.name}_bucket{tagged}))"
        queries += [
            (f"{metric.title}: rate", rate),
            (f"{metric.title}: p99", f"histogram_quantile(0.99, {buckets})"),
        ]
    return queries


def requests_of(service: str, catalog: Catalog) -> PromQL:
    """Requests a second of a service, by cluster and environment."""
    by = (*names.SCOPE, names.SERVICE)
    parts = [
        requests.by_label(metric, by, (equal(names.SERVICE, service),), "5m")
        for metric in catalog.metrics_of_role("requests")
    ]
    return PromQL(" or ".join(parts))
