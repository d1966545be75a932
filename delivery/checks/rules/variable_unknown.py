"""``variable/unknown``: see docs/checks/variable-unknown.md."""

from __future__ import annotations

from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.finding import Finding
from delivery.checks.templates import known_variable, unknown


def _run(context: Context) -> Iterator[Finding]:
    for query in context.queries:
        use = query.use
        for name, start, end in query.unknown:
            reason = f"nothing fills '${name}' here"
            remedy = known_variable(name, use.variables)
            yield Finding(CHECK.id, use.file, use.where, reason, remedy, use.text, start, end)
    for text in context.documents.texts:
        for each, reason, remedy in unknown(text):
            span = text.text, each.start, each.end
            yield Finding(CHECK.id, text.file, text.where, reason, remedy, *span)


CHECK = Check("variable/unknown", "A variable that neither the dashboard nor Grafana fills", _run)
