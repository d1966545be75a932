"""The small catalog with a deployment, to be spoilt by one edit at a time."""

from __future__ import annotations

from pathlib import Path

from tests.catalog.editable import PLATFORM, EditableCatalog

DEPLOYMENT = "deployment.yaml"
_FACTS = """environment: here
trees:
  - id: current
    title: Current
    kubernetes: "1.33"
    loki: "3.8"
    agent: alloy 1
    external_secrets: external-secrets.io/v1
    source: seed
images:
  loki: registry.example/loki
  memcached: registry.example/memcached:1.6
  memcached_exporter: registry.example/exporter:v1
  source: seed
loki:
  volume: 20Gi
  requests: {cpu: 250m, memory: 512Mi}
  limits: {cpu: "3", memory: 2Gi}
  user: 500
  gossip_port: 7000
  source: seed
memcached:
  cache: 240Mi
  requests: {cpu: 10m, memory: 240Mi}
  limits: {cpu: 20m, memory: 240Mi}
  user: 600
  item: 2Mi
  exporter: {requests: {cpu: 1m, memory: 8Mi}, limits: {cpu: 2m, memory: 16Mi}, user: 700}
  source: seed
storage_class:
  {name: disks, provisioner: disks.example, type: spinning, iops: 1, encrypted: false, source: seed}
object_store:
  region: here
  chunks: lines
  ruler: rules
  endpoint: http://store.example:9000
  port: 9000
  ranges: [192.0.2.0/24]
  source: seed
index:
  boltdb_since: "2020-01-01"
  tsdb_since: "2021-01-01"
  migrating: false
  period: 24h
  source: seed
chunks: {idle: 5m, age: 2h, cached: 30m, source: seed}
secrets:
  store: {kind: SecretStore, name: vault}
  refresh: 2h
  object_store: {name: keys, remote: market/keys, keys: [user, word]}
  api_token: {name: token, remote: market/token, keys: [token]}
  source: seed
load_balancer:
  source_ranges: [198.51.100.0/24]
  annotations: {example.com/internal: "yes"}
  source: seed
tracing: {address: http://jaeger.shops.svc, ports: {otlp_http: 4318}, sampled: 0.5, source: seed}
pod_network: {ranges: [10.1.0.0/16], source: seed}
peers:
  alertmanager: {namespace: watch, labels: {run: alerts}}
  grafana: {namespace: watch, labels: {run: grafana}}
  jaeger: {namespace: watch, labels: {run: jaeger}}
  prometheus: {namespace: watch, labels: {run: prometheus}}
  dns: {namespace: system, labels: {run: names}}
  source: seed
mounts:
  dashboard_label: shown
  folder_annotation: in
  rule_labels: {watched: "yes"}
  source: seed
growth: {queries_per_second: 20, source: seed}
api_server: {ports: [6443], ranges: [203.0.113.1/32], source: seed}
"""


def deployed(folder: Path) -> EditableCatalog:
    """The catalog; its platform has a Loki that a Service of Kubernetes leads to."""
    catalog = EditableCatalog(folder)
    catalog.edit(PLATFORM, "loki: http://localhost:3100", "loki: http://logs.shops.svc:3100")
    catalog.edit(
        PLATFORM,
        "ports: {http: 3100}, metrics_port: 3100",
        "ports: {http: 3100, grpc: 3101}, metrics_port: 3100",
    )
    catalog.edit(PLATFORM, "ports: {memcache: 11211}", "ports: {memcache: 11211, exporter: 9150}")
    catalog.write(DEPLOYMENT, _FACTS)
    return catalog
