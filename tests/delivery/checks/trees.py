"""Small generated trees, sound but for what a test breaks, and what one check says of them.

The catalog is tests/fixtures/minimal: the services shop and till, one cluster, scrapes every
15 s and evaluations every 30 s.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from catalog.load import load_catalog
from catalog.model import Catalog
from catalog.names import alert_subject
from delivery.checks.check import Check
from delivery.checks.context import make_context
from delivery.checks.finding import Finding
from delivery.checks.read import read_tree

Json = dict[str, Any]
Files = dict[str, Json]

FIXTURES = Path(__file__).parents[2] / "fixtures"
DASHBOARD = "grafana/dashboards/overview/shop.json"
LOGS = "grafana/dashboards/logs/lines-shop.json"
PROVIDERS = "grafana/provisioning/dashboards/market.yaml"
SOURCES = "grafana/provisioning/datasources/market.yaml"
RULES = "prometheus/rules/shop.yaml"
LOG_RULES = "loki/rules/fake/shop.yaml"
TESTS = "prometheus/tests/shop.yaml"

PROMETHEUS = {"type": "prometheus", "uid": "market-prometheus"}
LOKI = {"type": "loki", "uid": "market-loki"}
SCOPE = 'cluster="$cluster",environment="$environment"'
REQUESTS = f"sum(rate(http_server_request_duration_seconds_count{{{SCOPE}}}[$__rate_interval]))"
LINES = f"sum(count_over_time({{{SCOPE}}} [$__interval]))"


@cache
def minimal() -> Catalog:
    """The catalog of these trees."""
    return load_catalog(FIXTURES / "minimal")


def write(root: Path, files: Files) -> list[str]:
    """The files and their manifest; the paths that it lists."""
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        is_json = path.endswith(".json")
        text = json.dumps(content) if is_json else yaml.safe_dump(content, sort_keys=False)
        target.write_text(text, encoding="utf-8")
    listed = [{"path": path} for path in sorted(files)]
    (root / "manifest.json").write_text(json.dumps({"files": listed}), encoding="utf-8")
    return sorted(files)


def found(
    root: Path,
    check: Check,
    files: Files,
    *,
    runbooks: tuple[str, ...] | None = None,
    catalog: Catalog | None = None,
) -> list[Finding]:
    """What one check finds in a tree; ``runbooks`` are the alerts that have one."""
    folder = None
    if runbooks is not None:
        folder = root / "runbooks"
        folder.mkdir()
        for name in runbooks:
            (folder / f"{name}.md").touch()
    documents = read_tree(root, write(root, files), folder)
    return list(check.run(make_context(catalog or minimal(), (), documents)))


def target(expr: str, ref: str = "A", **changes: Any) -> Json:
    """A query: of Loki if it begins with a stream, else of Prometheus."""
    source = LOKI if "_over_time({" in expr or expr.startswith("{") else PROMETHEUS
    return {"refId": ref, "datasource": source, "expr": expr, "legendFormat": "", **changes}


def panel(*exprs: str | Json, **changes: Any) -> Json:
    """A graph of the queries, with nothing amiss."""
    targets = [
        target(each, "ABCDEFG"[index]) if isinstance(each, str) else each
        for index, each in enumerate(exprs or (REQUESTS,))
    ]
    return {
        "id": 1,
        "type": "timeseries",
        "title": "Requests",
        "description": "How many there are.",
        "datasource": targets[0].get("datasource"),
        "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8},
        "fieldConfig": {"defaults": {"unit": "reqps"}, "overrides": []},
        "targets": targets,
        **changes,
    }


def shown_as(unit: str, *overrides: Json, **defaults: Any) -> Json:
    """A panel's fieldConfig."""
    return {"defaults": {"unit": unit, **defaults}, "overrides": list(overrides)}


def override(name: str, **properties: Any) -> Json:
    """An override for a column or line by its name."""
    listed = [{"id": key, "value": value} for key, value in properties.items()]
    return {"matcher": {"id": "byName", "options": name}, "properties": listed}


def variable(name: str, query: str, **changes: Any) -> Json:
    """A variable with the values that a label has."""
    return {
        "name": name,
        "type": "query",
        "datasource": PROMETHEUS,
        "query": {"query": query, "refId": name},
        **changes,
    }


