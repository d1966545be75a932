"""Panels of older releases in the words of today, and what has no word any more."""

from __future__ import annotations

import pytest

from tests.delivery.importing.samples import GRID, PROMETHEUS, dashboard, old, panel

ASKED = [{"refId": "A", "expr": "sum(rate(boats_total[5m]))"}]


def only(through, old_panel: dict) -> tuple[dict, list]:
    done = through(old({"id": 3, "span": 6, "title": "Boats", "targets": ASKED, **old_panel}))
    return done.panel, done.told("lost")


def test_a_graph_is_a_time_series(through) -> None:
    made, lost = only(
        through,
        {
            "type": "graph",
            "fill": 3,
            "linewidth": 2,
            "stack": True,
            "steppedLine": True,
            "nullPointMode": "connected",
            "legend": {"show": True, "values": True, "avg": True, "max": True, "rightSide": True},
            "tooltip": {"shared": True, "sort": 2},
            "aliasColors": {"late": "red"},
            "seriesOverrides": [
                {"alias": "/lost.*/", "yaxis": 2, "fill": 0, "dashes": True},
                {"alias": "quay", "transform": "negative-Y"},
            ],
            "yaxes": [
                {"format": "bytes", "min": "0", "max": None, "logBase": 10, "label": "cargo"},
                {"format": "percent", "show": True},
            ],
        },
    )
    assert lost == []
    assert made["type"] == "timeseries"
    assert made["gridPos"] == {"x": 0, "y": 0, "w": 12, "h": 7}
    assert made["datasource"] == PROMETHEUS
    defaults = made["fieldConfig"]["defaults"]
    assert (defaults["unit"], defaults["min"]) == ("bytes", 0)
    custom = defaults["custom"]
    assert {key: custom[key] for key in ("drawStyle", "fillOpacity", "lineWidth", "spanNulls")} == {
        "drawStyle": "line",
        "fillOpacity": 30,
        "lineWidth": 2,
        "spanNulls": True,
    }
    assert custom["stacking"] == {"group": "A", "mode": "normal"}
    assert custom["scaleDistribution"] == {"type": "log", "log": 10}
    assert custom["axisLabel"] == "cargo"
    assert made["options"]["legend"]["calcs"] == ["mean", "max"]
    assert made["options"]["legend"]["placement"] == "right"
    assert made["options"]["tooltip"] == {"mode": "multi", "sort": "desc"}
    assert [
        (each["matcher"]["id"], each["matcher"]["options"], [p["id"] for p in each["properties"]])
        for each in made["fieldConfig"]["overrides"]
    ] == [
        ("byName", "late", ["color"]),
        (
            "byRegexp",
            "/lost.*/",
            ["custom.axisPlacement", "unit", "custom.fillOpacity", "custom.lineStyle"],
        ),
        ("byName", "quay", ["custom.transform"]),
    ]


@pytest.mark.parametrize(
    ("setting", "path", "what"),
    [
        (
            {"xaxis": {"mode": "histogram"}},
            "xaxis.mode",
            "the axis was of histogram, and is of time now",
        ),
        (
            {"timeRegions": [{"op": "time"}]},
            "timeRegions",
            "marked hours of the day are not marked any more",
        ),
        (
            {"thresholds": [{"op": "lt", "value": 3}]},
            "thresholds",
            "a threshold from above, or of the right axis",
        ),
        ({"legend": {"hideZero": True}}, "legend.hideZero", "the legend names every series"),
        (
            {"seriesOverrides": [{"alias": "a", "zindex": -3}]},
            "seriesOverrides[0].zindex",
            "-3: a series cannot be given that any more",
        ),
        (
            {"alert": {"name": "Boats"}},
            "alert",
            "an alert of the panel: Grafana from 11 on has none",
        ),
    ],
)
def test_what_a_time_series_cannot_do_is_listed(
    through, setting: dict, path: str, what: str
) -> None:
    _, lost = only(through, {"type": "graph", **setting})
    assert lost == [(f"$.rows[0].panels[0].{path}", what)]


def test_gaps_that_were_zero_stay_zero(through) -> None:
    made, lost = only(through, {"type": "graph", "nullPointMode": "null as zero"})
    assert (made["fieldConfig"]["defaults"]["noValue"], lost) == ("0", [])


def test_a_singlestat_is_a_stat(through) -> None:
    made, lost = only(
        through,
        {
            "type": "singlestat",
            "format": "s",
            "valueName": "current",
            "decimals": 1,
            "colorBackground": True,
            "colors": ["green", "orange", "red"],
            "thresholds": "1,2",
            "sparkline": {"show": True},
            "valueMaps": [{"op": "=", "value": "0", "text": "none"}],
            "postfix": " boats",
        },
    )
    assert lost == [("$.rows[0].panels[0].postfix", "' boats' is not shown beside the value")]
    assert made["type"] == "stat"
    assert made["options"]["reduceOptions"]["calcs"] == ["lastNotNull"]
    assert (made["options"]["colorMode"], made["options"]["graphMode"]) == ("background", "area")
    defaults = made["fieldConfig"]["defaults"]
    assert [step["color"] for step in defaults["thresholds"]["steps"]] == ["green", "orange", "red"]
    assert [step["value"] for step in defaults["thresholds"]["steps"]] == [None, 1, 2]
    assert defaults["mappings"] == [
        {"type": "value", "options": {"0": {"text": "none", "index": 0}}}
    ]


