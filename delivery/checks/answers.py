"""What the queries of one panel or rule answer together."""

from __future__ import annotations

from delivery.checks.context import Context, Query
from delivery.checks.labels import Known, Values, union

#: A file, and the place of a panel or rule in it.
Place = tuple[str, str]
Answers = dict[Place, list[Query]]


def answers(context: Context) -> Answers:
    """The queries by who asks them."""
    found: Answers = {}
    for query in context.queries:
        place = query.use.file, query.use.panel or query.use.where
        found.setdefault(place, []).append(query)
    return found


def labels_of(queries: list[Query]) -> Known | None:
    """The labels that any of the answers has; None where one cannot be told."""
    labels: dict[str, Values] = {}
    for query in queries:
        if query.shape is None or query.shape.known.anything:
            return None
        for label, values in query.shape.known.labels.items():
            labels[label] = union(labels[label], values) if label in labels else values
    return Known(labels)
