"""``alert/template``: see docs/checks/alert-template.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.documents import Rule
from delivery.checks.finding import Finding
from queries.logql_parser.go_templates import OF_GO, fields
from queries.logql_parser.template_tokens import TemplateFault

#: https://prometheus.io/docs/prometheus/latest/configuration/template_reference; Loki's ruler
#: uses the same. Those of Prometheus 2.42.
_FUNCTIONS: Final = OF_GO | frozenset(
    {
        *("args", "externalURL", "first", "graphLink", "humanize", "humanize1024"),
        *("humanizeDuration", "humanizePercentage", "humanizeTimestamp", "label", "match"),
        *("parseDuration", "pathPrefix", "query", "reReplaceAll", "safeHtml", "sortByLabel"),
        *("strvalue", "stripDomain", "stripPort", "tableLink", "title", "toLower", "toTime"),
        *("toUpper", "value"),
    }
)
#: What Prometheus puts before every text.
_GIVEN: Final = "".join(
    f"{{{{${name} := .}}}}" for name in ("labels", "externalLabels", "externalURL", "value")
)


def _run(context: Context) -> Iterator[Finding]:
    for rule in context.documents.rules:
        if rule.kind == "alert":
            for where, text in _texts(rule):
                fault = _fault(_actions(text))
                if fault:
                    reason = f"not a template: {fault}"
                    remedy = "Correct the text where it is made, under alerts/"
                    yield Finding(CHECK.id, rule.file, where, reason, remedy, text)


def _texts(rule: Rule) -> Iterator[tuple[str, str]]:
    for kind, texts in (("annotation", rule.annotations), ("label", rule.labels)):
        for key, text in texts.items():
            if "{{" in text:
                yield f"{rule.where}, {kind} {key}", text


def _actions(text: str) -> str:
    """What is filled in, without the words between: those differ, and are never at fault."""
    found = _ACTION.findall(text)
    return "".join(found) if len(found) == text.count("{{") == text.count("}}") else text


_ACTION = re.compile(r"\{\{[^{}]*\}\}")


@lru_cache(maxsize=1024)
def _fault(text: str) -> str:
    try:
        fields(_GIVEN + text, _FUNCTIONS, "Prometheus")
    except TemplateFault as fault:
        return str(fault)
    return ""


CHECK = Check("alert/template", "A text of an alert that the server cannot fill in", _run)
