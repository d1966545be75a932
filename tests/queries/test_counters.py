"""How a metric's events are counted follows from how it is emitted."""

from __future__ import annotations

from catalog.signals import Metric
from queries import counters

BASE = {
    "name": "x_total",
    "type": "counter",
    "unit": "events",
    "help": "Events.",
    "title": "Events",
    "emitted_by": "agent",
    "labels": {"outcome": ("good", "bad")},
    "source": "seed",
}
BIRTH = (
    "increase(x_total[5m]) or label_replace(min_over_time(x_total[5m]) unless x_total offset 5m "
    'and on (job, instance) up offset 5m == 1, "born", "yes", "", "")'
)


def metric(**more: object) -> Metric:
    return Metric.model_validate({**BASE, "emission": "always", **more})


def test_what_is_always_there_is_asked_plainly() -> None:
    asked = counters.events(metric(), ("a",), (), "5m")
    assert asked == "sum by (a) (increase(x_total[5m]))"


def test_what_is_born_late_counts_from_its_birth() -> None:
    asked = counters.events(metric(emission="lazy"), ("a",), (), "5m")
    assert asked == f"sum by (a) ({BIRTH})"


def test_a_histogram_is_counted_by_its_count() -> None:
    histogram = metric(type="histogram", buckets=(1.0,))
    assert counters.counter(histogram) == "x_total_count"


def test_the_share_of_bad_ones() -> None:
    asked = counters.bad_share(metric(bad={"outcome": ("bad",)}), ("a",), (), "5m")
    assert asked == (
        'sum by (a) (increase(x_total{outcome="bad"}[5m])) / sum by (a) (increase(x_total[5m]))'
    )


def test_the_share_of_those_that_are_not_good() -> None:
    asked = counters.bad_share(metric(good={"outcome": ("good",)}), ("a",), (), "5m")
    whole = "sum by (a) (increase(x_total[5m]))"
    good = 'sum by (a) (increase(x_total{outcome="good"}[5m]))'
    assert asked == f"({whole} - ({good} or 0 * {whole})) / {whole}"
