"""The columns of a table and the lines of a graph, where its queries tell them."""

from __future__ import annotations

from delivery.checks.context import Query
from delivery.checks.documents import Panel

#: What Loki's answer has beside its labels, by old and new names.
_OF_LINES = frozenset({"Time", "Line", "labels", "tsNs", "id", "timestamp", "body"})
#: Transformations that add no column, or only those that the answer tells.
_FOLLOWED = frozenset(
    {"merge", "filterFieldsByName", "organize", "extractFields", "sortBy", "convertFieldType"}
)


_GRAPHS = frozenset({"barchart", "bargauge", "gauge", "stat", "timeseries"})


def columns(panel: Panel, queries: list[Query]) -> frozenset[str] | None:
    """The names that a panel's answers have, before any is renamed; None where nobody knows."""
    if not _FOLLOWED.issuperset(panel.transforms):
        return None
    if not panel.refs or len(queries) != len(panel.refs):
        return None  # a datasource of another kind answers too
    if panel.kind == "table":
        return _of_table(panel, queries)
    if panel.kind in _GRAPHS and not panel.transforms:
        return _of_graph(queries)
    return None


def _of_table(panel: Panel, queries: list[Query]) -> frozenset[str] | None:
    found: set[str] = {"Time", "Value"}
    for query in queries:
        shape = query.shape
        if shape is None or shape.known.anything:
            return None
        if shape.role != "lines":
            found |= {f"Value #{query.use.ref}", *shape.known.labels}
        elif "extractFields" in panel.transforms:
            found |= {*_OF_LINES, *shape.known.labels}
        else:
            found |= _OF_LINES
    return frozenset(found)


def _of_graph(queries: list[Query]) -> frozenset[str] | None:
    """The names of the lines where each is written out: what a label has may come and go."""
    named = frozenset(query.use.named for query in queries)
    return None if any(not name or "{{" in name or "$" in name for name in named) else named
