"""Parts of platform.yaml that contradict themselves."""

from __future__ import annotations

import pytest

from tests.catalog.editable import PLATFORM, EditableCatalog, Spoilt

CASES = (
    Spoilt(
        "tenant without authentication",
        PLATFORM,
        "tenant: fake",
        "tenant: market",
        (
            PLATFORM,
            "tenant: market",
            (
                "'environments[0].tenant' is 'market', and without authentication Loki's "
                "only tenant is 'fake'. Write 'tenant: fake', or 'auth_enabled: true'."
            ),
        ),
    ),
    Spoilt(
        "retention without a label",
        PLATFORM,
        "match: {level: info, service: till}",
        "match: {}",
        (
            PLATFORM,
            "- {match: {}, keep: 3d}",
            "'retention.log_overrides[0].match' is an empty mapping. Fill it in.",
        ),
    ),
    Spoilt(
        "an item of the bill without a price",
        PLATFORM,
        "{id: store, title: A store, per_gigabyte: 0.1}",
        "{id: store, title: A store}",
        (
            PLATFORM,
            "{id: store, title: A store}",
            (
                "'spending.items[1]' has neither a 'monthly' sum nor a price 'per_gigabyte'. "
                "Give it one of the two; what has both is two items."
            ),
        ),
    ),
    Spoilt(
        "an item of the bill with two prices",
        PLATFORM,
        "{id: disk, title: A disk, monthly: 10}",
        "{id: disk, title: A disk, monthly: 10, per_gigabyte: 1}",
        (
            PLATFORM,
            "{id: disk, title: A disk, monthly: 10, per_gigabyte: 1}",
            (
                "'spending.items[0]' has a 'monthly' sum and a price 'per_gigabyte'. Give it one "
                "of the two; what has both is two items."
            ),
        ),
    ),
    Spoilt(
        "two items of the bill of one id",
        PLATFORM,
        "{id: store, title",
        "{id: disk, title",
        (
            PLATFORM,
            "{id: disk, title: A store, per_gigabyte: 0.1}",
            "'spending.items[1]' is 'disk', as an item above is. Choose another id.",
        ),
    ),
    Spoilt(
        "no currency",
        PLATFORM,
        "currency: EUR",
        "currency: euro",
        (
            PLATFORM,
            "currency: euro",
            "'spending.currency' is 'euro'. Use three capital letters, as in EUR.",
        ),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_it_is_refused_with_place_fault_and_remedy(case: Spoilt, catalog: EditableCatalog) -> None:
    case.check(catalog)
