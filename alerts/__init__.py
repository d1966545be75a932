"""Prometheus, Loki and Alertmanager rules, generated from the catalog."""
