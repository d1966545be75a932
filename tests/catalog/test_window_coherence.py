"""A window that cannot work is refused, and what the message names instead works."""

from __future__ import annotations

import re

import pytest

from catalog.errors import CatalogError
from tests.catalog.editable import PLATFORM, SHOP, WINDOWS, EditableCatalog

FAST = "long: 1h, short: 5m, budget: 2,"
SLOW = "long: 3d, short: 6h, budget: 10,"
TARGET, PERIOD = "target: 95", "target: 95\n    period: 30d"
#: File, text, what spoils it, the fault, and what is written for each value of the remedy.
CASES = (
    (PLATFORM, "evaluation: 30s", "evaluation: 40s", "40s does not divide 5m", "evaluation: {}"),
    (PLATFORM, "evaluation: 30s", "evaluation: 7m", "7m does not divide 5m", "evaluation: {}"),
    (
        WINDOWS,
        FAST,
        "long: 1h, short: 1h, budget: 2,",
        "is not shorter",
        "long: 1h, short: {}, budget: 2,",
    ),
    (
        WINDOWS,
        SLOW,
        "long: 3d, short: 3d, budget: 10,",
        "is not shorter",
        "long: 3d, short: {}, budget: 10,",
    ),
    (
        WINDOWS,
        SLOW,
        "long: 3d, short: 61m, budget: 10,",
        "61m cannot be laid out",
        "long: 3d, short: {}, budget: 10,",
    ),
    (
        WINDOWS,
        SLOW,
        "long: 49h, short: 6h, budget: 10,",
        "49h cannot be laid out",
        "long: {}, short: 6h, budget: 10,",
    ),
    (WINDOWS, FAST, f"{FAST} hold: 6m,", "it holds back longer", f"{FAST} hold: {{}},"),
    (WINDOWS, "minimum_events: 4,", "minimum_events: 3,", "among 3 events", "minimum_events: {},"),
    (
        SHOP,
        PERIOD,
        "target: 97\n    period: 50d",
        "50d cannot be laid out",
        "target: 97\n    period: {}",
    ),
    (
        SHOP,
        PERIOD,
        "target: 97\n    period: 3d",
        "the period of 3d is no longer",
        "target: 97\n    period: {}",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[2]!r}")
def test_every_value_that_the_remedy_names_works(
    case: tuple[str, str, str, str, str], catalog: EditableCatalog
) -> None:
    file, good, bad, fault, mended = case
    catalog.edit(file, good, bad)
    told = [each for each in catalog.complaints() if fault in each]
    assert len(told) == 1
    remedy = told[0].partition(" Make it ")[2]
    values = re.findall(r"\b[0-9]+[smhd]?\b", remedy.partition(", or remove")[0])
    assert values, remedy
    current = bad
    for value in values:
        catalog.edit(file, current, current := mended.format(value))
        catalog.load()


def test_every_way_out_of_an_unreachable_factor_works(catalog: EditableCatalog) -> None:
    """The target, the share of the budget, and the length of the window: each on its own."""
    catalog.edit(SHOP, TARGET, "target: 90")
    told = catalog.complaints()
    assert len(told) == 1
    match = re.search(
        r"at least ([0-9.]+), or that window's 'budget' .* at most ([0-9.]+) or its 'long' at "
        r"least ([0-9a-z]+)\.",
        told[0],
    )
    assert match
    target, share, long = match.groups()
    catalog.edit(SHOP, "target: 90", f"target: {target}")
    catalog.load()
    catalog.edit(SHOP, f"target: {target}", "target: 90")
    for mended in (FAST.replace("budget: 2", f"budget: {share}"), FAST.replace("1h", long)):
        catalog.edit(WINDOWS, FAST, mended)
        catalog.load()
        catalog.edit(WINDOWS, mended, FAST)
    with pytest.raises(CatalogError):
        catalog.load()
