from __future__ import annotations

import pytest

from delivery.checks.labels import Known
from delivery.checks.readings import Readings
from delivery.checks.universe import Signal, Universe
from tests.delivery.checks.asking import FIRST, signals, streams

NAME = "slo:burn:ratio"


def recorded(**labels: str) -> Universe:
    values = {label: frozenset(text.split()) for label, text in labels.items()}
    signal = Signal(NAME, "recorded", "", Known(values, frozenset(values)), "a rule")
    return Universe([signal])


@pytest.fixture
def readings() -> Readings:
    return Readings(streams(FIRST), signals(FIRST))


def test_a_query_is_read_once(readings):
    universe = recorded(window="1h")
    first = readings.of(f"sum({NAME})", "promql", universe)
    assert readings.of(f"sum({NAME})", "promql", recorded(window="1h")) is first
    assert first.faults == ()


def test_another_universe_is_another_reading_and_the_first_is_kept(readings):
    query = f'{NAME}{{window="1h"}}'
    first = readings.of(query, "promql", recorded(window="1h"))
    other = readings.of(query, "promql", recorded(window="6h"))
    assert [fault[0] for fault in other.faults] == ["label/value"]
    assert readings.of(query, "promql", recorded(window="1h")) is first
    assert readings.of(query, "promql", recorded(window="6h")) is other


def test_an_unknown_name_may_be_recorded_later(readings):
    unknown = readings.of(NAME, "promql", Universe())
    assert [fault[0] for fault in unknown.faults] == ["metric/unknown"]
    assert readings.of(NAME, "promql", recorded(window="1h")).faults == ()


def test_both_languages_may_have_one_text(readings):
    text = "vector(1)"
    assert readings.of(text, "promql", Universe()) is not readings.of(text, "logql", Universe())


def test_of_promql_only_so_many_are_remembered():
    readings = Readings(streams(FIRST), (), most=2)
    first = readings.of("vector(1)", "promql", Universe())
    for number in (2, 3):
        readings.of(f"vector({number})", "promql", Universe())
    assert readings.of("vector(1)", "promql", Universe()) is not first


def test_like_labels_are_held_once(readings):
    one, other = (
        readings.of(f'sum by (pod) (rate({{service="{service}"}}[5m]))', "logql", Universe())
        for service in ("ryot", "agents")
    )
    assert one.shape.known is other.shape.known


def test_a_bare_counter_is_told_apart(readings):
    universe = Universe(signals(FIRST))
    reading = readings.of("log_lines_total", "promql", universe)
    assert reading.faults == ()
    assert [fault[0] for fault in reading.bare] == ["metric/raw-counter"]
