"""Which traces are kept: a configuration of the OpenTelemetry Collector, in two forms.

``gateway.yaml`` is a whole collector that stands before Jaeger. ``jaeger.yaml`` is laid over the
configuration of a Jaeger that receives the spans itself (``--config A --config B``), since Jaeger 2
is a collector: the same processors, one program and one hop less.

A trace is judged once it is whole, by what happened in it: a failed or a slow one is always kept,
of all others as many as the budget allows. Spans are counted before anything is thrown away, so
that rates, shares of errors and the graph of calls stay true (docs/dependencies.md).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from catalog.model import Catalog
from catalog.service import Service
from catalog.signals import Metric
from catalog.tracing import Sampling

Json = dict[str, Any]

FOLDER = "otel-collector"
#: What a span waits in its service before it is sent: OpenTelemetry's OTEL_BSP_SCHEDULE_DELAY
#: is 5,000 ms unless somebody sets it (specification, SDK environment variables).
_SENT_AFTER_SECONDS = 5
#: How often its slowest promise a request may take and still be judged whole.
_TIMES_THE_PROMISE = 2
#: Times the declared peak: what the log pipeline is held to as well (docs/demo.md).
_TIMES_THE_PEAK = 10
#: How long a decision is remembered, in lives of a trace in memory: a late span shares its fate.
_REMEMBERED = 10
#: The collector's own advice for a container of its own: refuse at 80 % of its memory, and
#: begin to at 20 points less.
_MEMORY = {"check_interval": "1s", "limit_percentage": 80, "spike_limit_percentage": 20}
_NANOSECONDS = 10**9
#: Where a collector tells its own metrics unless it is told otherwise.
_COLLECTOR_METRICS = 8888
#: It runs in a pod or a container of its own; elsewhere the variables say where.
_ANYWHERE = "0.0.0.0"  # noqa: S104


def configurations(catalog: Catalog) -> Iterator[tuple[str, Json]]:
    """Path and content of both; nothing where traces are not sampled."""
    traces = catalog.platform.traces
    if traces is not None:
        yield f"{FOLDER}/gateway.yaml", _gateway(catalog, traces.sampling)
        yield f"{FOLDER}/jaeger.yaml", _overlay(catalog, traces.sampling)


def promised_seconds(service: Service, otherwise: float) -> float:
    """How long the service may take by its strictest promise on requests, else ``otherwise``.

    Spans are of requests, so that a promise on what a log line measures says nothing of them.
    """
    of_requests = service.by_role("requests")
    bounds = [
        each.sli.threshold
        for each in service.objectives
        if _is_about(each.sli.metric, of_requests) and each.sli.type == "latency"
    ]
    return min((bound for bound in bounds if bound is not None), default=otherwise)


def _is_about(name: str | None, metric: Metric | None) -> bool:
    return metric is not None and metric.name == name and metric.unit == "seconds"


def promises(catalog: Catalog) -> Mapping[str, float]:
    """Each service's bound in seconds, above which its part makes a trace worth keeping."""
    otherwise = catalog.platform.thresholds.latency_p99_seconds
    return {each.id: promised_seconds(each, otherwise) for each in catalog.services}


def decision_wait_seconds(catalog: Catalog) -> int:
    """``2 x the loosest promise + 5 s``: from a trace's first span until it is judged.

    The root's span is sent last, up to 5 s after the request is over.
    """
    return math.ceil(_TIMES_THE_PROMISE * max(promises(catalog).values())) + _SENT_AFTER_SECONDS


def traces_per_second(catalog: Catalog, sampling: Sampling) -> float:
    """``lines a minute of all services / 60 / lines_per_trace``: the mean."""
    lines = sum(each.volume.lines_per_minute for each in catalog.services) / 60
    return lines / sampling.lines_per_trace


def peak_traces_per_second(catalog: Catalog, sampling: Sampling) -> float:
    """``peak lines a second of all services / lines_per_trace``."""
    lines = sum(each.volume.peak_lines_per_second for each in catalog.services)
    return lines / sampling.lines_per_trace


def kept_percent(catalog: Catalog, sampling: Sampling) -> float:
    """``100 x budget / (traces a second x spans per trace)``, at most 100, to two decimals.

    Rounded down: what is kept stays within the budget on an even day.
    """
    spans = traces_per_second(catalog, sampling) * sampling.spans_per_trace
    return min(100.0, math.floor(10_000 * sampling.spans_per_second / spans) / 100)


def traces_in_memory(catalog: Catalog, sampling: Sampling) -> int:
    """``10 x peak traces a second x decision_wait``; with more the oldest go unjudged."""
    peak = peak_traces_per_second(catalog, sampling)
    return math.ceil(_TIMES_THE_PEAK * peak * decision_wait_seconds(catalog))


