"""Pages and answers of Prometheus, Alertmanager and Loki, at an address that a browser reaches.

The servers' own addresses are known inside of the cluster only. Grafana reaches them, and asks
them on behalf of whoever is signed in: the same way as a panel's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from catalog import names
from catalog.model import Catalog


@dataclass(frozen=True, slots=True)
class ServerPage:
    """One path of a server, with a title for its link."""

    title: str
    datasource: str
    path: str


#: What each shows that no dashboard does. JSON, but for the rings.
PAGES: Mapping[str, ServerPage] = {
    "targets": ServerPage(
        "Prometheus' targets: health and lastError", "prometheus", "api/v1/targets?state=active"
    ),
    "dropped-targets": ServerPage(
        "Targets that relabelling dropped", "prometheus", "api/v1/targets?state=dropped"
    ),
    "rules": ServerPage(
        "Prometheus' rules: health, lastError, evaluationTime", "prometheus", "api/v1/rules"
    ),
    "alerts": ServerPage("The alerts that Prometheus evaluates", "prometheus", "api/v1/alerts"),
    "alertmanagers": ServerPage(
        "The Alertmanagers that Prometheus knows", "prometheus", "api/v1/alertmanagers"
    ),
    "prometheus-config": ServerPage(
        "The configuration that Prometheus runs with", "prometheus", "api/v1/status/config"
    ),
    "prometheus-storage": ServerPage(
        "What fills Prometheus: series by metric and label", "prometheus", "api/v1/status/tsdb"
    ),
    "told": ServerPage("What Alertmanager holds and whom it told", "alertmanager", "api/v2/alerts"),
    "alertmanager-config": ServerPage(
        "The configuration that Alertmanager runs with", "alertmanager", "api/v2/status"
    ),
    "log-rules": ServerPage(
        "The rules of Loki's ruler: health, lastError", "loki", "prometheus/api/v1/rules"
    ),
    "log-alerts": ServerPage(
        "The alerts that Loki's ruler evaluates", "loki", "prometheus/api/v1/alerts"
    ),
    "ring": ServerPage("Loki's ring of ingesters", "loki", "ring"),
    "compactor-ring": ServerPage("Loki's ring of compactors", "loki", "compactor/ring"),
    "loki-config": ServerPage("The configuration that Loki runs with", "loki", "config"),
}


def address(catalog: Catalog, page: ServerPage) -> str:
    """Where Grafana asks the server for it."""
    uid = names.datasource_uid(catalog.prefix, page.datasource)
    grafana = catalog.platform.links.grafana_url.rstrip("/")
    return f"{grafana}/api/datasources/proxy/uid/{uid}/{page.path}"
