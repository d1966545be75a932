"""``datasource/label``: see docs/checks/datasource-label.md."""

from __future__ import annotations

import re
from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.documents import Mapped
from delivery.checks.finding import Finding
from delivery.checks.labels import nearest

_NO_LABEL = {
    "field": "no line has a label or field '{}'",
    "series": "no target has the label '{}'",
    "stream": "no stream has the label '{}'",
}


def _run(context: Context) -> Iterator[Finding]:
    sources = context.readings.streams.sources
    streams = {label for source in sources for label in source.labels}
    target = context.universe.signal("up")
    known = {
        "stream": streams,
        "field": streams.union(*(source.homes for source in sources)),
        "series": set(target.known.labels) if target else set(),
    }
    for each in context.documents.mapped:
        fault = _of_pattern(each) if each.kind == "pattern" else _of_label(each, known[each.kind])
        if fault:
            yield Finding(CHECK.id, each.file, each.where, *fault, each.name)


def _of_label(each: Mapped, known: set[str]) -> tuple[str, str] | None:
    if each.name in known:
        return None
    return _NO_LABEL[each.kind].format(each.name), nearest(each.name, known)


def _of_pattern(each: Mapped) -> tuple[str, str] | None:
    """Grafana's browser reads the pattern, and takes what its first group finds."""
    try:
        groups = re.compile(each.name.replace("(?<", "(?P<")).groups
    except re.error as error:
        return f"not a regular expression: {error.msg}", "Correct the pattern"
    if not groups:
        return "the pattern has no group, so that nothing is taken", "Put (…) around the value"
    return None


CHECK = Check("datasource/label", "A link between signals by a label that is not there", _run)
