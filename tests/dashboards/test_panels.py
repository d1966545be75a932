"""The adapter adds what grafanalib lacks and removes what Grafana dropped."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from dashboards.panels import Place, panel_json, row_json, variable_json
from dashboards.spec import (
    AlertList,
    Bars,
    Column,
    Drawing,
    GraphStat,
    Lines,
    Link,
    LogLines,
    NodeGraph,
    Note,
    Panel,
    Row,
    Stat,
    Step,
    Table,
    Trace,
    TraceList,
    Variable,
)
from dashboards.targets import Datasources, target_json
from queries.logql import LogQL
from queries.promql import PromQL
from queries.query import Jaeger, Loki, Prom, Query

GOLDEN = Path(__file__).parents[1] / "golden" / "panels"
SOURCES = Datasources("sys")
METRIC = Prom(PromQL("sum by (a) (rate(x_total[$__rate_interval]))"), "{{a}}")
DRAWINGS: dict[str, tuple[Drawing, tuple[Query, ...]]] = {
    "lines": (
        Lines(
            steps=(Step("green"), Step("red", 0.5)),
            maximum=1,
            colours=(("p99", "red"),),
            dashed=("expected",),
        ),
        (Prom(PromQL("x"), "p99", exemplars=True),),
    ),
    "band": (
        Lines(minimum=None, soft_minimum=-4, soft_maximum=4, band=("from", "to")),
        (Prom(PromQL("x - y"), "from"), Prom(PromQL("x + y"), "to"), Prom(PromQL("x"), "now")),
    ),
    "bars": (Bars(), (Loki(LogQL('sum by (level) (count_over_time({a="b"} [$__interval]))')),)),
    "stat": (Stat(steps=(Step("green"), Step("red", 1)), decimals=1), (METRIC,)),
    "table": (
        Table(
            columns=(
                Column("a", "A", links=(Link("Go", "/d/x"),)),
                Column("Value #A", "Rate", "reqps", steps=(Step("green"), Step("red", 9))),
            ),
            sort="Rate",
        ),
        (Prom(PromQL("x"), instant=True, table=True),),
    ),
    "table-of-logs": (
        Table(columns=(Column("Time"), Column("trace_id", "Trace")), from_logs=True),
        (Loki(LogQL('{a="b"} | json'), limit=50),),
    ),
    "logs": (LogLines(), (Loki(LogQL('{a="b"}')),)),
    "trace": (Trace(), (Jaeger("trace", trace_id="${trace_id}"),)),
    "trace-list": (
        TraceList(),
        (Jaeger("search", service="$service", tags="error=true", minimum_duration="1s"),),
    ),
    "node-graph": (NodeGraph(), (Jaeger("dependencies"),)),
    "node-graph-of-metrics": (
        NodeGraph(
            (
                GraphStat("node", "mainStat", "Requests", "/s"),
                GraphStat("node", "arc__bad", "Bad", colour="red"),
                GraphStat("edge", "mainstat", "Calls", "/s"),
            )
        ),
        (METRIC, METRIC, METRIC),
    ),
    "alert-list": (AlertList('{service="a"}'), ()),
    "note": (Note("**Read me.**"), ()),
}


def drawn(name: str) -> dict:
    drawing, queries = DRAWINGS[name]
    panel = Panel(name, name.capitalize(), "What it shows.", queries, drawing, unit="s")
    return panel_json(panel, 7, Place(0, 1, 12, 8), SOURCES)


@pytest.mark.parametrize("name", DRAWINGS)
def test_golden_panel(name: str) -> None:
    path = GOLDEN / f"{name}.json"
    text = json.dumps(drawn(name), indent=2, sort_keys=True) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text, "run `make golden` and review the diff"


def test_golden_files_are_all_in_use() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == DRAWINGS.keys()


@pytest.mark.parametrize("name", DRAWINGS)
def test_nothing_that_grafana_dropped_is_left(name: str) -> None:
    obsolete = {"editable", "error", "height", "span", "minSpan", "maxDataPoints", "cacheTimeout"}
    assert not obsolete & drawn(name).keys()


@pytest.mark.parametrize("name", DRAWINGS)
def test_no_key_holds_nothing_but_a_threshold_without_a_bound(name: str) -> None:
    def nulls(value: object, way: str) -> list[str]:
        if isinstance(value, dict):
            return [found for key, item in value.items() for found in nulls(item, f"{way}.{key}")]
        if isinstance(value, list):
            return [found for item in value for found in nulls(item, way)]
        return [way] if value is None else []

    assert all(way.endswith("steps.value") for way in nulls(drawn(name), ""))


def test_a_prometheus_query_keeps_its_exemplars_and_drops_the_step() -> None:
    target = target_json(Prom(PromQL("x"), "all", exemplars=True), "A", SOURCES)
    assert target == {
        "refId": "A",
        "datasource": {"type": "prometheus", "uid": "sys-prometheus"},
        "editorMode": "code",
        "exemplar": True,
        "expr": "x",
        "format": "time_series",
        "instant": False,
        "legendFormat": "all",
        "range": True,
    }


def test_a_loki_query_has_no_step_which_breaks_grafana_10() -> None:
    target = target_json(Loki(LogQL('{a="b"}'), limit=5), "B", SOURCES)
    assert target == {
        "refId": "B",
        "datasource": {"type": "loki", "uid": "sys-loki"},
        "editorMode": "code",
        "expr": '{a="b"}',
        "legendFormat": "",
        "maxLines": 5,
        "queryType": "range",
    }


def test_a_row_has_nothing_but_what_a_row_has() -> None:
    assert row_json(Row("r", "R", ()), 3, 9, []) == {
        "collapsed": False,
        "gridPos": {"h": 1, "w": 24, "x": 0, "y": 9},
        "id": 3,
        "panels": [],
        "title": "R",
        "type": "row",
    }


def test_a_variable_of_label_values() -> None:
    variable = Variable("pod", "Pod", "Pods.", "query", "pod", 'up{a="$a"}', many=True)
    assert variable_json(variable, SOURCES) == {
        "allValue": ".*",
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
        "datasource": {"type": "prometheus", "uid": "sys-prometheus"},
        "definition": 'label_values(up{a="$a"}, pod)',
        "description": "Pods.",
        "hide": 0,
        "includeAll": True,
        "label": "Pod",
        "multi": True,
        "name": "pod",
        "options": [],
        "query": {"query": 'label_values(up{a="$a"}, pod)', "refId": "pod"},
        "refresh": 2,
        "regex": "",
        "sort": 1,
        "type": "query",
    }


def test_a_variable_of_free_text() -> None:
    variable = Variable("trace_id", "Trace id", "One trace.", "text")
    assert variable_json(variable, SOURCES) == {
        "current": {"text": "", "value": ""},
        "description": "One trace.",
        "hide": 0,
        "label": "Trace id",
        "name": "trace_id",
        "options": [{"selected": True, "text": "", "value": ""}],
        "query": "",
        "type": "textbox",
    }
