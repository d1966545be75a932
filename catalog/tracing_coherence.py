"""Faults between what is said of traces and the server that keeps them."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.faults import Fault
from catalog.platform import Platform

#: What a collector listens on, and sends to.
OTLP_PORTS = ("otlp_grpc", "otlp_http")


def trace_faults(platform: Platform) -> Iterator[Fault]:
    """Traces are sampled on their way to Jaeger, and by its ports."""
    if platform.traces is None:
        return
    jaeger = platform.components.get("jaeger")
    if jaeger is None:
        yield Fault(
            ("traces",),
            "'traces' is about 'jaeger', which is no component",
            "Remove it, or declare 'components.jaeger'",
        )
        return
    for port in OTLP_PORTS:
        if port not in jaeger.ports:
            yield Fault(
                ("components", "jaeger", "ports"),
                f"the port '{port}' is missing, and 'traces.sampling' is for what comes in there",
                "Add it, or remove 'traces'",
            )
    if platform.traces.sampling.gateway and "span_metrics" not in jaeger.ports:
        yield Fault(
            ("traces", "sampling", "gateway"),
            "a gateway is named, and no port says where spans are counted",
            "Remove it, or add 'span_metrics' to 'components.jaeger.ports'",
        )
