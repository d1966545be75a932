"""``label/shown``: see docs/checks/label-shown.md."""

from __future__ import annotations

import re
from collections.abc import Iterator

from delivery.checks.answers import Answers, answers, labels_of
from delivery.checks.check import Check
from delivery.checks.columns import columns
from delivery.checks.context import Context, Query
from delivery.checks.documents import Panel, Reference
from delivery.checks.finding import Finding
from delivery.checks.labels import nearest

_SHOWS = {
    "alert": "the alert's text shows",
    "annotation": "the annotation shows",
    "library": "a row shows",
    "panel": "the legend shows",
    "variable": "the variable lists",
}
_IN_LINK = re.compile(r"\$\{__field\.labels\.(\w+)")
_OF_ROW = re.compile(r"\$\{__data\.fields\.(\w+)")


def _run(context: Context) -> Iterator[Finding]:
    for query in context.queries:
        yield from _legend(query)
    found = answers(context)
    panels = {
        (panel.file, panel.where): panel
        for dashboard in context.documents.dashboards
        for panel in dashboard.panels
    }
    for place, panel in panels.items():
        yield from _columns(panel, found.get(place, []))
    for reference in context.documents.references:
        if reference.kind == "link" and reference.panel:
            yield from _link(reference, found, panels.get((reference.file, reference.panel)))


def _legend(query: Query) -> Iterator[Finding]:
    use, shape = query.use, query.shape
    shown = _SHOWS.get(use.kind)
    if shape is None or shown is None:
        return
    for label in use.legend:
        if not shape.known.has(label):
            reason = f"{shown} the label '{label}', which the answer does not have"
            remedy = nearest(label, shape.known.labels)
            yield Finding(CHECK.id, use.file, use.where, reason, remedy)


def _columns(panel: Panel, queries: list[Query]) -> Iterator[Finding]:
    known = columns(panel, queries)
    if known is None:
        return
    renamed = frozenset(panel.renamed.values())
    for mention in panel.mentions:
        if mention.name not in known | renamed:
            reason = f"{mention.by} names '{mention.name}', which the answer does not have"
            remedy = nearest(mention.name, known | renamed)
            yield Finding(CHECK.id, panel.file, panel.where, reason, remedy)


def _link(reference: Reference, found: Answers, panel: Panel | None) -> Iterator[Finding]:
    queries = found.get((reference.file, reference.panel), [])
    known = labels_of(queries)
    wanted = dict.fromkeys(_IN_LINK.findall(reference.target))
    if queries and known is not None:
        for label in wanted:
            if not known.has(label):
                yield _in_link(reference, label, nearest(label, known.labels))
    fields = columns(panel, queries) if panel and panel.kind == "table" else None
    if panel and fields is not None:
        fields |= frozenset(panel.renamed.values())
        for name in dict.fromkeys(_OF_ROW.findall(reference.target)):
            if name not in fields:
                yield _in_link(reference, name, nearest(name, fields))


def _in_link(reference: Reference, name: str, remedy: str) -> Finding:
    reason = f"the link takes '{name}' from the answer, which does not have it"
    start = reference.target.find(f".{name}") + 1
    span = reference.target, start, start + len(name)
    return Finding(CHECK.id, reference.file, reference.where, reason, remedy, *span)


CHECK = Check("label/shown", "A text, column or link that shows a label the answer lacks", _run)
