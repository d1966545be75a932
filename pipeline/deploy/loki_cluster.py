"""Loki's configuration in Kubernetes: replicas in a ring, S3 behind them, Memcached before it.

It holds no credential: the client of S3 takes them from the container's environment.
"""

from __future__ import annotations

from typing import Any

from catalog.deployment import ObjectStore
from pipeline.deploy import limits, loki
from pipeline.deploy.target import Target

Json = dict[str, Any]

DATA = "/var/loki"
#: Copies of each line, as long as there are as many replicas.
_COPIES = 3


def configuration(target: Target) -> Json:
    """loki.yaml of the tree's release."""
    deployment, component = target.deployment, target.component("loki")
    server = _server(target)
    periods = _periods(target)
    results, chunks, index = loki.caches(server)
    shared = target.replicas("loki") > 1
    return {
        "auth_enabled": target.environment.auth_enabled,
        "server": loki.server(component.ports["http"], component.ports["grpc"]),
        "common": {
            "path_prefix": DATA,
            "replication_factor": min(_COPIES, target.replicas("loki")),
            "ring": {"kvstore": {"store": "memberlist" if shared else "inmemory"}},
        },
        **(_gossip(target) if shared else {}),
        "schema_config": loki.schema(server, *periods),
        "storage_config": {
            "aws": s3(deployment.object_store, deployment.object_store.chunks),
            **index,
            **loki.shippers(server, *(store for _, store in periods)),
        },
        "chunk_store_config": chunks,
        "ingester": loki.ingester(server, limits.replay_ceiling(deployment.loki.limits.memory)),
        "limits_config": loki.limits_config(server),
        **loki.querying(server, limits.concurrent_queries(deployment.loki.limits.cpu)),
        "query_range": {
            "align_queries_with_step": True,
            "parallelise_shardable_queries": True,
            **results,
        },
        "compactor": loki.compactor(server),
        "ruler": loki.ruler(
            server,
            {"type": "s3", "s3": s3(deployment.object_store, deployment.object_store.ruler)},
            shared=shared,
        ),
        **({"tracing": {"enabled": True}} if deployment.tracing else {}),
        "analytics": {"reporting_enabled": False},
    }


def headless(target: Target) -> str:
    """The Service that has an address for each replica, ready or not."""
    return f"{target.service}-headless"


def _server(target: Target) -> loki.Server:
    caches = None
    if target.deployment.memcached is not None:
        port = target.component("memcached").ports["memcache"]
        caches = f"dns+memcached.{target.domain}:{port}"
    return loki.Server(target.catalog, target.environment, target.tree.loki, "s3", DATA, caches)


def _periods(target: Target) -> tuple[tuple[str, str], ...]:
    """The older release has the older index alone, until it is told of the day it moves on."""
    index = target.deployment.index
    older, newer = (index.boltdb_since, "boltdb-shipper"), (index.tsdb_since, "tsdb")
    both = target.tree.has_structured_metadata or index.migrating
    return (older, newer) if both else (older,)


def _gossip(target: Target) -> Json:
    port = target.deployment.loki.gossip_port
    return {
        "memberlist": {
            "bind_port": port,
            # What the others are told; its default is 7946, whatever it listens on.
            "advertise_port": port,
            "join_members": [f"{headless(target)}.{target.domain}:{port}"],
        }
    }


def s3(store: ObjectStore, bucket: str) -> Json:
    """A bucket; one that is not Amazon's goes by its path, not by a host's name."""
    found: Json = {"bucketnames": bucket, "region": store.region}
    if store.endpoint:
        found |= {
            "endpoint": store.endpoint,
            "s3forcepathstyle": True,
            "insecure": store.endpoint.startswith("http:"),
        }
    return found
