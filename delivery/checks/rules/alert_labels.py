"""``alert/labels``: see docs/checks/alert-labels.md."""

from __future__ import annotations

from collections.abc import Iterator

from catalog import names
from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.documents import Rule
from delivery.checks.finding import Finding
from delivery.checks.labels import nearest

_SEVERITIES = frozenset({names.PAGE, names.TICKET})
#: The one alert that is to wake nobody: it fires for as long as alerts arrive.
_HEARTBEAT = "Watchdog"


def _run(context: Context) -> Iterator[Finding]:
    platform = context.catalog.platform
    services = context.catalog.services
    teams = frozenset(service.owner.team for service in services) | {platform.owner.team}
    known = {
        names.SERVICE: frozenset(service.id for service in services) | set(platform.components),
        names.TEAM: teams,
    }
    for rule in context.documents.rules:
        if rule.kind == "alert":
            silent = frozenset({names.UNHEARD}) if rule.name == _HEARTBEAT else frozenset()
            yield from _faults(rule, {names.SEVERITY: _SEVERITIES | silent, **known})


def _faults(rule: Rule, known: dict[str, frozenset[str]]) -> Iterator[Finding]:
    for label, values in known.items():
        value = rule.labels.get(label, "").strip()
        if not value:
            reason = f"the alert has no label '{label}', by which it is routed"
        elif "{{" not in value and value not in values:
            reason = f"the label '{label}' is '{value}', which nothing is routed by"
        else:
            continue
        yield Finding(CHECK.id, rule.file, rule.where, reason, nearest(value, values))


CHECK = Check("alert/labels", "An alert that is routed to nobody", _run)
