"""Loki's configuration: what is the same wherever it runs, in both releases' words.

Loki 3 no longer knows ``shared_store``, wants to be told where it keeps requests to delete, and
keeps fields beside the line. Durations are in hours, minutes and seconds: most of Loki's settings
are read by Go, which has no days.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog import names
from catalog.model import Catalog
from catalog.platform import Environment
from pipeline.deploy import limits

Json = dict[str, Any]

#: A query that takes longer is given up. The server closes a connection later than that, or
#: nobody would read why; its default of 30 s is shorter.
_QUERY_SECONDS = 60
_ANSWER_SECONDS = 75
#: Series and lines that one query may return, and the hours that it is split into: Loki's own.
_SERIES, _LINES, _SPLIT_SECONDS = 500, 5000, 3600
#: Requests that may wait. Split by the hour a query of a month is 720, and 2.9 takes 100.
_WAITING = 2048
#: How long deleted chunks are still there for queries that are under way: Loki's own.
_DELETE_DELAY_SECONDS = 7200


@dataclass(frozen=True, slots=True)
class Server:
    """A Loki to be configured: of which release, where, and where it keeps things.

    ``store`` is what its object store is called (``s3``, ``filesystem``), ``data`` its folder,
    ``caches`` the addresses of Memcached or none.
    """

    catalog: Catalog
    environment: Environment
    release: str
    store: str
    data: str
    caches: str | None

    @property
    def is_new(self) -> bool:
        """Whether it is a 3.x: index tsdb, schema v13, structured metadata."""
        return int(self.release.partition(".")[0]) >= 3


def duration(seconds: float) -> str:
    """As Go reads it: ``720h``, ``90m``, ``15s``, ``750ms``."""
    milliseconds = round(seconds * 1000)
    for size, unit in ((3_600_000, "h"), (60_000, "m"), (1000, "s")):
        if milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms"


def server(http: int, grpc: int, host: str | None = None) -> Json:
    """Ports, time limits and its own log, one JSON object a line."""
    where = {"http_listen_address": host, "grpc_listen_address": host} if host else {}
    return {
        **where,
        "http_listen_port": http,
        "grpc_listen_port": grpc,
        "http_server_read_timeout": duration(_ANSWER_SECONDS),
        "http_server_write_timeout": duration(_ANSWER_SECONDS),
        "log_format": "json",
        "log_level": "info",
    }


def limits_config(loki: Server) -> Json:
    """The catalog's limits in bytes, each distributor's own as the catalog says, and retention.

    What Loki 3 would add to every stream by guessing, a service's name and a level, is a label of
    every stream already. A stream that is written quickly is not divided, as Loki 3 would from
    1.5 MB/s on: an agent that was killed and catches up is quick, and what it sends a second time
    would be in another stream than the first, where Loki never finds the two alike.
    """
    catalog, declared = loki.catalog, loki.catalog.platform.limits
    longest = limits.longest_retention(catalog)
    found: Json = {
        "ingestion_rate_strategy": "local",
        "ingestion_rate_mb": limits.ingestion_rate_mb(catalog),
        "ingestion_burst_size_mb": limits.ingestion_burst_mb(catalog),
        "per_stream_rate_limit": f"{limits.stream_rate_bytes(catalog)}B",
        "per_stream_rate_limit_burst": f"{limits.stream_burst_bytes(catalog)}B",
        "shard_streams": {"enabled": False},
        "max_global_streams_per_user": declared.streams,
        "max_label_names_per_series": declared.labels_per_stream,
        "max_query_series": _SERIES,
        "max_entries_limit_per_query": _LINES,
        "max_query_length": duration(longest + 3600),
        "max_query_lookback": duration(longest),
        "query_timeout": duration(_QUERY_SECONDS),
        "split_queries_by_interval": duration(_SPLIT_SECONDS),
        "volume_enabled": True,
        **_retention(catalog),
    }
    if loki.is_new:
        found["allow_structured_metadata"] = True
        found |= {"discover_service_name": [], "discover_log_levels": False}
    return found


def _retention(catalog: Catalog) -> Json:
    """Of several rules that a stream matches, Loki takes the one of the highest priority."""
    retention = catalog.platform.retention
    rules = retention.log_overrides
    return {
        "retention_period": duration(retention.logs),
        "retention_stream": [
            {
                "selector": _selector(rule.match),
                "priority": len(rules) - index,
                "period": duration(rule.keep),
            }
            for index, rule in enumerate(rules)
        ],
    }


def _selector(match: Mapping[str, str]) -> str:
    pairs = (f"{label}={json.dumps(value, ensure_ascii=False)}" for label, value in match.items())
    return f"{{{', '.join(pairs)}}}"


def compactor(loki: Server) -> Json:
    """It enforces retention; a table manager does so for no index that we use."""
    return {
        "working_directory": f"{loki.data}/compactor",
        **({"delete_request_store": loki.store} if loki.is_new else {"shared_store": loki.store}),
        "compaction_interval": "10m",
        "retention_enabled": True,
        "retention_delete_delay": duration(_DELETE_DELAY_SECONDS),
    }


def ingester(loki: Server, replay_ceiling: str | None = None) -> Json:
    """How long lines are collected, packed by snappy and kept in the write-ahead log until then.

    2.9.4 stores all it has when it is ended. What came after it has read its log once is taken for
    known when the log is read again (grafana/loki#14848), by a 3.x too: an upgrade would lose it.
    """
    deployment = loki.catalog.deployment
    kept: Json = {}
    if deployment is not None:
        kept = {
            "chunk_idle_period": duration(deployment.chunks.idle),
            "max_chunk_age": duration(deployment.chunks.age),
            # Longer than a lookup in the index is remembered: until then, nothing in the store
            # leads to what has just been stored.
            "chunk_retain_period": duration(2 * deployment.chunks.idle),
        }
    return {
        **kept,
        "chunk_encoding": "snappy",
        "wal": {
            "enabled": True,
            "dir": f"{loki.data}/wal",
            **({} if loki.is_new else {"flush_on_shutdown": True}),
            **({"replay_memory_ceiling": replay_ceiling} if replay_ceiling else {}),
        },
    }


def schema(loki: Server, *periods: tuple[str, str]) -> Json:
    """From which day on which index: ``(day, boltdb-shipper | tsdb)`` each."""
    versions = {"boltdb-shipper": "v12", "tsdb": "v13"}
    return {
        "configs": [
            {
                "from": since,
                "store": store,
                "object_store": loki.store,
                "schema": versions[store],
                "index": {"prefix": f"{store.partition('-')[0]}_index_", "period": "24h"},
            }
            for since, store in periods
        ]
    }


def shippers(loki: Server, *stores: str) -> Json:
    """Where each index is written before it is stored, and kept after it was read."""
    return {
        f"{store.partition('-')[0]}_shipper": {
            "active_index_directory": f"{loki.data}/{store}-index",
            "cache_location": f"{loki.data}/{store}-cache",
            "cache_ttl": "24h",
            **({} if loki.is_new else {"shared_store": loki.store}),
        }
        for store in stores
    }


def caches(loki: Server) -> tuple[Json, Json, Json]:
    """What stands in ``query_range``, ``chunk_store_config`` and ``storage_config`` of caches.

    The cache of index lookups is boltdb-shipper's; what tsdb is asked is among the results.
    """
    found = _cache(loki)
    if found is None:
        return {}, {}, {}
    newer = ("volume", "series", "label", "instant_metric") if loki.is_new else ()
    results: Json = {}
    for kind in ("index_stats", *newer):
        results[f"cache_{kind}_results"] = True
        # Left out, it is that of the results; 2.9 then registers its metrics twice, and ends.
        results[f"{kind}_results_cache"] = {"cache": found}
    return (
        {"cache_results": True, "results_cache": {"cache": found}, **results},
        {"chunk_cache_config": found},
        {"index_queries_cache_config": found, **_of_today(loki)},
    )


def _of_today(loki: Server) -> Json:
    """How long a lookup in the index of today holds: no longer than until lines are stored."""
    deployment = loki.catalog.deployment
    return {"index_cache_validity": duration(deployment.chunks.idle)} if deployment else {}


def _cache(loki: Server) -> Json | None:
    if loki.caches is None:
        return None
    deployment = loki.catalog.deployment
    kept = {"expiration": duration(deployment.chunks.cached)} if deployment else {}
    valid = {"default_validity": duration(deployment.chunks.cached)} if deployment else {}
    client: Json = {"addresses": loki.caches, "consistent_hash": True, "timeout": "500ms"}
    return {**valid, "memcached": {**kept, "batch_size": 256}, "memcached_client": client}


def querying(loki: Server, concurrent: int | None = None) -> Json:
    """How queries are split, kept waiting, and written to the log with their statistics."""
    slow = loki.catalog.platform.thresholds.query_p99_seconds
    return {
        "querier": {"max_concurrent": concurrent} if concurrent else {},
        "query_scheduler": {"max_outstanding_requests_per_tenant": _WAITING},
        "frontend": {
            "log_queries_longer_than": duration(slow),
            "query_stats_enabled": True,
            "compress_responses": True,
            "max_outstanding_per_tenant": _WAITING,
        },
    }


def ruler(loki: Server, storage: Json, *, shared: bool) -> Json:
    """Alerts to Alertmanager, what is recorded to Prometheus; ``shared`` among replicas.

    Only its own tenant's rules: the folder of rules holds those of every environment.
    """
    environment, platform = loki.environment, loki.catalog.platform
    addresses = environment.addresses
    remote = f"{addresses['prometheus']}/api/v1/write"
    return {
        "enable_api": True,
        "enabled_tenants": environment.tenant,
        "storage": storage,
        "rule_path": f"{loki.data}/rules-scratch",
        "evaluation_interval": duration(platform.scrape.evaluation),
        "alertmanager_url": addresses["alertmanager"],
        "enable_alertmanager_v2": True,
        "external_url": platform.links.grafana_url,
        "datasource_uid": names.datasource_uid(loki.catalog.prefix, "loki"),
        "query_stats_enabled": True,
        "wal": {"dir": f"{loki.data}/ruler-wal"},
        "remote_write": {"enabled": True, "clients": {"prometheus": {"url": remote}}},
        **({"enable_sharding": True} if shared else {}),
    }
