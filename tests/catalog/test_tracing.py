"""What the catalog says of sampling is refused where it cannot be so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.catalog.editable import PLATFORM, EditableCatalog


def test_it_is_read(tmp_path: Path) -> None:
    traces = EditableCatalog(tmp_path).load().platform.traces
    assert traces
    assert (traces.sampling.spans_per_second, traces.sampling.gateway) == (100, None)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "spans_per_trace: 3",
            "spans_per_trace: 0.5",
            (
                "platform.yaml:64: 'traces.sampling.spans_per_trace' is 0.5. Write a number of "
                "at least 1."
            ),
        ),
        (
            ", otlp_http: 4318",
            "",
            (
                "platform.yaml:21: the port 'otlp_http' is missing, and 'traces.sampling' is for "
                "what comes in there. Add it, or remove 'traces'."
            ),
        ),
        (
            "lines_per_trace: 1,",
            "lines_per_trace: 1, gateway: collector,",
            (
                "platform.yaml:64: a gateway is named, and no port says where spans are counted. "
                "Remove it, or add 'span_metrics' to 'components.jaeger.ports'."
            ),
        ),
    ],
)
def test_a_fault_has_a_place_and_a_remedy(tmp_path: Path, old: str, new: str, message: str) -> None:
    catalog = EditableCatalog(tmp_path)
    catalog.edit(PLATFORM, old, new)
    assert catalog.complaints() == [message]


def test_there_is_nothing_to_sample_without_jaeger(tmp_path: Path) -> None:
    catalog = EditableCatalog(tmp_path)
    jaeger = '  jaeger: {name: Jaeger, releases: ["2.20.0"], replicas: 1, ports: {query: 16686, '
    jaeger += "otlp_grpc: 4317, otlp_http: 4318}, source: seed}\n"
    catalog.edit(PLATFORM, jaeger, "")
    catalog.edit(PLATFORM, "  traces: 7d\n", "")
    catalog.edit(PLATFORM, "      jaeger: http://localhost:16686\n", "")
    assert catalog.complaints() == [
        (
            "platform.yaml:61: 'traces' is about 'jaeger', which is no component. Remove it, or "
            "declare 'components.jaeger'."
        )
    ]
