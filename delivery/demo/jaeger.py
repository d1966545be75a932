"""Jaeger, all in memory; spans are counted by service and, of a call, by whom it asks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from delivery.demo.ports import HOST, free_port

Json = dict[str, Any]

#: Of about 5 KB each in memory; the oldest give way.
MAX_TRACES = 200_000
#: Jaeger would send its own spans to whoever listens at OTLP's default port.
VARIABLES = {"OTEL_TRACES_SAMPLER": "always_off"}


def jaeger_config(
    folder: Path,
    url: str,
    otlp: str,
    metrics: int,
    spans: int,
    *,
    inner: tuple[int, int] | None = None,
) -> Path:
    """On the loopback address; returns the configuration file.

    ``metrics`` is the port of its own metrics, ``spans`` of what it counts of the spans; ``inner``
    are two that nobody here asks, for gRPC and its health, any that are free if none are given.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "jaeger.yaml"
    settings = _settings(url, otlp, metrics, spans, inner or (free_port(), free_port()))
    path.write_text(yaml.safe_dump(settings, sort_keys=False))
    return path


def _settings(url: str, otlp: str, metrics: int, spans: int, inner: tuple[int, int]) -> Json:
    grpc, health = inner
    return {
        "service": _service(metrics),
        "extensions": {
            "healthcheckv2": {
                "use_v2": True,
                "http": {"endpoint": f"{HOST}:{health}"},
            },
            "jaeger_query": {
                "storage": {"traces": "memory"},
                "http": {"endpoint": url.removeprefix("http://")},
                "grpc": {"endpoint": f"{HOST}:{grpc}"},
            },
            "jaeger_storage": {"backends": {"memory": {"memory": {"max_traces": MAX_TRACES}}}},
        },
        "receivers": {"otlp": {"protocols": {"http": {"endpoint": otlp.removeprefix("http://")}}}},
        "processors": {"batch": {}},
        "connectors": {
            "span_metrics": {
                "dimensions": [{"name": "peer.service"}],
                "metrics_flush_interval": "5s",
            }
        },
        "exporters": {
            "jaeger_storage_exporter": {"trace_storage": "memory"},
            "prometheus": {"endpoint": f"{HOST}:{spans}"},
        },
    }


def _service(metrics: int) -> Json:
    reader = {"pull": {"exporter": {"prometheus": {"host": HOST, "port": metrics}}}}
    return {
        "extensions": ["jaeger_storage", "jaeger_query", "healthcheckv2"],
        "pipelines": {
            "traces": {
                "receivers": ["otlp"],
                "processors": ["batch"],
                "exporters": ["jaeger_storage_exporter", "span_metrics"],
            },
            "metrics/spans": {"receivers": ["span_metrics"], "exporters": ["prometheus"]},
        },
        "telemetry": {
            "resource": {"service.name": "jaeger"},
            "metrics": {"level": "detailed", "readers": [reader]},
            "logs": {"level": "info"},
        },
    }
