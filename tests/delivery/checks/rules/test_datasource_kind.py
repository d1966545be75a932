from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.datasource_kind import CHECK
from tests.delivery.checks.trees import (
    DASHBOARD,
    REQUESTS,
    SOURCES,
    dashboard,
    found,
    panel,
    source,
    sources,
    target,
)


@pytest.mark.parametrize(
    ("kind", "reason", "remedy"),
    [
        (
            "prometheus",
            "'market-loki' is loki, and this asks prometheus",
            "Name a datasource of the kind prometheus, or say loki",
        ),
        (
            "",
            "the type of the datasource 'market-loki' is not said",
            "Write type: loki beside the uid",
        ),
    ],
)
def test_another_kind_than_the_query_is_for(tmp_path, kind, reason, remedy):
    query = target(REQUESTS, datasource={"type": kind, "uid": "market-loki"})
    files = {DASHBOARD: dashboard(panel(query, datasource=None)), SOURCES: sources()}
    where = "panel 1 'Requests', query A"
    assert found(tmp_path, CHECK, files) == [
        Finding("datasource/kind", DASHBOARD, where, reason, remedy)
    ]


def test_a_setting_that_wants_another(tmp_path):
    jaeger = source("jaeger", jsonData={"tracesToLogsV2": {"datasourceUid": "market-jaeger"}})
    assert found(tmp_path, CHECK, {SOURCES: sources(jaeger)}) == [
        Finding(
            "datasource/kind",
            SOURCES,
            "datasource 'Market jaeger', jsonData.tracesToLogsV2.datasourceUid",
            "'market-jaeger' is jaeger, and this asks loki",
            "Name a datasource of the kind loki, or say jaeger",
        )
    ]


def test_what_is_asked_in_its_own_language_and_a_correlation(tmp_path):
    loki = source("loki", correlations=[{"targetUID": "market-loki", "config": {}}])
    files = {DASHBOARD: dashboard(), SOURCES: sources(loki, source("prometheus"))}
    assert found(tmp_path, CHECK, files) == []
