"""The numbers of the SRE Workbook come out of its windows."""

from __future__ import annotations

import pytest

from alerts import burn
from catalog import spans
from catalog.model import Catalog
from catalog.platform import Window

MONTH = 30 * 86400


def window(severity: str, long: str, short: str, budget: float) -> Window:
    return Window.model_validate(
        {
            "severity": severity,
            "long": long,
            "short": short,
            "budget": budget,
            "minimum_events": 1,
            "minimum_errors": 1,
        }
    )


@pytest.mark.parametrize(
    ("long", "short", "budget", "factor"),
    [("1h", "5m", 2, 14.4), ("6h", "30m", 5, 6), ("3d", "6h", 10, 1)],
)
def test_the_workbooks_table_5_8(long: str, short: str, budget: float, factor: float) -> None:
    assert window("page", long, short, budget).factor(MONTH) == factor


def test_a_factor_follows_the_period() -> None:
    assert window("page", "1h", "5m", 2).factor(28 * 86400) == 13.44


def test_a_factor_is_never_below_one() -> None:
    """Burning slower than that keeps the promise: nobody is told of it."""
    assert window("ticket", "3d", "6h", 10).factor(7 * 86400) == 1


def test_one_burn_rate_for_each_length(shipped: Catalog) -> None:
    lengths = spans.lengths(shipped.windows)
    assert lengths == (300, 1800, 3600, 7200, 21600, 86400, 259200)


def test_the_end_is_foretold_from_the_longest_window_that_pages(shipped: Catalog) -> None:
    assert burn.forecast(shipped.windows.windows) == 21600


def test_or_from_the_shortest_long_one_where_none_pages() -> None:
    tickets = (window("ticket", "3d", "6h", 10), window("ticket", "1d", "2h", 10))
    assert burn.forecast(tickets) == 86400
