"""What the catalog says of sampling is refused where it cannot be so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.catalog.editable import PLATFORM, EditableCatalog

BEFORE = "environments:\n"
SAMPLING = "{spans_per_second: 100, spans_per_trace: 3, lines_per_trace: 1, source: seed}"


@pytest.fixture
def catalog(tmp_path: Path) -> EditableCatalog:
    found = EditableCatalog(tmp_path)
    found.edit(PLATFORM, BEFORE, f"traces:\n  sampling: {SAMPLING}\n{BEFORE}")
    found.edit(PLATFORM, "{query: 16686}", "{query: 16686, otlp_grpc: 4317, otlp_http: 4318}")
    return found


def test_it_is_read(catalog: EditableCatalog) -> None:
    traces = catalog.load().platform.traces
    assert traces
    assert (traces.sampling.spans_per_second, traces.sampling.gateway) == (100, None)


def test_it_may_be_left_out(tmp_path: Path) -> None:
    assert EditableCatalog(tmp_path).load().platform.traces is None


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        (
            "spans_per_trace: 3",
            "spans_per_trace: 0.5",
            "  sampling:",
            "'traces.sampling.spans_per_trace' is 0.5. Write a number of at least 1.",
        ),
        (
            ", otlp_http: 4318",
            "",
            "  jaeger: {name",
            (
                "the port 'otlp_http' is missing, and 'traces.sampling' is for what comes in "
                "there. Add it, or remove 'traces'."
            ),
        ),
        (
            "lines_per_trace: 1,",
            "lines_per_trace: 1, gateway: collector,",
            "  sampling:",
            (
                "a gateway is named, and no port says where spans are counted. Remove it, or add "
                "'span_metrics' to 'components.jaeger.ports'."
            ),
        ),
    ],
)
def test_a_fault_has_a_place_and_a_remedy(
    catalog: EditableCatalog, old: str, new: str, at: str, message: str
) -> None:
    catalog.edit(PLATFORM, old, new)
    assert catalog.complaints() == [f"platform.yaml:{line_of(catalog, at)}: {message}"]


def line_of(catalog: EditableCatalog, beginning: str) -> int:
    lines = catalog.path(PLATFORM).read_text(encoding="utf-8").splitlines()
    [number] = [at for at, line in enumerate(lines, start=1) if line.startswith(beginning)]
    return number


def test_there_is_nothing_to_sample_without_jaeger(catalog: EditableCatalog) -> None:
    text = catalog.path(PLATFORM).read_text(encoding="utf-8")
    without = [
        line
        for line in text.splitlines()
        if not line.lstrip().startswith(("jaeger:", "traces: 7d"))
    ]
    catalog.write(PLATFORM, "\n".join(without) + "\n")
    assert catalog.complaints() == [
        (
            f"platform.yaml:{line_of(catalog, 'traces:')}: 'traces' is about 'jaeger', which is no "
            "component. Remove it, or declare 'components.jaeger'."
        )
    ]
