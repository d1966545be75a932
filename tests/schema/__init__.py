"""Type-check of the generated dashboards against Grafana's newest schema.

It stands in for a Grafana 13 where none can be run: what the schema's types refuse, that Grafana
would drop, migrate or fail on.
"""
