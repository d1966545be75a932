"""Nodes and edges of a graph from Prometheus' tables, in the shape Grafana draws them from.

Grafana's panel takes one frame of nodes and one of edges, and knows a column by its name, whatever
its case: https://grafana.com/docs/grafana/latest/panels-visualizations/visualizations/node-graph.
Each query is a frame of its own, so those of the nodes are merged, and apart from them those of
the edges. Grafana before 10 cannot merge some frames only.
"""

from __future__ import annotations

from typing import Any

from dashboards.spec import NodeGraph

Json = dict[str, Any]

_REF_IDS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def transformations(graph: NodeGraph) -> list[Json]:
    """Two frames of the panel's queries, whose columns have the names that mean something."""
    if not graph.stats:
        return []
    asked = tuple(zip(_REF_IDS, graph.stats, strict=False))
    return [
        *(_named(ref, stat.field) for ref, stat in asked),
        *(
            {"id": "merge", "filter": _of([ref for ref, stat in asked if stat.of == kind])}
            | {"options": {}}
            for kind in ("node", "edge")
        ),
        {
            "id": "organize",
            "options": {
                "excludeByName": {},
                "indexByName": {},
                "renameByName": {stat.field: stat.title for stat in graph.stats},
            },
        },
    ]


def _named(ref: str, field: str) -> Json:
    """A query's value under another name: to rename a column changes only what is shown."""
    return {
        "id": "calculateField",
        "filter": _of([ref]),
        "options": {
            "alias": field,
            "mode": "reduceRow",
            "reduce": {"include": [f"Value #{ref}"], "reducer": "sum"},
            "replaceFields": False,
        },
    }


def _of(refs: list[str]) -> Json:
    return {"id": "byRefId", "options": f"/^(?:{'|'.join(refs)})$/"}


def options(graph: NodeGraph) -> Json:
    """Units and colours: the panel hears no field configuration."""
    return {f"{kind}s": shown for kind in ("node", "edge") if (shown := _shown(graph, kind))}


def _shown(graph: NodeGraph, kind: str) -> Json:
    stats = [stat for stat in graph.stats if stat.of == kind]
    units: Json = {
        f"{part}StatUnit": stat.unit
        for stat in stats
        for part in ("main", "secondary")
        if stat.field.lower() == f"{part}stat"
    }
    arcs = [{"field": stat.field, "color": stat.colour} for stat in stats if stat.colour]
    return {**units, "arcs": arcs} if arcs else units
