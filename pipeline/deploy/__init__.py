"""Loki, what it keeps its things in and who may reach it: its configurations and manifests."""
