"""Grafana datasources and provisioning, generated from the catalog."""
