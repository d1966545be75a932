from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.panel_unit_fits import CHECK
from tests.delivery.checks.trees import (
    DASHBOARD,
    LINES,
    REQUESTS,
    SCOPE,
    dashboard,
    found,
    override,
    panel,
    shown_as,
    target,
)

LATENCY = (
    "histogram_quantile(0.9, sum by (le) "
    f"(rate(http_server_request_duration_seconds_bucket{{{SCOPE}}}[$__rate_interval])))"
)


@pytest.mark.parametrize(
    ("query", "answers", "unit", "remedy"),
    [
        (LATENCY, "seconds", "ms", "Use the unit s"),
        (REQUESTS, "requests/s", "s", "Use the unit suffix:requests/s"),
        (REQUESTS, "requests/s", "short", "Use the unit suffix:requests/s"),
        (f"{REQUESTS} / {REQUESTS}", "ratio", "percent", "Use the unit percentunit"),
        (LINES, "lines", "bytes", "Use the unit short"),
        (LINES, "lines", "suffix:lines/s", "Use the unit short"),
    ],
)
def test_a_unit_of_something_else(tmp_path, query, answers, unit, remedy):
    made = dashboard(panel(query, fieldConfig=shown_as(unit)))
    assert found(tmp_path, CHECK, {DASHBOARD: made}) == [
        Finding(
            "panel/unit-fits",
            DASHBOARD,
            "panel 1 'Requests', query A",
            f"the query answers {answers}, and the panel shows them as '{unit}'",
            remedy,
        )
    ]


@pytest.mark.parametrize(
    ("query", "unit"),
    [
        (LATENCY, "s"),
        (REQUESTS, "reqps"),
        (REQUESTS, "suffix:requests/s"),
        (f"{REQUESTS} / {REQUESTS}", "percentunit"),
        (f"{REQUESTS} / {REQUESTS}", "suffix:x"),
        (LINES, "short"),
        (f"count(up{{{SCOPE}}})", "ms"),
        (LATENCY, "a unit that the table does not have"),
    ],
)
def test_one_that_fits_or_cannot_be_judged(tmp_path, query, unit):
    made = dashboard(panel(query, fieldConfig=shown_as(unit)))
    assert found(tmp_path, CHECK, {DASHBOARD: made}) == []


@pytest.mark.parametrize(
    ("kind", "named", "changes"),
    [
        ("table", "Value #A", {}),
        (
            "table",
            "How long",
            {
                "transformations": [
                    {"id": "organize", "options": {"renameByName": {"Value #A": "How long"}}}
                ]
            },
        ),
        ("timeseries", "p90", {}),
    ],
)
def test_an_override_gives_a_query_its_own(tmp_path, kind, named, changes):
    config = shown_as("short", override(named, unit="s"))
    query = target(LATENCY, legendFormat="p90")
    made = dashboard(panel(query, type=kind, fieldConfig=config, **changes))
    assert found(tmp_path, CHECK, {DASHBOARD: made}) == []
