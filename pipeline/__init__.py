"""The configuration of the servers that logs and metrics pass through."""
