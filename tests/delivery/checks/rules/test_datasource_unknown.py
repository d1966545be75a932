from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.datasource_unknown import CHECK
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
    variable,
    with_variables,
)

KNOWN = "Known here are market-alertmanager, market-jaeger, market-loki, market-prometheus"


@pytest.mark.parametrize(
    ("uid", "reason", "remedy"),
    [
        (
            "market-prometeus",
            "no datasource has the uid 'market-prometeus'",
            "Did you mean 'market-prometheus'?",
        ),
        ("", "no datasource is named, so that Grafana asks whichever is its default", KNOWN),
    ],
)
def test_a_uid_that_nothing_provisions(tmp_path, uid, reason, remedy):
    query = target(REQUESTS, datasource={"type": "prometheus", "uid": uid})
    files = {DASHBOARD: dashboard(panel(query)), SOURCES: sources()}
    where = "panel 1 'Requests'"
    assert found(tmp_path, CHECK, files) == [
        Finding("datasource/unknown", DASHBOARD, place, reason, remedy)
        for place in (where, f"{where}, query A")
    ]


def test_a_setting_of_a_datasource(tmp_path):
    loki = source("loki", jsonData={"derivedFields": [{"name": "t", "datasourceUid": "gone"}]})
    (only,) = found(tmp_path, CHECK, {SOURCES: sources(loki)})
    assert (only.file, only.where, only.reason) == (
        SOURCES,
        "datasource 'Market loki', jsonData.derivedFields[0].datasourceUid",
        "no datasource has the uid 'gone'",
    )


def test_an_environment_that_lacks_one(tmp_path):
    other = "grafana/environments/cluster/datasources/market.yaml"
    default = sources(source("loki"), source("prometheus"))
    assert found(tmp_path, CHECK, {SOURCES: default, other: sources(source("loki"))}) == [
        Finding(
            "datasource/unknown",
            other,
            "folder grafana/environments/cluster/datasources",
            "this environment has no datasource 'market-prometheus', which the dashboards may ask",
            "Add what grafana/provisioning/datasources has, with this environment's address",
        )
    ]


def test_a_known_one_grafana_itself_and_a_choice(tmp_path):
    mixed = panel(datasource={"type": "datasource", "uid": "-- Mixed --"})
    chosen = panel(target(REQUESTS, datasource={"type": "prometheus", "uid": "${source}"}), id=2)
    choice = {**variable("source", ""), "type": "datasource"}
    files = {DASHBOARD: with_variables(choice, panels=(mixed, chosen)), SOURCES: sources()}
    assert found(tmp_path, CHECK, files) == []


def test_a_query_without_its_own_asks_its_panels(tmp_path):
    query = target(REQUESTS)
    del query["datasource"]
    made = dashboard(panel(query, datasource={"type": "prometheus", "uid": "market-prometheus"}))
    assert found(tmp_path, CHECK, {DASHBOARD: made, SOURCES: sources()}) == []
