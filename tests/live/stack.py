"""The demo's stack under the names that the live tests use, and a Loki of their own.

That Loki takes everything at once and keeps nothing for long: tests of one server want no limits.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from delivery.demo.jaeger import jaeger_config
from delivery.demo.plan import Plan, found
from delivery.demo.ports import HOST, free_port
from delivery.demo.runner import Runner
from delivery.demo.servers import Server
from delivery.demo.shipped import build
from delivery.demo.stack import Stack
from delivery.places import ROOT

__all__ = ["ROOT", "Plan", "Runner", "Stack", "build", "found", "jaeger_config", "loki_config"]

Json = dict[str, Any]


def loki_config(
    folder: Path,
    server: Server,
    *,
    port: int,
    rules: Json,
    alertmanager: str = "",
    remote_write: str = "",
) -> Path:
    """A single Loki with all of its state in the folder; returns its configuration file."""
    folder.mkdir(parents=True, exist_ok=True)
    ruler: Json = {
        "enable_api": True,
        "rule_path": str(folder / "scratch"),
        "storage": rules,
        "ring": {"kvstore": {"store": "inmemory"}},
        "wal": {"dir": str(folder / "ruler-wal")},
        "evaluation_interval": "30s",
    }
    if alertmanager:
        ruler |= {"alertmanager_url": alertmanager, "enable_alertmanager_v2": True}
    if remote_write:
        url = f"{remote_write}/api/v1/write"
        ruler["remote_write"] = {"enabled": True, "clients": {"prometheus": {"url": url}}}
    config: Json = {
        "auth_enabled": False,
        "analytics": {"reporting_enabled": False},
        "server": {
            "http_listen_address": HOST,
            "http_listen_port": port,
            "grpc_listen_address": HOST,
            "grpc_listen_port": free_port(),
            "log_level": "warn",
        },
        "common": {
            "instance_addr": HOST,
            "path_prefix": str(folder),
            "replication_factor": 1,
            "storage": {
                "filesystem": {
                    "chunks_directory": str(folder / "chunks"),
                    "rules_directory": str(folder / "rules"),
                }
            },
            "ring": {"kvstore": {"store": "inmemory"}},
        },
        "schema_config": {
            "configs": [
                {
                    "from": "2024-01-01",
                    "store": "tsdb",
                    "object_store": "filesystem",
                    "schema": "v13" if server.version >= (3,) else "v12",
                    "index": {"prefix": "index_", "period": "24h"},
                }
            ]
        },
        "ingester": {"wal": {"enabled": False}},
        "limits_config": {
            "ingestion_rate_mb": 64,
            "ingestion_burst_size_mb": 128,
            "per_stream_rate_limit": "64MB",
            "per_stream_rate_limit_burst": "128MB",
            "volume_enabled": True,
        },
        "ruler": ruler,
    }
    if server.version >= (3,):
        config["limits_config"]["allow_structured_metadata"] = True
    path = folder / "loki.yaml"
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    return path
