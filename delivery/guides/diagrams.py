"""Diagrams of what the catalog says, in Mermaid: GitHub draws them, and so does the site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from catalog.model import Catalog
from datasources.definitions import datasources
from delivery.guides.blocks import Maker, Page

#: How Grafana names the ways from one datasource to another, and what a reader calls each.
#: Spelled in :mod:`datasources.definitions`; a way that is not named here fails a test.
WAYS: Mapping[str, str] = {
    "exemplarTraceIdDestinations": "exemplar: this request's trace",
    "derivedFields": "trace id in the line",
    "correlations": "requests of the line's service",
    "tracesToLogsV2": "lines of the span's pod, and of the trace",
    "tracesToMetrics": "rate, errors and latency around the span",
}
#: The same ways once more, for a Grafana before 10; or no way that a reader goes.
UNDRAWN = frozenset({"alertmanagerUid", "tracesToLogs"})

_SIGNALS = {"prometheus": "Metrics", "loki": "Logs", "jaeger": "Traces"}
#: What is generated for each server: folders below generated/.
SHIPPED: tuple[tuple[str, str, str], ...] = (
    ("grafana", "dashboards, datasources", "grafana"),
    ("prometheus", "scrapes, recordings, alerts", "prometheus"),
    ("loki", "recordings, alerts on lines", "loki"),
    ("alertmanager", "routes, receivers, messages", "alertmanager"),
    ("deploy", "Loki and the agents", "deploy"),
)


def _diagram(kind: str, lines: Sequence[str]) -> str:
    return "\n".join(["```mermaid", kind, *(f"    {line}" for line in lines), "```"])


def _quoted(text: str) -> str:
    """A label; Mermaid writes these characters by number."""
    escaped = text.replace("&", "#38;").replace('"', "#34;").replace("<", "#60;")
    return f'"{escaped.replace(">", "#62;")}"'


def calls(page: Page) -> str:
    """Who calls whom, as ``depends_on`` of the services says."""
    services = page.catalog.services
    # A service may be called "end", which is a word of Mermaid's.
    lines = [f"service_{each.id}[{_quoted(each.name)}]" for each in services]
    lines += [
        f"service_{each.id} --> service_{callee}" for each in services for callee in each.depends_on
    ]
    return _diagram("flowchart LR", lines)


def delivered(page: Page) -> str:
    """From the catalog through what is generated to the servers that take it."""
    catalog = page.catalog
    count = len(catalog.services)
    plural = "service" if count == 1 else "services"
    lines = [
        f"catalog[({_quoted(f'catalog/: {count} {plural}, the platform')})]",
        f"check{{{{{_quoted('build.py: checks, then writes')}}}}}",
        "catalog --> check",
    ]
    for folder, what, server in SHIPPED:
        named = _server(catalog, server)
        if named:
            lines += [
                f"{folder}[{_quoted(f'generated/{folder}: {what}')}]",
                f"{folder}_server([{_quoted(named)}])",
                f"check --> {folder}",
                f"{folder} --> {folder}_server",
            ]
    return _diagram("flowchart LR", lines)


def _server(catalog: Catalog, server: str) -> str:
    """What a reader calls the server; empty where the catalog has none."""
    if server == "grafana":
        return "Grafana"
    if server == "deploy":
        return "Cluster or hosts" if catalog.agent or catalog.deployment else ""
    declared = {str(kind): each.name for kind, each in catalog.platform.components.items()}
    return declared.get(server, "")


def correlations(page: Page) -> str:
    """The links between the signals, as the datasources ship them."""
    shipped = datasources(page.catalog, page.catalog.default_environment)
    kinds = {each["uid"]: str(each["type"]) for each in shipped}
    drawn = [each for each in kinds.values() if each in _SIGNALS]
    lines = [
        f"{kind}[({_quoted(f'{_SIGNALS[kind]}: {_server(page.catalog, kind)}')})]" for kind in drawn
    ]
    for each in shipped:
        for way, target in ways(each):
            if target in kinds and way not in UNDRAWN:
                arrow = f"-->|{_quoted(WAYS[way])}|"
                lines.append(f"{each['type']} {arrow} {kinds[target]}")
    return _diagram("flowchart LR", lines)


def ways(datasource: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each setting that leads to another datasource, with that one's uid."""
    settings = {**datasource["jsonData"], "correlations": datasource.get("correlations", [])}
    for name, value in settings.items():
        yield from dict.fromkeys((name, uid) for uid in _uids(value, name))


def _uids(value: Any, name: str) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _uids(each, name)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _uids(each, key)
    elif name.lower().endswith("uid"):
        yield str(value)


MAKERS: Mapping[str, Maker] = {
    "calls": calls,
    "delivered": delivered,
    "correlations": correlations,
}
