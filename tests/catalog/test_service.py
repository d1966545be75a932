"""Objectives that contradict themselves."""

from __future__ import annotations

import pytest

from tests.catalog.editable import SHOP, EditableCatalog, Spoilt

CASES = (
    Spoilt(
        "latency without threshold",
        SHOP,
        ", threshold: 0.5",
        "",
        (
            SHOP,
            "sli: {type: latency",
            (
                "'objectives[1].sli' is a latency without a 'threshold'. Add the bound "
                "within which an event is good, one of the metric's buckets."
            ),
        ),
    ),
    Spoilt(
        "availability with threshold",
        SHOP,
        "{type: availability, metric: http_server_request_duration_seconds}",
        "{type: availability, metric: sales_total, threshold: 1}",
        (
            SHOP,
            "sli: {type: availability",
            (
                "'objectives[0].sli.threshold' belongs to a latency or a freshness, and "
                "this is an availability. Remove it, or write 'type: latency'."
            ),
        ),
    ),
    Spoilt(
        "threshold of 0",
        SHOP,
        "threshold: 0.5",
        "threshold: 0",
        (
            SHOP,
            "sli: {type: latency",
            "'objectives[1].sli.threshold' is 0. Write a number above 0.",
        ),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_it_is_refused_with_place_fault_and_remedy(case: Spoilt, catalog: EditableCatalog) -> None:
    case.check(catalog)
