"""``alert/name``: see docs/checks/alert-name.md."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog import names
from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.finding import Finding

_CAMEL_CASE = re.compile(r"(?:[A-Z][a-z0-9]*)+")
_NO_LETTER = re.compile(r"[\W_]+")


def _run(context: Context) -> Iterator[Finding]:
    labelled: dict[str, set[str]] = {}
    alerts = [rule for rule in context.documents.rules if rule.kind == "alert"]
    for rule in alerts:
        labelled.setdefault(rule.name, set()).add(rule.labels.get(names.SERVICE, ""))
    words = {
        service.id: {_plain(service.id), _plain(service.name)} - {""}
        for service in context.catalog.services
    }
    for rule in alerts:
        service = rule.labels.get(names.SERVICE, "")
        # A name that several services share is none of theirs.
        own = words.get(service, ()) if labelled[rule.name] == {service} else ()
        if not _CAMEL_CASE.fullmatch(rule.name):
            reason = f"'{rule.name}' is not CamelCase"
            remedy = "Write it as one word, as in HighErrorRatio"
        elif any(word in rule.name.lower() for word in own):
            reason = f"the name says '{service}', as the label service does"
            remedy = "Name what is wrong, so that every service can share the alert"
        else:
            continue
        yield Finding(CHECK.id, rule.file, rule.where, reason, remedy)


def _plain(text: str) -> str:
    return _NO_LETTER.sub("", text).lower()


CHECK = Check("alert/name", "An alert whose name is not that of a fault", _run)
