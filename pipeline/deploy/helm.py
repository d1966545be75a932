"""Values for two Helm charts, for those who outgrow three replicas of one process.

``loki`` (6.x) in its distributed mode keeps the limits, the retention and the rulers of the
newest tree; ``mimir-distributed`` (5.x and 6.x) keeps metrics beyond one Prometheus. No value
of either is a credential: both read S3's from the Secret that the manifests name.
"""

from __future__ import annotations

from typing import Any

from catalog.deployment import ObjectStore, Secret
from pipeline.deploy import limits, sizing
from pipeline.deploy.loki import duration
from pipeline.deploy.loki_cluster import configuration
from pipeline.deploy.target import Target

Json = dict[str, Any]

#: Of our own configuration, what the chart does not make itself.
_KEPT = ("limits_config", "compactor", "frontend", "query_scheduler", "ruler", "tracing")
#: Parts of the chart that other modes run.
_OTHER_MODES = ("singleBinary", "read", "write", "backend")


def loki_values(target: Target) -> Json:
    """Values of the chart ``loki`` in ``deploymentMode: Distributed``."""
    deployment, config = target.deployment, configuration(target)
    store = deployment.object_store
    parts = sizing.loki_parts(target.catalog)
    kept = {key: config[key] for key in _KEPT if key in config}
    ingester = {key: value for key, value in config["ingester"].items() if key != "wal"}
    # Here the sizes follow from the limit of all distributors together.
    kept["limits_config"] = {**kept["limits_config"], "ingestion_rate_strategy": "global"}
    return {
        "deploymentMode": "Distributed",
        "global": {"extraEnv": _credentials(deployment.secrets.object_store)},
        "loki": {
            "image": {"tag": target.tree.loki},
            "auth_enabled": target.environment.auth_enabled,
            "schemaConfig": config["schema_config"],
            "storage": {
                "type": "s3",
                "bucketNames": {"chunks": store.chunks, "ruler": store.ruler},
                "s3": _s3(store),
            },
            "structuredConfig": {**kept, "ingester": ingester},
        },
        **{name: _part(part) for name, part in parts.items() if name != "ingester"},
        "ingester": {
            **_part(parts["ingester"]),
            "persistence": {
                "enabled": True,
                "claims": [
                    {
                        "name": "data",
                        "accessModes": ["ReadWriteOnce"],
                        "size": deployment.loki.volume,
                        "storageClass": deployment.storage_class.name,
                    }
                ],
            },
        },
        **{name: {"replicas": 0} for name in _OTHER_MODES},
        **_caches(target),
        "minio": {"enabled": False},
        "lokiCanary": {"enabled": False},
        "test": {"enabled": False},
    }


def mimir_values(target: Target) -> Json:
    """Values of the chart ``mimir-distributed``."""
    deployment, catalog = target.deployment, target.catalog
    parts = sizing.mimir_parts(catalog, deployment.growth.queries_per_second)
    store = deployment.object_store
    return {
        "global": {"extraEnv": _credentials(deployment.secrets.object_store)},
        "minio": {"enabled": False},
        "mimir": {
            "structuredConfig": {
                "multitenancy_enabled": target.environment.auth_enabled,
                "common": {"storage": {"backend": "s3", "s3": _mimir_s3(store)}},
                **{
                    f"{name}_storage": {"s3": {"bucket_name": f"{target.catalog.prefix}-{bucket}"}}
                    for name, bucket in (("blocks", "mimir-blocks"), ("ruler", "mimir-ruler"))
                },
                "limits": {
                    "compactor_blocks_retention_period": duration(
                        catalog.platform.retention.metrics
                    ),
                    "max_global_series_per_user": 2 * sizing.active_series(catalog),
                },
                "ruler": {
                    "alertmanager_url": target.environment.addresses["alertmanager"],
                    "evaluation_interval": duration(catalog.platform.scrape.evaluation),
                },
            }
        },
        **{name: _with_volume(part, deployment.storage_class.name) for name, part in parts.items()},
        # Alerts go to the Alertmanager that there is.
        "alertmanager": {"enabled": False},
    }


def _part(part: sizing.Part) -> Json:
    asked = {"cpu": f"{round(part.cpu * 1000)}m", "memory": f"{round(part.memory * 1024)}Mi"}
    return {
        "replicas": part.replicas,
        "resources": {"requests": asked, "limits": {"memory": asked["memory"]}},
    }


def _with_volume(part: sizing.Part, storage_class: str) -> Json:
    if not part.disk:
        return _part(part)
    volume = {"enabled": True, "size": f"{part.disk}Gi", "storageClass": storage_class}
    return {**_part(part), "persistentVolume": volume}


def _credentials(secret: Secret) -> list[Json]:
    variables = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    return [
        {"name": name, "valueFrom": {"secretKeyRef": {"name": secret.name, "key": key}}}
        for name, key in zip(variables, secret.keys, strict=True)
    ]


def _s3(store: ObjectStore) -> Json:
    found: Json = {"region": store.region}
    if store.endpoint:
        found |= {
            "endpoint": store.endpoint,
            "s3ForcePathStyle": True,
            "insecure": store.endpoint.startswith("http:"),
        }
    return found


def _mimir_s3(store: ObjectStore) -> Json:
    """Mimir wants a host without a scheme."""
    host = (store.endpoint or f"https://s3.{store.region}.amazonaws.com").partition("://")[2]
    found: Json = {"endpoint": host, "region": store.region}
    if store.endpoint and store.endpoint.startswith("http:"):
        found["insecure"] = True
    return found


def _caches(target: Target) -> Json:
    """As large as the manifests' own, each; the chart adds what a process needs beside."""
    memcached = target.deployment.memcached
    if memcached is None:
        return {name: {"enabled": False} for name in ("chunksCache", "resultsCache")}
    valid = duration(target.deployment.chunks.cached)
    return {
        name: {
            "enabled": True,
            "replicas": target.replicas("memcached"),
            "allocatedMemory": limits.cache_mebibytes(memcached.cache),
            "defaultValidity": valid,
        }
        for name in ("chunksCache", "resultsCache")
    }
