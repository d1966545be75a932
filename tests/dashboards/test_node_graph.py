"""The frames and options that Grafana's node graph is drawn from."""

from __future__ import annotations

from pathlib import Path

from catalog.load import load_catalog
from dashboards import dependencies, node_graph
from dashboards.assemble import artifact
from dashboards.spec import GraphStat, NodeGraph

ROOT = Path(__file__).parents[2]
GRAPH = NodeGraph(
    (
        GraphStat("node", "mainStat", "Requests", "/s"),
        GraphStat("node", "arc__bad", "Bad", colour="red"),
        GraphStat("edge", "secondarystat", "Failed", "%"),
    )
)


def test_each_value_gets_its_name_then_nodes_and_edges_are_merged_apart() -> None:
    steps = node_graph.transformations(GRAPH)
    assert [step["id"] for step in steps] == [*["calculateField"] * 3, "merge", "merge", "organize"]
    named = {
        (step["filter"]["options"], *step["options"]["reduce"]["include"]): step["options"]["alias"]
        for step in steps[:3]
    }
    assert named == {
        ("/^(?:A)$/", "Value #A"): "mainStat",
        ("/^(?:B)$/", "Value #B"): "arc__bad",
        ("/^(?:C)$/", "Value #C"): "secondarystat",
    }
    assert [step["filter"]["options"] for step in steps[3:5]] == ["/^(?:A|B)$/", "/^(?:C)$/"]
    assert steps[5]["options"]["renameByName"]["arc__bad"] == "Bad"


def test_units_and_colours_are_the_panels_options() -> None:
    assert node_graph.options(GRAPH) == {
        "nodes": {"mainStatUnit": "/s", "arcs": [{"field": "arc__bad", "color": "red"}]},
        "edges": {"secondaryStatUnit": "%"},
    }


def test_a_graph_of_the_datasources_own_is_left_alone() -> None:
    assert node_graph.transformations(NodeGraph()) == []
    assert node_graph.options(NodeGraph()) == {}


def test_there_is_a_stat_for_each_query_and_no_dashboard_without_spans() -> None:
    catalog = load_catalog(ROOT / "catalog")
    made = dependencies.build(catalog)
    panel = made.rows[0].panels[0]
    assert isinstance(panel.drawing, NodeGraph)
    assert len(panel.queries) == len(panel.drawing.stats)
    ends = ("id", "source", "target")
    for query, stat in zip(panel.queries, panel.drawing.stats, strict=True):
        expr = query.expr  # type: ignore[union-attr]
        assert all((f'"{label}"' in expr) == (stat.of == "edge" or label == "id") for label in ends)
    content = artifact(made, "x", []).content
    assert isinstance(content, dict)
    assert dependencies.build(load_catalog(ROOT / "tests/fixtures/minimal")).rows == ()