def dashboard(*panels: Json, **changes: Any) -> Json:
    """A dashboard of the panels, with cluster, environment and the marks of alerts."""
    return {
        "uid": "shop",
        "title": "Shop",
        "description": "What the shop does.",
        "time": {"from": "now-1h", "to": "now"},
        "templating": {
            "list": [
                variable("cluster", "label_values(up, cluster)"),
                variable("environment", 'label_values(up{cluster="$cluster"}, environment)'),
            ]
        },
        "annotations": {
            "list": [
                {
                    "name": "Alerts",
                    "datasource": PROMETHEUS,
                    "expr": f"max by (alertname) (ALERTS{{{SCOPE}}})",
                    "titleFormat": "{{alertname}}",
                }
            ]
        },
        "links": [],
        "panels": list(panels or (panel(),)),
        **changes,
    }


def with_variables(*added: Json, panels: tuple[Json, ...] = (), **changes: Any) -> Json:
    """A dashboard with further variables."""
    made = dashboard(*panels, **changes)
    made["templating"]["list"] += added
    return made


def alert(**changes: Any) -> Json:
    """An alert with all that an alert needs."""
    address = "/d/shop?var-cluster={{ $labels.cluster }}&from=now-1h&to=now"
    return {
        "alert": "HighErrorRatio",
        "expr": 'sum by (cluster) (rate(sales_total{outcome="refused"}[5m])) > 1',
        "for": "5m",
        "labels": {"severity": "ticket", "service": "shop", "team": "sales"},
        "annotations": {
            "summary": "Sales are refused in {{ $labels.cluster }}",
            "description": "Look at the till.",
            "runbook_url": "https://runbooks.example/HighErrorRatio",
            "dashboard_url": f"http://localhost:3000{address}",
        },
        **changes,
    }


def annotated(**changes: str) -> Json:
    """An alert with other annotations."""
    made = alert()
    made["annotations"] |= changes
    return made


def labelled(**changes: str) -> Json:
    """An alert with other labels."""
    made = alert()
    made["labels"] |= changes
    return made


def proofs(*alerts: Json) -> Json:
    """The tests of the alerts: each fires once and resets, and once it does not fire."""
    return {
        "tests": [
            {
                "name": f"{alert_subject(rule['alert'], rule['labels'])}: {title}",
                "alert_rule_test": [_moment(rule, at, at in firing) for at in (9, 10, 30)],
            }
            for rule in alerts
            for title, firing in (("it fires", {10}), ("it nearly does", set()))
        ]
    }


def _moment(rule: Json, at: int, fires: bool) -> Json:
    expected = [{"exp_labels": {"cluster": "one", **rule["labels"]}}] if fires else []
    return {"eval_time": f"{at}m", "alertname": rule["alert"], "exp_alerts": expected}


def recording(name: str, expr: str, **labels: str) -> Json:
    """A recording rule."""
    return {"record": name, "expr": expr, "labels": labels}


def group(*rules: Json, name: str = "shop", interval: str = "30s") -> Json:
    """A group of rules."""
    return {"name": name, "interval": interval, "rules": list(rules)}


def rules(*groups: Json) -> Json:
    """A rule file."""
    return {"groups": list(groups)}


def source(kind: str, **changes: Any) -> Json:
    """A datasource."""
    return {"name": f"Market {kind}", "uid": f"market-{kind}", "type": kind, **changes}


def sources(*entries: Json) -> Json:
    """A provisioning file: by default one datasource a kind."""
    kinds = ("prometheus", "loki", "jaeger", "alertmanager")
    return {"apiVersion": 1, "datasources": list(entries or map(source, kinds))}


def in_panel(expr: str) -> Files:
    """A tree with one query in a panel."""
    return {DASHBOARD: dashboard(panel(expr), annotations={"list": []})}


def in_rule(expr: str) -> Files:
    """A tree with one alert."""
    return {RULES: rules(group(alert(expr=expr)))}


def fault(check: str, expr: str, word: str, reason: str, remedy: str) -> Finding:
    """What is found in the query of such a tree, with the caret under a word of it."""
    of_rule = "$" not in expr
    start = expr.index(word)
    return Finding(
        check,
        RULES if of_rule else DASHBOARD,
        "alert HighErrorRatio in group shop" if of_rule else "panel 1 'Requests', query A",
        reason,
        remedy,
        expr,
        start,
        start + len(word),
    )
