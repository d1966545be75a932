"""``link/form``: see docs/checks/link-form.md."""

from __future__ import annotations

import re
from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.finding import Finding

#: An address, a path on Grafana, or a template that becomes the whole address.
_BEGINNINGS = ("http://", "https://", "/", "${", "$", "{{")
_TEMPLATES = re.compile(r"\$\{[^{}]*\}|\{\{[^{}]*\}\}")
_BRACES = re.compile(r"\$\{|\{\{|\}\}|\}|\{")


def _run(context: Context) -> Iterator[Finding]:
    for each in context.documents.references:
        if each.kind == "datasource":
            continue
        fault = _fault(each.target)
        if fault:
            reason, remedy, start, end = fault
            span = each.target, start, end
            yield Finding(CHECK.id, each.file, each.where, reason, remedy, *span)


def _fault(target: str) -> tuple[str, str, int, int] | None:
    if not target.strip():
        return "the link has no address", "Write where it leads, or remove it", 0, 0
    if not target.startswith(_BEGINNINGS):
        reason = "the address begins with neither http:// or https:// nor /"
        return reason, "Write it in full, or as a path on Grafana", 0, len(target)
    # Templates are blanked out, so that the rest keeps its place.
    rest = _TEMPLATES.sub(lambda found: " " * len(found[0]), target)
    brace = _BRACES.search(rest)
    if brace:
        reason = f"'{brace[0]}' opens or closes no template"
        return reason, "Complete the template", brace.start(), brace.end()
    return None


CHECK = Check("link/form", "A link that no browser can follow", _run)
