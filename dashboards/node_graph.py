"""Nodes and edges of a graph from Prometheus' tables, in the shape Grafana draws them from.

Grafana's panel takes one frame of nodes and one of edges, and knows a column by its name, whatever
its case: https://grafana.com/docs/grafana/latest/panels-visualizations/visualizations/node-graph.
Each query is a frame of its own, so those of the nodes are merged, and apart from them those of
the edges. Grafana before 10 cannot merge some frames only.
"""

from __future__ import annotations

from typing import Any

from dashboards import options as shape
from dashboards.spec import GraphStat, NodeGraph

Json = dict[str, Any]

_REF_IDS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def transformations(graph: NodeGraph) -> list[Json]:
    """Two frames of the panel's queries, whose columns have the names that mean something."""
    if not graph.stats:
        return []
    refs = _REF_IDS[: len(graph.stats)]
    nodes = [ref for ref, stat in zip(refs, graph.stats, strict=True) if stat.of == "node"]
    edges = [ref for ref in refs if ref not in nodes]
    renamed = {
        f"Value #{ref}": stat.field for ref, stat in zip(refs, graph.stats, strict=True)
    }
    return [
        *(_merged(each) for each in (nodes, edges)),
        {
            "id": "organize",
            "options": {
                "excludeByName": {"Time": True},
                "indexByName": {},
                "renameByName": renamed,
            },
        },
    ]


def overrides(graph: NodeGraph) -> list[Json]:
    """How each stat is shown; an arc is a part of a node's ring."""
    return [shape.override(stat.field, **_properties(stat)) for stat in graph.stats]


def _properties(stat: GraphStat) -> Json:
    properties: Json = {"unit": stat.unit}
    if stat.decimals is not None:
        properties["decimals"] = stat.decimals
    if stat.title:
        properties["displayName"] = stat.title
    if stat.colour:
        properties["color"] = shape.fixed(stat.colour)
    return properties


def _merged(refs: list[str]) -> Json:
    return {
        "id": "merge",
        "filter": {"id": "byRefId", "options": f"/^(?:{'|'.join(refs)})$/"},
        "options": {},
    }
