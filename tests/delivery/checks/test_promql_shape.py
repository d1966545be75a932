"""PromQL: what is at fault in a query, and what its answer has."""

from __future__ import annotations

import pytest

from delivery.checks.labels import Known
from delivery.checks.universe import Signal
from tests.delivery.checks.asking import asked, faults, golden, renew

CASES = golden("promql.txt")
TARGET = "cluster environment instance job namespace pod service track"


@pytest.mark.parametrize(("query", "expected"), CASES, ids=[query for query, _ in CASES])
def test_golden_queries(query, expected):
    assert faults(query) == expected


def test_golden_queries_are_sound_and_faulty_and_renewed():
    renew("promql.txt", "promql")
    assert {bool(expected) for _, expected in CASES} == {False, True}
    assert len({query for query, _ in CASES}) == len(CASES)


@pytest.mark.parametrize(
    ("query", "unit", "labels"),
    [
        ("rate(up{service='ryot'}[5m] offset 1h)", "none/s", TARGET),
        ("increase(log_lines_total[5m])", "lines", f"{TARGET} container_name level tier"),
        ("sum by (service) (rate(log_durations_sum[5m]))", "milliseconds/s", "service"),
        (
            "histogram_quantile(0.9, sum by (service, le) (rate(log_durations_bucket[5m])))",
            "milliseconds",
            "service",
        ),
        ("sum(rate(log_durations_sum[5m])) / sum(rate(log_durations_sum[1h]))", "ratio", ""),
        ("sum(rate(log_durations_sum[5m])) / sum(rate(log_lines_total[5m]))", "", ""),
        ("sum by (level) (rate(log_lines_total[5m])) / 60", "lines/s", "level"),
        ("sum(rate(log_lines_total[5m])) > 5", "lines/s", ""),
        ("sum(rate(log_lines_total[5m])) > bool 5", "", ""),
        ("0 * sum(rate(log_lines_total[5m]))", "", ""),
        ("count by (service) (up)", "", "service"),
        ("stdvar(rate(log_lines_total[5m]))", "", ""),
        ("sum(rate(log_lines_total[5m])) ^ 2", "", ""),
        ("time() - timestamp(up{service='ryot'})", "seconds", TARGET),
        ("timestamp(up{service='ryot'})", "timestamp", TARGET),
        ("changes(up{service='ryot'}[5m])", "", TARGET),
        (
            "sum(up) * on () group_left (x) label_replace(sum(up), 'x', 'y', '', '')",
            "",
            "x",
        ),
        ("label_replace(sum by (pod) (up), 'host', '$1', 'pod', '(.*)')", "none", "host pod"),
        ("label_join(sum by (pod) (up), 'host', '-', 'pod')", "none", "host pod"),
        ("absent(up{service='ryot',pod=~'.+'})", "", "service"),
        ("sum by (pod) (up) or sum by (job) (up)", "none", "pod job"),
        ("sum by (pod, job) (up) and on (pod) sum by (pod) (up)", "none", "pod job"),
        ("vector(1)", "", ""),
    ],
)
def test_the_answer(query, unit, labels):
    shape = asked(query).shape
    assert shape is not None
    assert (shape.unit, set(shape.known.labels)) == (unit, set(labels.split()))


@pytest.mark.parametrize("query", ["nosuch", "sum(nosuch) / sum(up)", "rate(nosuch[5m]) or up"])
def test_one_fault_causes_no_other(query):
    (only,) = faults(query)
    assert only.startswith("metric/unknown 'nosuch'")


def recorded(name: str, unit: str, bounds: str = "", **labels: str | None) -> Signal:
    values = {key: None if value is None else frozenset({value}) for key, value in labels.items()}
    return Signal(name, "recorded", unit, Known(values, frozenset(values)), "a rule", bounds)


BUCKETS = (recorded("service:took_bucket:rate5m", "calls/s", "seconds", service=None, le=None),)


def test_recorded_buckets_are_buckets():
    query = "histogram_quantile(0.9, sum by (le) (service:took_bucket:rate5m))"
    read = asked(query, recorded=BUCKETS)
    assert read.faults == []
    assert read.shape is not None
    assert read.shape.unit == "seconds"


def test_a_recorded_series_is_no_counter():
    assert asked("rate(service:took_bucket:rate5m[5m])", recorded=BUCKETS).faults == [
        (
            "metric/type 'rate': rate() reads counters, and this is a recorded series. "
            "Use delta() or deriv() of a gauge, or ask for the counter."
        )
    ]


BURN = (
    recorded("slo:burn:ratio", "", objective="availability", window="1h"),
    recorded("slo:burn:ratio", "", objective="latency", window="6h"),
)


@pytest.mark.parametrize(
    "matchers", ['objective="latency",window=~"1h|6h"', 'window="1h"', 'objective!="latency"', ""]
)
def test_one_of_several_recorded_series_has_all_that_is_asked(matchers):
    assert asked(f"slo:burn:ratio{{{matchers}}}", recorded=BURN).faults == []


def test_each_value_is_possible_and_no_series_has_both():
    query = 'slo:burn:ratio{objective="latency",window="1h"}'
    assert asked(query, recorded=BURN).faults == [
        (
            "label/value 'slo:burn:ratio': no series of 'slo:burn:ratio' has all of this at once: "
            'objective="latency", window="1h". Ask for what one of them has.'
        )
    ]
