"""Positions, ids, links: what all dashboards share is applied once, and stays put."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalog.artifact import Artifact, Suppression
from dashboards.assemble import artifact, panel_id
from dashboards.spec import Bars, Dashboard, Panel, Row
from queries.logql import LogQL
from queries.query import Loki


def panel(key: str, width: int = 8, height: int = 8) -> Panel:
    query = Loki(LogQL('count_over_time({a="b"} [$__interval])'))
    return Panel(key, key, "Shown.", (query,), Bars(), width=width, height=height)


def dashboard(*rows: Row) -> Dashboard:
    return Dashboard("x-one", "One", "What it is for.", "folder", "team", rows, (), ())


def panels(made: Artifact) -> list[dict]:
    return made.content["panels"]


def test_panels_flow_from_left_to_right_and_wrap() -> None:
    row = Row("r", "R", (panel("a", 12, 4), panel("b", 12, 4), panel("c", 24, 3)))
    places = [entry["gridPos"] for entry in panels(artifact(dashboard(row), "x", ()))]
    assert places == [
        {"x": 0, "y": 0, "w": 24, "h": 1},
        {"x": 0, "y": 1, "w": 12, "h": 4},
        {"x": 12, "y": 1, "w": 12, "h": 4},
        {"x": 0, "y": 5, "w": 24, "h": 3},
    ]


def test_a_line_is_filled_whatever_it_holds() -> None:
    row = Row("r", "R", (panel("a", 8), panel("b", 8), panel("c", 5, 4)))
    places = [entry["gridPos"] for entry in panels(artifact(dashboard(row), "x", ()))]
    assert [place["w"] for place in places] == [24, 12, 12, 24]


def test_panels_of_unlike_heights_do_not_share_a_line() -> None:
    row = Row("r", "R", (panel("a", 12, 4), panel("b", 12, 9)))
    places = [entry["gridPos"] for entry in panels(artifact(dashboard(row), "x", ()))]
    assert [(place["y"], place["w"]) for place in places] == [(0, 24), (1, 24), (5, 24)]


def test_the_next_row_starts_below_all_panels_of_the_one_before() -> None:
    rows = (Row("r", "R", (panel("a", 12, 9), panel("b", 12, 9))), Row("s", "S", (panel("c"),)))
    made = panels(artifact(dashboard(*rows), "x", ()))
    assert [entry["gridPos"]["y"] for entry in made] == [0, 1, 1, 10, 11]


def test_a_collapsed_row_holds_its_panels_and_takes_one_line() -> None:
    rows = (Row("r", "R", (panel("a"),), collapsed=True), Row("s", "S", (panel("b"),)))
    first, second, _ = panels(artifact(dashboard(*rows), "x", ()))
    assert first["collapsed"] is True
    assert [inner["title"] for inner in first["panels"]] == ["a"]
    assert second["gridPos"]["y"] == 1


def test_a_panel_keeps_its_id_when_another_is_put_before_it() -> None:
    alone = panels(artifact(dashboard(Row("r", "R", (panel("b"),))), "x", ()))
    after = panels(artifact(dashboard(Row("r", "R", (panel("a"), panel("b")))), "x", ()))
    assert alone[1]["id"] == after[2]["id"] == panel_id("b")


def test_ids_are_what_they_were() -> None:
    """Bookmarks and links outside this repository hold these numbers."""
    assert panel_id("logs.lines") == 1_400_984_397
    assert panel_id("requests.http_server_request_duration_seconds.latency") == 483_690_181


def test_two_panels_of_one_key_are_refused() -> None:
    twice = Row("r", "R", (panel("a"), panel("a")))
    with pytest.raises(ValueError, match=r"^x-one: the panels 'a' and 'a' have one id$"):
        artifact(dashboard(twice), "x", ())


def test_a_panel_wider_than_the_grid_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^the panel 'a' is wider than the grid$"):
        artifact(dashboard(Row("r", "R", (panel("a", width=25),))), "x", ())


def test_a_dashboard_links_to_its_siblings_and_not_to_itself() -> None:
    siblings = [("One", "/d/x-one", "This one"), ("Two", "/d/x-two", "That one")]
    made = artifact(dashboard(Row("r", "R", (panel("a"),))), "x", siblings)
    (link,) = made.content["links"]
    assert (link["title"], link["url"]) == ("Two", "/d/x-two")
    assert link["includeVars"]
    assert link["keepTime"]


def test_it_is_filed_under_its_folder_and_uid() -> None:
    made = artifact(replace(dashboard(), uid="x-two"), "x", ())
    assert made.path == "grafana/dashboards/folder/x-two.json"
    assert (made.kind, made.uid, made.owner) == ("dashboard", "x-two", "team")


def test_what_a_panel_declares_as_meant_ships_with_its_place() -> None:
    meant = replace(panel("a"), accept={"panel/unit": "The unit is in the title."})
    made = artifact(dashboard(Row("r", "R", (meant, panel("b")))), "x", ())
    place = f"panel {panel_id('a')} 'a'"
    assert made.suppressions == (Suppression("panel/unit", place, "The unit is in the title."),)
