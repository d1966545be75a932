"""What a service's parts say of each other and of the platform."""

from __future__ import annotations

import pytest

from tests.catalog.editable import PLATFORM, SHOP, TILL, EditableCatalog, Spoilt

CASES = (
    Spoilt(
        "no bucket above the latency that is too much",
        PLATFORM,
        "latency_p99_seconds: 0.75",
        "latency_p99_seconds: 1",
        (
            SHOP,
            "buckets: [0.1",
            (
                "the highest is 1, and requests are too slow above 1 "
                "('thresholds.latency_p99_seconds' of platform.yaml): no histogram with these "
                "buckets could say so. Add a bucket above 1, or lower the threshold."
            ),
        ),
    ),
    Spoilt(
        "no such folder",
        TILL,
        "name: Till",
        "name: Till\nfolder: audit",
        (
            TILL,
            "folder: audit",
            ("platform.yaml has no folder 'audit'. Known are logs, overview, platform, slo."),
        ),
    ),
    Spoilt(
        "stream label missing",
        TILL,
        "  pod: null\n",
        "",
        (
            TILL,
            "stream_labels:",
            (
                "the stream label 'pod' is missing, and every query selects by it. Add a "
                "line 'pod: ...' with its values, or null where the set is open."
            ),
        ),
    ),
    Spoilt(
        "service label of another value",
        TILL,
        "service: [till]",
        "service: [tills]",
        (PLATFORM, "- {match", "'service' is 'till' in no stream. Did you mean 'tills'?"),
        (
            TILL,
            "service: [tills]",
            "the label 'service' is not the service's id. Write 'service: [till]'.",
        ),
    ),
    Spoilt(
        "service label open",
        TILL,
        "service: [till]",
        "service: null",
        (
            TILL,
            "service: null",
            "the label 'service' is not the service's id. Write 'service: [till]'.",
        ),
    ),
    Spoilt(
        "too many stream labels",
        PLATFORM,
        "labels_per_stream: 15",
        "labels_per_stream: 5",
        (
            SHOP,
            "stream_labels:",
            (
                "6 stream labels, and Loki takes 5. Keep some of them in the line or in "
                "structured metadata."
            ),
        ),
        (
            TILL,
            "stream_labels:",
            (
                "6 stream labels, and Loki takes 5. Keep some of them in the line or in "
                "structured metadata."
            ),
        ),
    ),
    Spoilt(
        "level is no level",
        TILL,
        "level: [info, error]",
        "level: [info, err]",
        (
            TILL,
            "level: [info, err]",
            "'levels' of platform.yaml lacks 'err'. Did you mean 'error'?",
        ),
        (
            TILL,
            "values: [info, error]",
            "'level' has other values than in 'stream_labels'. Make the two agree.",
        ),
    ),
    Spoilt(
        "no field carries the level",
        TILL,
        "    - {name: level, type: string, unit: none, help: How grave it is., "
        "values: [info, error], lives: {loki_2_9: stream_label, loki_3: stream_label}}\n",
        "",
        (
            TILL,
            "level: [info, error]",
            (
                "no field of the lines carries the stream label 'level'. Add the field 'level' to "
                "'logs.fields', and let it live in its stream label."
            ),
        ),
    ),
    Spoilt(
        "field in no stream label",
        SHOP,
        "lives: {loki_2_9: line, loki_3: structured_metadata}",
        "lives: {loki_2_9: stream_label, loki_3: structured_metadata}",
        (
            SHOP,
            "lives: {loki_2_9: stream_label, loki_3: structured",
            (
                "'trace_id' lives in a stream label, and 'stream_labels' lacks it. Write "
                "'line' here, or add the label to 'stream_labels'."
            ),
        ),
    ),
    Spoilt(
        "field in a stream label and told otherwise",
        SHOP,
        "lives: {loki_2_9: stream_label, loki_3: stream_label}",
        "lives: {loki_2_9: line, loki_3: structured_metadata}",
        (
            SHOP,
            ("values: [info, error]\n      lives: {loki_2_9: line, loki_3: structured_metadata}"),
            (
                "'level' lives elsewhere than in its stream label. Write 'stream_label' "
                "for both releases, or remove it from 'stream_labels'."
            ),
        ),
    ),
    Spoilt(
        "trace id as stream label",
        SHOP,
        "  pod: null\n",
        "  pod: null\n  trace_id: null\n",
        (
            SHOP,
            "trace_id: null",
            (
                "'trace_id' would make a stream of every request. Remove it, and let the "
                "field live in the line or in structured metadata."
            ),
        ),
    ),
    Spoilt(
        "field values differ from the label",
        SHOP,
        "help: How serious.\n      values: [info, error]",
        "help: How serious.\n      values: [info]",
        (
            SHOP,
            "values: [info]",
            "'level' has other values than in 'stream_labels'. Make the two agree.",
        ),
    ),
    Spoilt(
        "metric twice",
        SHOP,
        "name: open_baskets\n    type: gauge",
        "name: sales_total\n    type: gauge",
        (
            SHOP,
            "reason: Nobody told.\n  - name: sales_total",
            "the metric 'sales_total' is declared a second time. Keep one of the two.",
        ),
    ),
    Spoilt(
        "metric label of the target",
        SHOP,
        "labels: {outcome: [sold, refused]}",
        "labels: {outcome: [sold, refused], pod: null}",
        (
            SHOP,
            "labels: {outcome: [sold, refused], pod: null}",
            "Prometheus sets the label 'pod' itself. Remove it, or rename it.",
        ),
    ),
    Spoilt(
        "metric label le",
        SHOP,
        "route: null}",
        "route: null, le: null}",
        (SHOP, "labels: {code", "Prometheus sets the label 'le' itself. Remove it, or rename it."),
    ),
    Spoilt(
        "role twice",
        TILL,
        "  - name: payments_total",
        (
            "  - {name: a_total, type: counter, unit: lines, help: A., title: A, "
            "emitted_by: agent, emission: lazy, role: log_lines, source: seed}\n  - "
            "{name: b_total, type: counter, unit: lines, help: A., title: A, "
            "emitted_by: agent, emission: lazy, role: log_lines, source: seed}\n  - "
            "name: payments_total"
        ),
        (
            TILL,
            "- {name: b",
            "'a_total' has the role 'log_lines' already. Leave the role to one metric.",
        ),
    ),
    Spoilt(
        "role of another type",
        TILL,
        "type: counter",
        "type: counter\n    role: build_info",
        (
            TILL,
            "role: build_info",
            (
                "'payments_total' is a counter, and the role 'build_info' is for a gauge. "
                "Write 'type: gauge', or remove the role."
            ),
        ),
    ),
    Spoilt(
        "requests without good or bad",
        SHOP,
        '    bad: {code: ["500"]}\n',
        "",
        (
            SHOP,
            "- name: http_server_request_duration_seconds",
            (
                "'http_server_request_duration_seconds' has the role 'requests' and says "
                "neither 'good' nor 'bad'. Add 'bad' with the label values of a failed "
                "request, or 'good' with the others."
            ),
        ),
        (
            SHOP,
            "sli: {type: availability",
            (
                "'http_server_request_duration_seconds' does not say which of its events "
                "are good or bad. Add 'good' or 'bad' to the metric."
            ),
        ),
    ),
    Spoilt(
        "event counted by no metric",
        SHOP,
        "counted_by: sales_total",
        "counted_by: sale_total",
        (
            SHOP,
            "counted_by: sale_total",
            "no one emits the metric 'sale_total'. Did you mean 'sales_total'?",
        ),
    ),
    Spoilt(
        "event counted by a gauge",
        SHOP,
        "counted_by: sales_total",
        "counted_by: open_baskets",
        (
            SHOP,
            "counted_by: open_baskets",
            (
                "'open_baskets' is a gauge, and events are counted by a counter. Name a "
                "counter, or remove the line."
            ),
        ),
    ),
    Spoilt(
        "objective twice",
        SHOP,
        "id: latency",
        "id: availability",
        (
            SHOP,
            "source: seed\n  - id: availability",
            "the objective 'availability' is declared a second time. Choose another id.",
        ),
    ),
    Spoilt(
        "objective looks back too far",
        SHOP,
        "target: 95\n    period: 30d",
        "target: 95\n    period: 2y",
        (
            SHOP,
            "target: 95",
            (
                "so large a budget never burns 350.4 times too fast, so the alert on 1h "
                "would never fire. Make it at least 99.72, or that window's 'budget' in "
                "windows.yaml at most 0.11 or its 'long' at least 18h."
            ),
        ),
        (
            SHOP,
            "target: 95",
            (
                "so large a budget never burns 24.3333 times too fast, so the alert on 3d "
                "would never fire. Make it at least 95.9, or that window's 'budget' in "
                "windows.yaml at most 8.21 or its 'long' at least 90h."
            ),
        ),
        (
            SHOP,
            "period: 2y",
            ("730d cannot be laid out of at most 48 of a burn window. Make it 144d."),
        ),
        (
            SHOP,
            "period: 2y",
            (
                "metrics are kept for 365d, and the objective looks back 730d. Shorten the "
                "period, or raise 'retention.metrics' in platform.yaml."
            ),
        ),
    ),
    Spoilt(
        "objective on a metric no one emits",
        SHOP,
        "metric: http_server_request_duration_seconds, threshold",
        "metric: http_request_seconds, threshold",
        (
            SHOP,
            "sli: {type: latency",
            (
                "no one emits the metric 'http_request_seconds'. Did you mean "
                "'http_server_request_duration_seconds'?"
            ),
        ),
    ),
    Spoilt(
        "objective on a metric of another service",
        SHOP,
        "{type: availability, metric: http_server_request_duration_seconds}",
        "{type: availability, metric: payments_total}",
        (
            SHOP,
            "sli: {type: availability",
            "no one emits the metric 'payments_total'. Did you mean 'sales_total'?",
        ),
    ),
    Spoilt(
        "objective on a gauge",
        SHOP,
        "{type: availability, metric: http_server_request_duration_seconds}",
        "{type: availability, metric: open_baskets}",
        (
            SHOP,
            "sli: {type: availability",
            ("'open_baskets' is a gauge and counts no events. Name a counter or a histogram."),
        ),
    ),
    Spoilt(
        "objective without good or bad",
        SHOP,
        '    bad: {code: ["500"]}\n    role: requests\n',
        "",
        (
            SHOP,
            "sli: {type: availability",
            (
                "'http_server_request_duration_seconds' does not say which of its events "
                "are good or bad. Add 'good' or 'bad' to the metric."
            ),
        ),
    ),
    Spoilt(
        "latency of a counter",
        SHOP,
        "metric: http_server_request_duration_seconds, threshold",
        "metric: sales_total, threshold",
        (
            SHOP,
            "sli: {type: latency",
            (
                "'sales_total' is a counter, and a latency is read from a histogram. Name "
                "a histogram."
            ),
        ),
    ),
    Spoilt(
        "threshold is no bucket",
        SHOP,
        "threshold: 0.5",
        "threshold: 0.3",
        (
            SHOP,
            "sli: {type: latency",
            (
                "0.3 is no bucket of 'http_server_request_duration_seconds', and between "
                "two buckets the share is a guess. Write one of 0.1, 0.5, 1."
            ),
        ),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_it_is_refused_with_place_fault_and_remedy(case: Spoilt, catalog: EditableCatalog) -> None:
    case.check(catalog)
