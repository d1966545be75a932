"""A small dashboard that the schema takes as it is, for tests to break in one place."""

from tests.schema.typescript import Json

PROMETHEUS: Json = {"type": "prometheus", "uid": "prometheus"}
LOKI: Json = {"type": "loki", "uid": "loki"}


def sample() -> dict[str, Json]:
    """A fresh one, of two panels, of which the second lies in a row."""
    return {
        "uid": "sample",
        "title": "Sample",
        "schemaVersion": 41,
        "annotations": {"list": [deploys()]},
        "templating": {"list": [service()]},
        "panels": [
            requests(),
            {"id": 2, "type": "row", "title": "Lines", "collapsed": True, "panels": [lines()]},
        ],
    }


def requests() -> dict[str, Json]:
    """A graph over Prometheus with one override."""
    return {
        "id": 1,
        "type": "timeseries",
        "title": "Requests",
        "gridPos": {"h": 8, "w": 24, "x": 0, "y": 0},
        "datasource": PROMETHEUS,
        "targets": [{"refId": "A", "expr": "up", "legendFormat": "{{job}}"}],
        "options": {
            "legend": {"calcs": [], "placement": "bottom", "showLegend": True},
            "tooltip": {"mode": "multi", "sort": "desc"},
        },
        "fieldConfig": {
            "defaults": {"unit": "reqps", "custom": {"drawStyle": "line", "barAlignment": -1}},
            "overrides": [
                {
                    "matcher": {"id": "byName", "options": "down"},
                    "properties": [{"id": "custom.lineWidth", "value": 2}],
                }
            ],
        },
        "transformations": [{"id": "organize", "options": {}}],
    }


def lines() -> dict[str, Json]:
    """The lines of a log."""
    return {
        "id": 3,
        "type": "logs",
        "title": "Lines",
        "datasource": LOKI,
        "targets": [{"refId": "A", "expr": '{job="x"}', "queryType": "range"}],
        "options": {
            "dedupStrategy": "none",
            "enableLogDetails": True,
            "prettifyLogMessage": False,
            "showCommonLabels": False,
            "showLabels": False,
            "showLogContextToggle": False,
            "showTime": True,
            "sortOrder": "Descending",
            "wrapLogMessage": False,
        },
    }


def service() -> dict[str, Json]:
    """A variable that asks Prometheus for its values."""
    return {
        "type": "query",
        "name": "service",
        "datasource": PROMETHEUS,
        "query": {"query": "label_values(up, job)", "refId": "service"},
        "refresh": 2,
    }


def deploys() -> dict[str, Json]:
    """An annotation that Loki is asked for."""
    return {
        "name": "Deploys",
        "datasource": LOKI,
        "enable": True,
        "iconColor": "blue",
        "expr": '{job="deploys"}',
        "target": {"refId": "Anno", "expr": '{job="deploys"}'},
    }
