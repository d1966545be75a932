"""Requests of a metric whose label that tells good from bad has an open set of values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from catalog.load import load_catalog
from simulate.world import World

ROOT = Path(__file__).resolve().parents[2]
_LABEL = "http_response_status_code"


@pytest.mark.parametrize(
    ("telling", "good", "bad"),
    [
        ({"bad": {_LABEL: ("500", "503")}}, "200", "500"),
        ({"good": {_LABEL: ("200",)}, "bad": None}, "200", "500"),
        ({"bad": {_LABEL: ("lost",)}}, "ok", "lost"),
        ({"good": {_LABEL: ("done",)}, "bad": None}, "done", "failed"),
    ],
)
def test_an_open_set_has_both_sides_and_most_requests_end_well(
    telling: dict[str, Any], good: str, bad: str
) -> None:
    """As new-service declares a service's requests: 500 and 503 are bad, and no more is known."""
    catalog = load_catalog(ROOT / "catalog")
    service = catalog.service("agents")
    known = next(each for each in service.metrics if each.role == "requests")
    open_ = known.model_copy(update={"labels": {**known.labels, _LABEL: None}, **telling})
    world = World(catalog, catalog.default_environment, 0)
    pod = world.pods_of(service)[0]
    found = world.requests(pod, open_)
    assert {each.labels[_LABEL] for each in found if not each.bad} == {good}
    assert {each.labels[_LABEL] for each in found if each.bad} >= {bad}
    whole = sum(each.quick.rate + each.slow.rate for each in found)
    assert sum(each.quick.rate + each.slow.rate for each in found if not each.bad) > 0.9 * whole
