from __future__ import annotations

import pytest

from delivery.checks.links import Address, address, expanded

GRAFANA = "http://localhost:3000"


@pytest.mark.parametrize(
    ("url", "known"),
    [
        ("/d/shop", Address("shop", None, ())),
        (f"{GRAFANA}/d/shop/slug?viewPanel=7", Address("shop", 7, ())),
        ("/d-solo/shop?a=b&viewPanel=panel-7#x", Address("shop", 7, ())),
        ("/d/shop?var-a=1&var-b=${c}&var-a=2", Address("shop", None, ("a", "b"))),
        ("/d/a-${b:raw}?c", Address("a-${b:raw}", None, ())),
        ("/d/a-{{ $labels.b }}?c", Address("a-{{ $labels.b }}", None, ())),
        ("https://example.org/d/shop", None),
        ("/explore", None),
    ],
)
def test_where_an_address_leads(url, known):
    assert address(url, GRAFANA) == known


@pytest.mark.parametrize(
    ("template", "uids"),
    [
        ("shop", {"shop"}),
        ("a-${x}", {"a-1", "a-2"}),
        ("a-$x", {"a-1", "a-2"}),
        ("a-${x:queryparam}-${x}", {"a-1-1", "a-1-2", "a-2-1", "a-2-2"}),
        ("a-${__field.labels.x}", {"a-1", "a-2"}),
        ("a-{{ $labels.x }}", {"a-1", "a-2"}),
        ("a-{{.Labels.x}}", {"a-1", "a-2"}),
        ("a-${y}", None),
        ("a-${x}-${y}", None),
        ("a-{{ if .x }}b{{ end }}", None),
    ],
)
def test_what_a_template_becomes(template, uids):
    known = {"x": frozenset({"1", "2"})}
    assert expanded(template, known.get) == uids
