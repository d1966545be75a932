"""Every module that builds a dashboard is in the registry, and what it builds keeps house."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.load import load_catalog
from catalog.model import Catalog
from dashboards import imports, registry
from datasources.registry import folders_in_use

ROOT = Path(__file__).parents[2]
CATALOGS = (ROOT / "catalog", ROOT / "tests" / "fixtures" / "second")
#: No query of its own, and no unit either.
WITHOUT_TARGETS = {"row", "alertlist", "text"}
WITHOUT_UNIT = {"row", "alertlist", "text", "logs", "traces", "nodeGraph"}


@pytest.fixture(scope="module", params=CATALOGS, ids=lambda path: path.name)
def catalog(request: pytest.FixtureRequest) -> Catalog:
    return load_catalog(request.param)


@pytest.fixture(scope="module")
def dashboards(catalog: Catalog) -> list[dict]:
    # An imported one is as it was read: what keeps house is asked of our own.
    imported = {build(catalog).head.uid for build in imports.IMPORTED}
    return [made.content for made in registry.generate(catalog) if made.uid not in imported]


def every_panel(dashboards: list[dict]) -> Iterator[tuple[str, dict]]:
    for dashboard in dashboards:
        for panel in dashboard["panels"]:
            yield dashboard["uid"], panel
            for inner in panel.get("panels", ()):
                yield dashboard["uid"], inner


def test_every_module_with_a_build_function_is_registered() -> None:
    building = set()
    for path in (ROOT / "dashboards").glob("*.py"):
        functions = {
            node.name
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.FunctionDef)
        }
        if "build" in functions:
            building.add(f"dashboards.{path.stem}")
    registered = {
        build.__module__ for build in (*registry.SYSTEM, *registry.SERVICE, *imports.IMPORTED)
    }
    assert building == registered


def test_each_service_has_its_logs_and_each_with_objectives_its_budgets(
    catalog: Catalog, dashboards: list[dict]
) -> None:
    uids = {dashboard["uid"] for dashboard in dashboards}
    for service in catalog.services:
        assert f"{catalog.prefix}-logs-{service.id}" in uids
        assert (f"{catalog.prefix}-slo-{service.id}" in uids) == bool(service.objectives)


def test_every_panel_says_what_it_shows(dashboards: list[dict]) -> None:
    for uid, panel in every_panel(dashboards):
        assert panel["title"].strip(), uid
        if panel["type"] != "row":
            assert panel["description"].strip().endswith("."), (uid, panel["title"])


def test_every_panel_of_numbers_has_a_unit_and_an_empty_state(dashboards: list[dict]) -> None:
    for uid, panel in every_panel(dashboards):
        if panel["type"] not in WITHOUT_UNIT:
            defaults = panel["fieldConfig"]["defaults"]
            assert defaults["unit"], (uid, panel["title"])
            assert defaults["noValue"], (uid, panel["title"])


def test_every_panel_asks_something(dashboards: list[dict]) -> None:
    for uid, panel in every_panel(dashboards):
        assert bool(panel.get("targets")) != (panel["type"] in WITHOUT_TARGETS), (uid, panel)


def test_every_series_has_a_legend_of_its_own(dashboards: list[dict]) -> None:
    """An empty legend shows the raw set of labels."""
    for uid, panel in every_panel(dashboards):
        if panel["type"] == "timeseries":
            for target in panel["targets"]:
                assert target["legendFormat"], (uid, panel["title"])


def test_titles_are_unique_in_a_dashboard(dashboards: list[dict]) -> None:
    for dashboard in dashboards:
        titles = [
            (row, panel["title"])
            for row, panel in with_rows(dashboard["panels"])
            if panel["type"] != "row"
        ]
        assert len(titles) == len(set(titles)), dashboard["uid"]


def with_rows(panels: list[dict]) -> Iterator[tuple[str, dict]]:
    row = ""
    for panel in panels:
        row = panel["title"] if panel["type"] == "row" else row
        yield row, panel


def test_ids_and_uids_are_unique_and_fit(dashboards: list[dict]) -> None:
    uids = [dashboard["uid"] for dashboard in dashboards]
    assert len(uids) == len(set(uids))
    assert all(len(uid) <= 40 for uid in uids)
    for dashboard in dashboards:
        ids = [panel["id"] for _, panel in every_panel([dashboard])]
        assert len(ids) == len(set(ids)), dashboard["uid"]
        assert all(0 < number < 2**31 for number in ids)


def test_panels_neither_overlap_nor_leave_the_grid(dashboards: list[dict]) -> None:
    for dashboard in dashboards:
        taken: dict[tuple[int, int], str] = {}
        for panel in dashboard["panels"]:
            place = panel["gridPos"]
            assert place["x"] + place["w"] <= 24, panel["title"]
            for x in range(place["x"], place["x"] + place["w"]):
                for y in range(place["y"], place["y"] + place["h"]):
                    assert (x, y) not in taken, (panel["title"], taken.get((x, y)))
                    taken[x, y] = panel["title"]


def test_every_dashboard_is_narrowed_to_one_cluster_and_environment(dashboards: list[dict]) -> None:
    for dashboard in dashboards:
        variables = {entry["name"]: entry for entry in dashboard["templating"]["list"]}
        for name in ("cluster", "environment"):
            assert not variables[name]["multi"], dashboard["uid"]
    for uid, panel in every_panel(dashboards):
        for target in panel.get("targets", ()):
            if "expr" in target:
                assert 'cluster="$cluster"' in target["expr"], (uid, panel["title"])
                assert 'environment="$environment"' in target["expr"], (uid, panel["title"])


def test_every_dashboard_marks_alerts(dashboards: list[dict]) -> None:
    for dashboard in dashboards:
        assert "Alerts" in marks(dashboard), dashboard["uid"]


def test_every_dashboard_of_a_service_that_tells_its_version_marks_deploys(
    catalog: Catalog, dashboards: list[dict]
) -> None:
    telling = {service.id for service, _ in catalog.with_role("build_info")}
    for dashboard in dashboards:
        about = {service.id for service in catalog.services} & set(dashboard["tags"])
        expected = bool(telling & about) if about else bool(telling)
        assert ("Deploys" in marks(dashboard)) == expected, dashboard["uid"]


def marks(dashboard: dict) -> set[str]:
    return {entry["name"] for entry in dashboard["annotations"]["list"]}


def test_every_datasource_is_named_by_type_and_uid(
    catalog: Catalog, dashboards: list[dict]
) -> None:
    for uid, panel in every_panel(dashboards):
        for target in panel.get("targets", ()):
            source = target["datasource"]
            assert source["uid"] == f"{catalog.prefix}-{source['type']}", (uid, panel["title"])


def test_rates_of_counters_use_the_rate_interval(dashboards: list[dict]) -> None:
    for uid, panel in every_panel(dashboards):
        for target in panel.get("targets", ()):
            if target["datasource"]["type"] == "prometheus":
                assert "$__interval" not in target["expr"], (uid, panel["title"])


def test_the_budget_dashboards_read_recorded_series_only(dashboards: list[dict]) -> None:
    for uid, panel in every_panel(dashboards):
        if "-slo" in uid:
            for target in panel.get("targets", ()):
                assert "slo:" in target["expr"], (uid, panel["title"])
                assert "[" not in target["expr"], (uid, panel["title"])


def test_without_objectives_there_are_no_budgets_and_no_links_to_them() -> None:
    first = load_catalog(ROOT / "catalog")
    services = tuple(service.model_copy(update={"objectives": ()}) for service in first.services)
    bare = first.model_copy(update={"services": services})
    made = [artifact.content for artifact in registry.generate(bare)]
    assert not [dashboard["uid"] for dashboard in made if "-slo" in dashboard["uid"]]
    assert not [
        link
        for dashboard in made
        for link in dashboard.get("links", ())
        if "-slo" in link.get("url", "")
    ]
    folders = {artifact.path.split("/")[2] for artifact in registry.generate(bare)}
    assert folders == folders_in_use(bare)


def slug(title: str) -> str:
    """What Grafana makes of a title: letters and digits, with a hyphen for the rest."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def test_no_dashboard_is_called_like_a_folder(catalog: Catalog, dashboards: list[dict]) -> None:
    """Grafana up to 10 compares their slugs and refuses the dashboard."""
    folders = {slug(folder.title) for folder in catalog.platform.folders}
    assert not folders & {slug(dashboard["title"]) for dashboard in dashboards}
