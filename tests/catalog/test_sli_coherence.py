"""What an indicator may read, and what it is told where it may not."""

from __future__ import annotations

import pytest

from tests.catalog.editable import SHOP, EditableCatalog, Spoilt

SLI = "sli: {type: latency, metric: http_server_request_duration_seconds, threshold: 0.5}"
WHERE = "title: Requests within"


def spoilt(name: str, sli: str, message: str) -> Spoilt:
    return Spoilt(name, SHOP, SLI, f"sli: {sli}", (SHOP, f"sli: {sli}", message))


CASES = (
    spoilt(
        "metric and log",
        "{type: latency, metric: sales_total, log: sale, threshold: 1}",
        "'objectives[1].sli.log' stands beside 'metric'. Keep one of the two: an indicator has "
        "one source.",
    ),
    spoilt(
        "neither",
        "{type: latency, threshold: 1}",
        "'objectives[1].sli' names neither a 'metric' nor a 'log'. Add the metric that counts the "
        "events, or the id of an event of the logs.",
    ),
    spoilt(
        "freshness of a log",
        "{type: freshness, log: sale, threshold: 60}",
        "'objectives[1].sli.log' is an event of the logs, and a freshness is read from a metric. "
        "Name the metric that counts them: a line that is not written tells nothing.",
    ),
    spoilt(
        "freshness without threshold",
        "{type: freshness, metric: sales_total}",
        "'objectives[1].sli' is a freshness without a 'threshold'. Add the age in seconds up to "
        "which it is fresh.",
    ),
    spoilt(
        "log latency without threshold",
        "{type: latency, log: sale}",
        "'objectives[1].sli' is a latency without a 'threshold'. Add the bound within which an "
        "event is good.",
    ),
    spoilt(
        "unknown event",
        "{type: availability, log: sales}",
        "the logs report no event 'sales'. Did you mean 'sale'?",
    ),
    spoilt(
        "freshness of a gauge that is no time",
        "{type: freshness, metric: open_baskets, threshold: 60}",
        "'open_baskets' is a gauge of baskets, which does not say how old anything is. Name a "
        "gauge whose unit is timestamp, or a counter of what is to come in.",
    ),
    spoilt(
        "freshness shorter than four scrapes",
        "{type: freshness, metric: sales_total, threshold: 59}",
        "59 is no age that can be told at a scrape every 15s. Write whole seconds, at least 60.",
    ),
    spoilt(
        "freshness over hours of raw series",
        "{type: freshness, metric: sales_total, threshold: 90000}",
        "90000 would count 'sales_total' over 25h at each evaluation. Write at most 3600, or name "
        "a gauge whose unit is timestamp.",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_it_is_refused_with_place_fault_and_remedy(case: Spoilt, catalog: EditableCatalog) -> None:
    case.check(catalog)
