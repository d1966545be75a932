"""Bounds that nothing can come of are refused, with what would work."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.catalog.editable import SHOP, EditableCatalog, Spoilt

HISTOGRAM = "    buckets: [0.1, 0.5, 1]\n"
COUNTER = "    bad: {outcome: [refused]}\n    source: assumed"
GAUGE = "    help: Baskets.\n"
EVENT = "      counted_by: sales_total\n"
MEASURE = "      measures: took\n"


def bound(key: str, above: float) -> str:
    return f"{key}: {{above: {above:g}, source: seed}}"


def watch(label: str, *values: str, name: str = "w") -> str:
    return (
        f"{{id: {name}, title: T, meaning: M., label: {label}, values: [{', '.join(values)}], "
        "above: 0.5, severity: ticket, source: seed}"
    )


def packing(above: float, unit: str = "seconds", buckets: str = "[1, 5, 10]") -> str:
    """One more histogram, before the first metric of the shop."""
    return (
        f"metrics:\n  - {{name: packing, type: histogram, unit: {unit}, help: H., title: T, "
        f"emitted_by: application, emission: always, buckets: {buckets}, source: seed,\n"
        f"     {bound('slow', above)}}}\n"
    )


def refused(title: str, old: str, new: str, at: str, message: str) -> Spoilt:
    return Spoilt(title, SHOP, old, new, (SHOP, at, message))


CASES = (
    refused(
        "a bound that no percentile reaches",
        "metrics:\n",
        packing(10),
        "slow: {above: 10,",
        "'slow' is 10, and no percentile of 'packing' is ever above its highest bucket, 10. "
        "Write 5, or add a bucket above 10.",
    ),
    refused(
        "one that a single bucket cannot tell",
        "metrics:\n",
        packing(3, buckets="[2]"),
        "slow: {above: 3,",
        "'slow' is 3, and no percentile of 'packing' is ever above its highest bucket, 2. "
        "Write less, or add a bucket above 3.",
    ),
    refused(
        "a bound that all may be above",
        "metrics:\n",
        packing(0.5),
        "slow: {above: 0.5,",
        "'slow' is 0.5, and whatever falls below the lowest bucket of 'packing', 1, may count as "
        "slower. Write 1, or add a bucket of at most 0.5.",
    ),
    refused(
        "bytes are not slow",
        "metrics:\n",
        packing(5, unit="bytes"),
        "slow: {above: 5,",
        "'packing' is in bytes, and slow is what takes a long time. Remove it, or write the unit: "
        "milliseconds or seconds.",
    ),
    refused(
        "a counter is not slow",
        COUNTER,
        f"    {bound('slow', 5)}\n{COUNTER}",
        "slow: {above: 5,",
        "'sales_total' is a counter, and only a histogram has a 99th percentile. Remove it, or "
        "name a histogram.",
    ),
    refused(
        "requests have their own",
        HISTOGRAM,
        f"{HISTOGRAM}    {bound('slow', 0.5)}\n",
        "slow: {above: 0.5,",
        "'http_server_request_duration_seconds' counts requests, and 'latency_p99_seconds' of "
        "platform.yaml bounds those of every service. Remove it, or promise a latency under "
        "'objectives'.",
    ),
    refused(
        "a counter has no ceiling",
        COUNTER,
        f"    {bound('ceiling', 5)}\n{COUNTER}",
        "ceiling: {above: 5,",
        "'sales_total' is a counter, and only a gauge stands at a level. Remove it, or name a "
        "gauge.",
    ),
    refused(
        "a time that an event measures is slow",
        MEASURE,
        f"{MEASURE}      {bound('ceiling', 5)}\n",
        "ceiling: {above: 5,",
        "'ceiling' bounds 'took', which is in seconds. Write it as 'slow'.",
    ),
    refused(
        "an event that measures nothing",
        MEASURE,
        f"      {bound('slow', 5)}\n",
        "slow: {above: 5,",
        "'slow' bounds what 'sale' measures, and it measures nothing. Add 'measures' with a "
        "numeric field, or remove the bound.",
    ),
    refused(
        "no such label",
        COUNTER,
        f"    watch: [{watch('outcom', 'sold')}]\n{COUNTER}",
        "label: outcom,",
        "'w' watches the label 'outcom', which is not declared. Did you mean 'outcome'?",
    ),
    refused(
        "no such value",
        COUNTER,
        f"    watch: [{watch('outcome', 'solde')}]\n{COUNTER}",
        "values: [solde]",
        "'w' watches 'solde', a value that 'outcome' never has. Did you mean 'sold'?",
    ),
    refused(
        "watched twice",
        COUNTER,
        f"    watch: [{watch('outcome', 'sold')},\n      {watch('outcome', 'sold', name='v')}]\n"
        f"{COUNTER}",
        "id: v, title: T, meaning: M., label: outcome, values: [sold]",
        "'v' watches 'sold', which is watched already. Watch it once: one alert a cause.",
    ),
    refused(
        "a gauge has no outcomes",
        GAUGE,
        f"{GAUGE}    watch: [{watch('outcome', 'sold')}]\n",
        "watch: [{id: w",
        "'open_baskets' is a gauge and counts no events. Remove it, or name a counter or a "
        "histogram.",
    ),
    refused(
        "failed requests are counted already",
        HISTOGRAM,
        f"{HISTOGRAM}    watch: [{watch('code', chr(34) + '500' + chr(34))}]\n",
        "label: code",
        "'code' says which requests failed, and HighErrorRatio counts those. Watch another label, "
        "or remove it.",
    ),
    refused(
        "a metric counts the event",
        EVENT,
        f"{EVENT}      watch: [{watch('outcome', 'sold')}]\n",
        "watch: [{id: w",
        "'sales_total' counts these events, and is cheaper to ask than the lines. Move it to that "
        "metric.",
    ),
)


@pytest.fixture
def catalog(tmp_path: Path) -> EditableCatalog:
    return EditableCatalog(tmp_path)


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_it_is_refused_with_place_fault_and_remedy(case: Spoilt, catalog: EditableCatalog) -> None:
    case.check(catalog)


def test_what_can_be_passed_is_taken(catalog: EditableCatalog) -> None:
    catalog.edit(SHOP, "metrics:\n", packing(7))
    catalog.edit(SHOP, COUNTER, f"    watch: [{watch('outcome', 'sold')}]\n{COUNTER}")
    catalog.edit(SHOP, GAUGE, f"{GAUGE}    {bound('ceiling', 5)}\n")
    catalog.edit(SHOP, MEASURE, f"{MEASURE}      {bound('slow', 0.5)}\n")
    shop = catalog.load().services[0]
    assert shop.metrics[0].slow is not None
    assert shop.metrics[0].slow.above == 7
