"""Provisioning files: `$` as they need it, every folder there, one address an environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.load import load_catalog
from catalog.model import Catalog
from dashboards.registry import generate as generate_dashboards
from datasources.provisioning import escaped
from datasources.registry import generate

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", params=("catalog", "tests/fixtures/second"))
def catalog(request: pytest.FixtureRequest) -> Catalog:
    return load_catalog(ROOT / request.param)


@pytest.fixture(scope="module")
def files(catalog: Catalog) -> dict[str, dict]:
    return {made.path: made.content for made in generate(catalog)}


def by_type(files: dict[str, dict], catalog: Catalog) -> dict[str, dict]:
    path = f"grafana/provisioning/datasources/{catalog.prefix}.yaml"
    return {source["type"]: source for source in files[path]["datasources"]}


def test_every_dollar_is_doubled_however_deep() -> None:
    assert escaped({"a": ["${x}", {"b": "$__tags"}], "c": 1, "d": True}) == {
        "a": ["$${x}", {"b": "$$__tags"}],
        "c": 1,
        "d": True,
    }


def test_no_single_dollar_is_left_for_grafana_to_expand(files: dict[str, dict]) -> None:
    for path, content in files.items():
        assert "$" not in str(content).replace("$$", ""), path


def test_each_folder_that_grafana_looks_into_holds_a_file(files: dict[str, dict]) -> None:
    found = {path.split("/")[2] for path in files if path.startswith("grafana/provisioning/")}
    assert found == {"alerting", "dashboards", "datasources", "notifiers", "plugins"}


def test_each_folder_with_dashboards_has_one_provider_and_no_other(
    catalog: Catalog, files: dict[str, dict]
) -> None:
    providers = files[f"grafana/provisioning/dashboards/{catalog.prefix}.yaml"]["providers"]
    read = [provider["options"]["path"].rsplit("/", 1)[1] for provider in providers]
    written = {made.path.split("/")[2] for made in generate_dashboards(catalog)}
    assert sorted(read) == sorted(written)
    assert all(
        provider["options"]["path"].startswith("/var/lib/grafana/dashboards/")
        for provider in providers
    )


def test_each_other_environment_has_its_own_addresses(
    catalog: Catalog, files: dict[str, dict]
) -> None:
    for environment in catalog.platform.environments[1:]:
        path = f"grafana/environments/{environment.id}/datasources/{catalog.prefix}.yaml"
        for source in files[path]["datasources"]:
            assert source["url"] == environment.addresses[source["type"]]


def test_uids_are_the_same_in_every_environment(files: dict[str, dict]) -> None:
    uids = [
        [source["uid"] for source in content["datasources"]]
        for content in files.values()
        if "datasources" in content
    ]
    assert all(found == uids[0] for found in uids)


def test_a_tenant_is_named_exactly_where_loki_asks_for_one() -> None:
    catalog = load_catalog(ROOT / "catalog")
    made = {artifact.path: artifact.content for artifact in generate(catalog)}
    for environment in catalog.platform.environments:
        folder = (
            "provisioning"
            if environment is catalog.default_environment
            else (f"environments/{environment.id}")
        )
        content = made[f"grafana/{folder}/datasources/{catalog.prefix}.yaml"]
        (loki,) = (source for source in content["datasources"] if source["type"] == "loki")
        secure = loki.get("secureJsonData", {})
        assert secure.get("httpHeaderValue1") == (
            environment.tenant if environment.auth_enabled else None
        )


def test_links_lead_to_datasources_that_are_there(catalog: Catalog, files: dict[str, dict]) -> None:
    sources = by_type(files, catalog)
    known = {source["uid"] for source in sources.values()}

    def uids(value: object) -> list[str]:
        if isinstance(value, dict):
            named = [
                item
                for key, item in value.items()
                if key in {"datasourceUid", "targetUID", "alertmanagerUid"}
            ]
            return named + [found for item in value.values() for found in uids(item)]
        if isinstance(value, list):
            return [found for item in value for found in uids(item)]
        return []

    found = [uid for source in sources.values() for uid in uids(source)]
    assert found
    assert set(found) <= known


def test_no_folder_has_the_uid_of_a_dashboard(catalog: Catalog, files: dict[str, dict]) -> None:
    """Grafana up to 11 keeps both in one table and would refuse the dashboard."""
    providers = files[f"grafana/provisioning/dashboards/{catalog.prefix}.yaml"]["providers"]
    folders = {provider["folderUid"] for provider in providers}
    assert all(len(uid) <= 40 for uid in folders)
    assert not folders & {made.uid for made in generate_dashboards(catalog)}
