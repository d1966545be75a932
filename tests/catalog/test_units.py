"""What the names of real metrics tell of their units."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from catalog.exporters import load_exporters
from catalog.signals import Unit
from catalog.units import unit_of
from tests.catalog.editable import MINIMAL


@pytest.mark.parametrize(
    ("name", "metric_type", "unit"),
    [
        ("loki_distributor_bytes_received_total", "counter", "bytes"),
        ("loki_distributor_lines_received_total", "counter", "lines"),
        ("promtail_sent_entries_total", "counter", "entries"),
        ("prometheus_rule_evaluation_failures_total", "counter", "failures"),
        ("process_cpu_seconds_total", "counter", "seconds"),
        ("loki_distributor_lag_ms_total", "counter", "milliseconds"),
        ("loki_panic_total", "counter", "count"),
        ("x_success_total", "counter", "count"),
        ("x_last_timestamp_total", "counter", "count"),
        ("otelcol_receiver_accepted_spans", "counter", "spans"),
        ("loki_ingester_memory_streams", "gauge", "streams"),
        ("memcached_current_bytes", "gauge", "bytes"),
        ("promtail_file_bytes_total", "gauge", "bytes"),
        ("memcached_up", "gauge", "none"),
        ("bytes", "gauge", "none"),
        ("x_status", "gauge", "none"),
        ("x_cache_hit_ratio", "gauge", "ratio"),
        ("process_start_time_seconds", "gauge", "timestamp"),
        ("x_last_reload_success_timestamp_seconds", "gauge", "timestamp"),
        ("loki_request_duration_seconds", "histogram", "seconds"),
        ("loki_ingester_chunk_encode_time_seconds", "histogram", "seconds"),
        ("traces_span_metrics_duration_milliseconds", "histogram", "milliseconds"),
        ("memcached_version", "info", "info"),
        ("loki_build_info", "info", "info"),
    ],
)
def test_the_unit(name: str, metric_type: str, unit: str) -> None:
    assert unit_of(name, metric_type) == unit


def test_whatever_the_name_it_is_a_unit_of_the_catalog() -> None:
    adapter = TypeAdapter(Unit)
    for exporter in load_exporters(MINIMAL):
        for name, metric in exporter.metrics.items():
            adapter.validate_python(unit_of(name, metric.type))
    for name in ("x_second", "x_byte", "x_infos_total", "x_nones", "x_timestamps", "x_sümmes"):
        adapter.validate_python(unit_of(name, "counter"))
