"""The stories that prove the alerts, one module an area; each has a ``PROOFS`` by alert name."""
