from __future__ import annotations

from delivery.checks.finding import Finding
from delivery.checks.rules.datasource_uid import CHECK
from tests.delivery.checks.trees import SOURCES, found, source, sources

SECOND = SOURCES.replace("market.yaml", "zusatz.yaml")
REMEDY = "Keep one of the two: each would undo the other at every start"


def test_one_uid_in_two_files_of_a_folder(tmp_path):
    files = {SOURCES: sources(source("loki")), SECOND: sources(source("loki", name="Logs"))}
    reason = f"the uid 'market-loki' is provisioned by {SOURCES} too"
    assert found(tmp_path, CHECK, files) == [
        Finding("datasource/uid", SECOND, "datasource 'Logs'", reason, REMEDY)
    ]


def test_one_name_twice_in_a_file(tmp_path):
    made = sources(source("loki"), source("loki", uid="other"))
    reason = f"the name 'Market loki' is provisioned by {SOURCES} too"
    assert found(tmp_path, CHECK, {SOURCES: made}) == [
        Finding("datasource/uid", SOURCES, "datasource 'Market loki'", reason, REMEDY)
    ]


def test_none(tmp_path):
    assert found(tmp_path, CHECK, {SOURCES: sources(source("loki", uid=None))}) == [
        Finding(
            "datasource/uid",
            SOURCES,
            "datasource 'Market loki'",
            "the datasource has no uid, so that Grafana makes one up",
            "Give it the uid that the dashboards name",
        )
    ]


def test_another_environment_has_the_same(tmp_path):
    other = "grafana/environments/cluster/datasources/market.yaml"
    assert found(tmp_path, CHECK, {SOURCES: sources(), other: sources()}) == []
