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
)


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_it_is_refused_with_place_fault_and_remedy(case: Spoilt, catalog: EditableCatalog) -> None:
    case.check(catalog)
