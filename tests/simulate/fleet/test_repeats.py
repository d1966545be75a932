"""The same seed brings the same requests, in the same order; another one brings others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.simulate.fleet.conftest import HARBOUR, MINIMAL, SHIPPED
from tests.simulate.fleet.rehearsal import Rehearsal


def story(catalog: Path, logs: Path, seed: int, scale: float) -> list[Any]:
    """All spans with their ids, times and tags, and all lines, in order."""
    with Rehearsal(catalog, logs, seed, scale) as rehearsal:
        rehearsal.run(5)
    spans = [
        (
            span.context.trace_id if span.context else 0,
            span.context.span_id if span.context else 0,
            span.parent.span_id if span.parent else 0,
            span.name,
            span.start_time,
            span.end_time,
            span.status.status_code,
            dict(span.attributes or {}),
        )
        for span in rehearsal.spans
    ]
    return [sorted(spans, key=str), [values for _, values in rehearsal.records]]


@pytest.mark.parametrize(("catalog", "scale"), [(SHIPPED, 1.0), (HARBOUR, 40.0), (MINIMAL, 20.0)])
def test_a_seed_decides_all_of_it(catalog: Path, scale: float, tmp_path: Path) -> None:
    first = story(catalog, tmp_path / "1", 1, scale)
    again = story(catalog, tmp_path / "2", 1, scale)
    other = story(catalog, tmp_path / "3", 2, scale)
    assert first == again
    assert len(first[0]) > 20
    assert len(first[1]) > 20
    traces = {each[0] for each in first[0]}
    assert traces.isdisjoint(each[0] for each in other[0])
    assert other[1] != first[1]
