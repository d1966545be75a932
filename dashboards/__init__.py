"""Grafana dashboards, generated from the catalog."""
