"""No name of the catalog leads out of the folder that is written to."""

from __future__ import annotations

import pytest

from tests.catalog.editable import PLATFORM, SHOP, EditableCatalog, Spoilt

CASES = (
    Spoilt(
        "parent",
        SHOP,
        "id: shop",
        "id: ../shop",
        (
            SHOP,
            "id: ../shop",
            (
                "'id' is '../shop'. Use lower-case letters and digits, a letter first, "
                "with single hyphens between."
            ),
        ),
    ),
    Spoilt(
        "folder",
        SHOP,
        "id: shop",
        "id: a/b",
        (
            SHOP,
            "id: a/b",
            (
                "'id' is 'a/b'. Use lower-case letters and digits, a letter first, with "
                "single hyphens between."
            ),
        ),
    ),
    Spoilt(
        "dots",
        SHOP,
        "id: shop",
        "id: ..",
        (
            SHOP,
            "id: ..",
            (
                "'id' is '..'. Use lower-case letters and digits, a letter first, with "
                "single hyphens between."
            ),
        ),
    ),
    Spoilt(
        "absolute",
        SHOP,
        "id: shop",
        "id: /etc/passwd",
        (
            SHOP,
            "id: /etc/passwd",
            (
                "'id' is '/etc/passwd'. Use lower-case letters and digits, a letter first, "
                "with single hyphens between."
            ),
        ),
    ),
    Spoilt(
        "windows drive",
        SHOP,
        "id: shop",
        "id: C:\\shop",
        (
            SHOP,
            "id: C:\\shop",
            (
                "'id' is 'C:\\\\shop'. Use lower-case letters and digits, a letter first, "
                "with single hyphens between."
            ),
        ),
    ),
    Spoilt(
        "windows parent",
        SHOP,
        "id: shop",
        "id: ..\\shop",
        (
            SHOP,
            "id: ..\\shop",
            (
                "'id' is '..\\\\shop'. Use lower-case letters and digits, a letter first, "
                "with single hyphens between."
            ),
        ),
    ),
    Spoilt(
        "nul",
        SHOP,
        "id: shop",
        'id: "shop\\0"',
        (
            SHOP,
            'id: "shop\\0"',
            (
                "'id' is 'shop\\x00'. Use lower-case letters and digits, a letter first, "
                "with single hyphens between."
            ),
        ),
    ),
    Spoilt(
        "line break at the end",
        SHOP,
        "id: shop",
        'id: "shop\\n"',
        (
            SHOP,
            'id: "shop\\n"',
            (
                "'id' is 'shop\\n'. Use lower-case letters and digits, a letter first, "
                "with single hyphens between."
            ),
        ),
    ),
    Spoilt(
        "empty id",
        SHOP,
        "id: shop",
        'id: ""',
        (
            SHOP,
            'id: ""',
            (
                "'id' is empty text. Use lower-case letters and digits, a letter first, "
                "with single hyphens between."
            ),
        ),
    ),
    Spoilt(
        "folder of dashboards",
        PLATFORM,
        "id: logs,",
        "id: ../../logs,",
        (
            PLATFORM,
            "- {id: ../../logs, title: Logs, use: logs}",
            (
                "'folders[1].id' is '../../logs'. Use lower-case letters and digits, a "
                "letter first, with single hyphens between."
            ),
        ),
    ),
    Spoilt(
        "environment",
        PLATFORM,
        "id: here",
        "id: ../here",
        (
            PLATFORM,
            "- id: ../here",
            (
                "'environments[0].id' is '../here'. Use lower-case letters, digits and "
                "hyphens, a letter first."
            ),
        ),
    ),
    Spoilt(
        "tenant",
        PLATFORM,
        "tenant: fake",
        "tenant: ../fake",
        (
            PLATFORM,
            "tenant: ../fake",
            (
                "'environments[0].tenant' is '../fake'. Use lower-case letters and digits, "
                "a letter first, with single hyphens between."
            ),
        ),
    ),
    Spoilt(
        "system",
        PLATFORM,
        "id: market",
        "id: ../m",
        (
            PLATFORM,
            "system:",
            (
                "'system.id' is '../m'. Use lower-case letters and digits, a letter first, "
                "with single hyphens between."
            ),
        ),
    ),
    Spoilt(
        "objective",
        SHOP,
        "id: latency",
        "id: ../latency",
        (
            SHOP,
            "- id: ../latency",
            (
                "'objectives[1].id' is '../latency'. Use lower-case letters and digits, a "
                "letter first, with single hyphens between."
            ),
        ),
    ),
    Spoilt(
        "event",
        SHOP,
        "id: sale\n",
        "id: ../sale\n",
        (
            SHOP,
            "- id: ../sale",
            (
                "'logs.events[0].id' is '../sale'. Use lower-case letters and digits, a "
                "letter first, with single hyphens between."
            ),
        ),
    ),
    Spoilt(
        "team",
        SHOP,
        "team: sales",
        "team: ../sales",
        (
            SHOP,
            "owner:",
            (
                "'owner.team' is '../sales'. Use lower-case letters and digits, a letter "
                "first, with single hyphens between."
            ),
        ),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_it_is_refused_with_place_fault_and_remedy(case: Spoilt, catalog: EditableCatalog) -> None:
    case.check(catalog)
