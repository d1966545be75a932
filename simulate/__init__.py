"""Telemetry of the catalog's services, made up: what dashboards and rules are tried on."""
