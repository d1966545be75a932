"""Incidents as data, told to the burn alerts that ship by a real Prometheus."""