def _tail_sampling(catalog: Catalog, sampling: Sampling) -> Json:
    held = traces_in_memory(catalog, sampling)
    return {
        "decision_wait": f"{decision_wait_seconds(catalog)}s",
        "num_traces": held,
        "expected_new_traces_per_sec": math.ceil(peak_traces_per_second(catalog, sampling)),
        "decision_cache": {
            "sampled_cache_size": _REMEMBERED * held,
            "non_sampled_cache_size": _REMEMBERED * held,
        },
        "policies": [
            {
                "name": "errors",
                "type": "status_code",
                "status_code": {"status_codes": ["ERROR"]},
            },
            *(_slow(service, seconds) for service, seconds in promises(catalog).items()),
            _rest(kept_percent(catalog, sampling), sampling.spans_per_second),
        ],
    }


def _slow(service: str, seconds: float) -> Json:
    """By the service's own span: a trace may last long because another one promises less."""
    own = f'kind == SPAN_KIND_SERVER and resource.attributes["service.name"] == "{service}"'
    late = f"end_time_unix_nano - start_time_unix_nano > {round(seconds * _NANOSECONDS)}"
    return {
        "name": f"slow-{service}",
        "type": "ottl_condition",
        "ottl_condition": {"error_mode": "ignore", "span": [f"{own} and {late}"]},
    }


def _rest(percent: float, spans_per_second: int) -> Json:
    """A share of what the policies above do not keep, and never more than the budget."""
    share = {
        "name": "share",
        "type": "probabilistic",
        "probabilistic": {"sampling_percentage": percent},
    }
    budget = {
        "name": "budget",
        "type": "rate_limiting",
        "rate_limiting": {"spans_per_second": spans_per_second},
    }
    return {"name": "rest", "type": "and", "and": {"and_sub_policy": [share, budget]}}


def _processors(catalog: Catalog, sampling: Sampling) -> Json:
    return {
        "memory_limiter": dict(_MEMORY),
        "tail_sampling": _tail_sampling(catalog, sampling),
        "batch": {},
    }


def _pipelines(counted: bool, exporter: str) -> Json:
    """All spans are counted; those of the traces that are kept go on."""
    return {
        "traces": {
            "receivers": ["otlp"],
            "processors": ["memory_limiter"],
            "exporters": [*(["span_metrics"] if counted else []), "forward"],
        },
        "traces/kept": {
            "receivers": ["forward"],
            "processors": ["tail_sampling", "batch"],
            "exporters": [exporter],
        },
    }


def _overlay(catalog: Catalog, sampling: Sampling) -> Json:
    """What is laid over a Jaeger that has ``otlp``, ``span_metrics`` and its storage already."""
    counted = catalog.span_metrics_port is not None
    return {
        "processors": _processors(catalog, sampling),
        "connectors": {"forward": {}},
        "service": {"pipelines": _pipelines(counted, "jaeger_storage_exporter")},
    }


def _gateway(catalog: Catalog, sampling: Sampling) -> Json:
    """Addresses are the environment's: it listens everywhere, unless a variable says where."""
    jaeger = catalog.platform.components["jaeger"]
    ports, counts = jaeger.ports, catalog.span_metrics_port
    pipelines = _pipelines(counts is not None, "otlp_grpc")
    connectors: Json = {"forward": {}}
    exporters: Json = {
        "otlp_grpc": {
            "endpoint": _variable("JAEGER_OTLP", f"jaeger:{ports['otlp_grpc']}"),
            "tls": {"insecure": True},
        }
    }
    if counts is not None:
        connectors["span_metrics"] = {
            "dimensions": [{"name": "peer.service"}],
            "metrics_flush_interval": f"{catalog.platform.scrape.interval}s",
        }
        exporters["prometheus"] = {"endpoint": _variable("SPAN_METRICS", f"{_ANYWHERE}:{counts}")}
        pipelines["metrics/spans"] = {"receivers": ["span_metrics"], "exporters": ["prometheus"]}
    return {
        "receivers": {"otlp": {"protocols": _protocols(ports)}},
        "processors": _processors(catalog, sampling),
        "connectors": connectors,
        "exporters": exporters,
        "service": {
            "pipelines": pipelines,
            "telemetry": _telemetry(jaeger.metrics_port or _COLLECTOR_METRICS),
        },
    }


def _protocols(ports: Mapping[str, int]) -> Json:
    return {
        protocol: {"endpoint": _variable(f"OTLP_{protocol.upper()}", f"{_ANYWHERE}:{port}")}
        for protocol in ("grpc", "http")
        for port in [ports[f"otlp_{protocol}"]]
    }


def _telemetry(port: int) -> Json:
    host, number = _variable("METRICS_HOST", _ANYWHERE), _variable("METRICS_PORT", str(port))
    reader = {"pull": {"exporter": {"prometheus": {"host": host, "port": number}}}}
    return {"metrics": {"level": "detailed", "readers": [reader]}}


def _variable(name: str, otherwise: str) -> str:
    """The collector replaces it by the environment's variable, or by what stands behind."""
    return f"${{env:{name}:-{otherwise}}}"
