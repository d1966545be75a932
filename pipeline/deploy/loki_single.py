"""Loki's configuration for one machine: a single process that keeps everything in a folder.

Its rules are read from generated/loki/rules, which is mounted. Loki is to be started with
``-config.expand-env=true``; ``LOKI_DATA`` and ``LOKI_RULES`` are where both folders are.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from catalog.model import Catalog
from catalog.platform import Environment
from pipeline.deploy import loki

Json = dict[str, Any]

_DATA = "${LOKI_DATA:-/var/loki}"
_RULES = "${LOKI_RULES:-/etc/loki/rules}"
#: Before any line that is kept. A single server's folder is not migrated.
_SINCE = "2024-01-01"
#: Loki's own port for its replicas and for what it asks itself.
_GRPC = 9095
_THIS_MACHINE = frozenset({"127.0.0.1", "localhost"})


def configuration(catalog: Catalog, environment: Environment, release: str) -> Json:
    """loki.yaml of a release in an environment."""
    address = urlsplit(environment.addresses["loki"])
    component = catalog.platform.components["loki"]
    host = "127.0.0.1" if address.hostname in _THIS_MACHINE else None
    server = loki.Server(
        catalog,
        environment,
        release,
        "filesystem",
        _DATA,
        _caches(catalog, environment, host),
    )
    store = "tsdb" if server.is_new else "boltdb-shipper"
    results, chunks, index = loki.caches(server)
    return {
        "auth_enabled": environment.auth_enabled,
        "server": loki.server(
            address.port or component.ports["http"], component.ports.get("grpc", _GRPC), host
        ),
        "common": {
            "path_prefix": _DATA,
            "replication_factor": 1,
            "ring": {"kvstore": {"store": "inmemory"}},
            **({"instance_addr": host} if host else {}),
        },
        "schema_config": loki.schema(server, (_SINCE, store)),
        "storage_config": {
            "filesystem": {"directory": f"{_DATA}/chunks"},
            **index,
            **loki.shippers(server, store),
        },
        "chunk_store_config": chunks,
        "ingester": loki.ingester(server),
        "limits_config": loki.limits_config(server),
        **loki.querying(server),
        "query_range": {"align_queries_with_step": True, **results},
        "compactor": loki.compactor(server),
        "ruler": loki.ruler(
            server, {"type": "local", "local": {"directory": _RULES}}, shared=False
        ),
        "analytics": {"reporting_enabled": False},
    }


def _caches(catalog: Catalog, environment: Environment, host: str | None) -> str | None:
    """Memcached beside it, or under its own name as compose gives it."""
    memcached = catalog.platform.components.get("memcached")
    if memcached is None or "memcache" not in memcached.ports:
        return None
    return f"{host or 'memcached'}:{memcached.ports['memcache']}"
