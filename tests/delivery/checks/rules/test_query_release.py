from __future__ import annotations

from delivery.checks.rules.query_release import CHECK
from tests.delivery.checks.trees import fault, found, in_panel, minimal

EXPR = '{cluster="$cluster",service="shop"} | trace_id="x"'


def running(*releases):
    platform = minimal().platform
    loki = platform.components["loki"].model_copy(update={"releases": releases})
    components = {**platform.components, "loki": loki}
    changed = platform.model_copy(update={"components": components})
    return minimal().model_copy(update={"platform": changed})


def test_what_one_of_two_releases_has_in_the_line(tmp_path):
    assert found(tmp_path, CHECK, in_panel(EXPR), catalog=running("2.9.4", "3.8")) == [
        fault(
            "query/release",
            EXPR,
            'trace_id="x"',
            "'trace_id' is structured metadata on Loki 3.x only",
            "Parse the lines first, so that Loki 2.9.4 finds it too",
        )
    ]


def test_it_is_parsed_or_there_is_one_release(tmp_path):
    both = running("2.9.4", "3.8")
    parsed = EXPR.replace("|", "| json |")
    assert found(tmp_path, CHECK, in_panel(parsed), catalog=both) == []
    assert found(tmp_path, CHECK, in_panel(EXPR), catalog=running("3.8")) == []