def test_a_singlestat_with_a_gauge_is_a_gauge(through) -> None:
    gauge = {"show": True, "minValue": 0, "maxValue": 100, "thresholdMarkers": True}
    made, lost = only(through, {"type": "singlestat", "format": "percent", "gauge": gauge})
    assert (made["type"], lost) == ("gauge", [])
    assert (made["fieldConfig"]["defaults"]["min"], made["fieldConfig"]["defaults"]["max"]) == (
        0,
        100,
    )


def test_a_table_of_styles_has_overrides(through) -> None:
    made, lost = only(
        through,
        {
            "type": "table",
            "transform": "table",
            "styles": [
                {"pattern": "Time", "type": "hidden"},
                {"pattern": "Value", "alias": "Boats", "type": "number", "unit": "short"},
                {"pattern": "/.*/", "type": "number", "unit": "bytes"},
            ],
        },
    )
    assert lost == []
    assert made["transformations"] == [{"id": "merge", "options": {}}]
    assert made["fieldConfig"]["defaults"]["unit"] == "bytes"
    assert [each["properties"] for each in made["fieldConfig"]["overrides"]] == [
        [{"id": "custom.hidden", "value": True}],
        [{"id": "displayName", "value": "Boats"}, {"id": "unit", "value": "short"}],
    ]


def test_an_old_heatmap_has_options(through) -> None:
    made, lost = only(
        through,
        {
            "type": "heatmap",
            "dataFormat": "tsbuckets",
            "yBucketBound": "upper",
            "yAxis": {"format": "s"},
            "color": {"mode": "spectrum", "colorScheme": "interpolateBlues"},
        },
    )
    assert lost == []
    options = made["options"]
    assert (options["calculate"], options["yAxis"]["unit"]) == (False, "s")
    assert (options["color"]["scheme"], options["rowsFrame"]["layout"]) == ("Blues", "ge")


def test_rows_are_laid_out_and_collapsed_ones_hold_their_panels(through) -> None:
    graph = {"type": "graph", "targets": ASKED, "title": "Boats"}
    rows = [
        {"title": "Open", "showTitle": True, "height": 380, "panels": [
            {**graph, "id": 1, "span": 8}, {**graph, "id": 2, "span": 4}, {**graph, "id": 2}]},
        {"title": "Shut", "collapse": True, "panels": [{**graph, "id": 9, "span": 12}]},
    ]  # fmt: skip
    done = through({**old(), "rows": rows})
    assert [(each["type"], each["id"], each["gridPos"]) for each in done.built["panels"]] == [
        ("row", 3, {"x": 0, "y": 0, "w": 24, "h": 1}),
        ("timeseries", 1, {"x": 0, "y": 1, "w": 16, "h": 10}),
        ("timeseries", 2, {"x": 16, "y": 1, "w": 8, "h": 10}),
        ("timeseries", 5, {"x": 0, "y": 11, "w": 8, "h": 10}),
        ("row", 4, {"x": 0, "y": 21, "w": 24, "h": 1}),
    ]
    assert [each["id"] for each in done.built["panels"][-1]["panels"]] == [9]
    assert done.built["panels"][-1]["collapsed"] is True


def test_a_panel_of_a_plugin_is_listed_and_so_is_a_query_of_another_kind(through) -> None:
    sql = {"type": "mysql", "uid": "crew"}
    done = through(
        dashboard(
            panel(type="acme-tide-panel"),
            panel(id=2, targets=[{"refId": "A", "rawSql": "select 1", "datasource": sql}]),
        )
    )
    assert done.told("lost") == [
        (
            "$.panels[1].targets[0]",
            "a query of mysql: only prometheus, loki, jaeger are asked here",
        ),
        ("$.panels[0]", "the panel 'Boats' is of the type acme-tide-panel, no Grafana brings it"),
    ]
    assert [line.verdict for line in done.lines] == ["exact", "lost", "lost"]


def test_what_an_old_panel_left_in_a_new_one_is_listed_as_left_out(through) -> None:
    done = through(dashboard(panel(aliasColors={"a": "red"}, lines=True, links=[])))
    assert done.told("left out") == [
        ("$.panels[0]", "of an older kind of panel: aliasColors, lines")
    ]
    assert [line.verdict for line in done.lines] == ["exact", "equal"]


def test_a_setting_that_grafana_does_not_have_is_lost(through) -> None:
    done = through(dashboard(panel(tide=1), harbour=[1]))
    assert sorted(done.told("lost")) == [
        ("$.harbour", "Grafana's schema has no such setting"),
        ("$.panels[0].tide", "Grafana's schema has no such setting"),
    ]


def test_a_query_is_never_told_as_a_setting(through) -> None:
    hidden = {"id": "x", "options": {"expr": "up"}}
    done = through(dashboard(panel(transformations=[hidden])))
    assert done.told("lost") == [
        ("$.panels[0].transformations", "Grafana's schema has no such setting")
    ]


def test_a_grid_is_kept(through) -> None:
    done = through(dashboard(panel(gridPos={**GRID, "x": 5})))
    assert done.panel["gridPos"] == {**GRID, "x": 5}
    assert {line.verdict for line in done.lines} == {"exact"}
