"""What Prometheus is told of a story."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.load import load_catalog
from catalog.model import Catalog
from simulate.backtest.incident import Incident
from simulate.backtest.story import tell
from simulate.backtest.telemetry import telemetry

ROOT = Path(__file__).resolve().parents[3]
STEP = 15


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(ROOT / "catalog")


def values(catalog: Catalog, objective: str, background: float) -> list[list[str]]:
    """The values of each pod's bad events: half fails for ten minutes after two hours."""
    incident = Incident.model_validate(
        {
            "id": "mine",
            "title": "Mine",
            "help": "Mine.",
            "rate": 20.0,
            "background": {"burn": background},
            "before": "2h",
            "course": ({"lasts": "10m", "errors": {"ratio": 0.5}},),
            "after": "10m",
        }
    )
    service = next(each for each in catalog.services if each.id == "sigmavault")
    promised = next(each for each in service.objectives if each.id == objective)
    told = telemetry(catalog, service, promised, tell(incident, promised.budget, STEP))
    bad = ('outcome="failed"', 'http_response_status_code="500"')
    return [text.split() for name, text in told.series.items() if any(map(name.count, bad))]


def test_a_lazy_counter_is_born_with_its_first_event(catalog: Catalog) -> None:
    for each in values(catalog, "operations", 0):
        began = each.index("75")
        assert began == 7200 // STEP + 1
        assert set(each[:began]) == {"_"}


def test_one_that_counts_in_the_first_hour_counted_before_it(catalog: Catalog) -> None:
    """Or its birth would be lost: nobody says of the hour before that its target was up."""
    for each in values(catalog, "operations", 1):
        assert each[0] == "1"
        assert int(each[-1]) > int(each[7200 // STEP]) > 1


def test_one_that_is_always_there_begins_at_0(catalog: Catalog) -> None:
    for each in values(catalog, "availability", 1):
        assert each[0] == "0"
