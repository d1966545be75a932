"""Rate, errors and duration of requests, from a histogram that counts them.

The method is known as RED: https://grafana.com/blog/2018/08/02/the-red-method-how-to-instrument-your-services/
"""

from __future__ import annotations

from collections.abc import Iterable

from catalog.signals import Metric
from queries.counters import counter
from queries.promql import RATE_INTERVAL, PromQL, quantile, rate, series, total
from queries.text import Matchers, selection


def by_label(
    metric: Metric, labels: Iterable[str], matchers: Matchers, window: str = RATE_INTERVAL
) -> PromQL:
    """Events a second by labels."""
    return total(labels, rate(series(counter(metric), matchers), window))


def bad(
    metric: Metric, labels: tuple[str, ...], matchers: Matchers, window: str = RATE_INTERVAL
) -> PromQL:
    """Bad events a second by labels: 0 where there are only good ones."""
    whole = by_label(metric, labels, matchers, window)
    chosen = selection(metric.bad or metric.good or {})
    some = f"{by_label(metric, labels, (*matchers, *chosen), window)} or 0 * {whole}"
    return PromQL(f"({some})" if metric.bad else f"({whole} - ({some}))")


def bad_ratio(
    metric: Metric, labels: tuple[str, ...], matchers: Matchers, window: str = RATE_INTERVAL
) -> PromQL:
    """The share of events that are bad, by labels; a gap where there are no events."""
    whole = by_label(metric, labels, matchers, window)
    return PromQL(f"{bad(metric, labels, matchers, window)} / {whole}")


def percentile(
    metric: Metric,
    q: float,
    labels: Iterable[str],
    matchers: Matchers,
    window: str = RATE_INTERVAL,
) -> PromQL:
    """A percentile of a histogram by labels, in the metric's unit."""
    return quantile(q, labels, rate(series(f"{metric.name}_bucket", matchers), window))


def percentile_in_seconds(
    metric: Metric, q: float, labels: Iterable[str], matchers: Matchers
) -> PromQL:
    """The same in seconds, so that services of unlike units stand in one panel."""
    found = percentile(metric, q, labels, matchers)
    return PromQL(f"{found} / 1000") if metric.unit == "milliseconds" else found


def gauge(metric: Metric, labels: Iterable[str], matchers: Matchers) -> PromQL:
    """A gauge added up by labels."""
    return total(labels, series(metric.name, matchers))
