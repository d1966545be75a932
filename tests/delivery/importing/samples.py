"""Small dashboards, made up for these tests."""

from __future__ import annotations

PROMETHEUS = {"type": "prometheus", "uid": "neurectomy-prometheus"}
LOKI = {"type": "loki", "uid": "neurectomy-loki"}
GRID = {"x": 0, "y": 0, "w": 12, "h": 8}


def panel(**more: object) -> dict:
    """A panel of today that asks Prometheus one thing."""
    return {
        "id": 1,
        "type": "timeseries",
        "title": "Boats",
        "gridPos": GRID,
        "datasource": PROMETHEUS,
        "targets": [{"refId": "A", "expr": "sum(rate(boats_total[5m]))", "datasource": PROMETHEUS}],
        **more,
    }


def dashboard(*panels: dict, **more: object) -> dict:
    """A dashboard of today that carries our mark."""
    return {
        "uid": "harbour",
        "title": "Harbour",
        "tags": ["neurectomy"],
        "schemaVersion": 41,
        "time": {"from": "now-6h", "to": "now"},
        "panels": list(panels),
        **more,
    }


def old(*panels: dict, **more: object) -> dict:
    """The same as Grafana 4 kept it: rows, and names for datasources."""
    return {
        "uid": "harbour",
        "title": "Harbour",
        "tags": ["neurectomy"],
        "schemaVersion": 14,
        "rows": [{"title": "Boats", "height": "250px", "panels": list(panels)}],
        **more,
    }
