"""``link/dead``: see docs/checks/link-dead.md."""

from __future__ import annotations

from collections.abc import Iterator

from catalog import names
from delivery.checks.answers import Answers, answers, labels_of
from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.documents import Dashboard, Reference
from delivery.checks.finding import Finding
from delivery.checks.labels import nearest
from delivery.checks.links import Address, ValuesOf, address, expanded


def _run(context: Context) -> Iterator[Finding]:
    found = answers(context)
    dashboards = {each.uid: each for each in context.documents.dashboards}
    for each in context.documents.references:
        if each.kind != "link":
            continue
        target = address(each.target, context.catalog.platform.links.grafana_url)
        if target is None:
            continue
        uids = expanded(target.uid, _values(context, each, found))
        for uid in sorted(uids or ()):
            for word, reason, remedy in _faults(uid, target, dashboards):
                start = max(each.target.find(word), 0)
                span = each.target, start, start + len(word)
                yield Finding(CHECK.id, each.file, each.where, reason, remedy, *span)


def _values(context: Context, reference: Reference, found: Answers) -> ValuesOf:
    """What a variable in the address can be: of the dashboard, or of the answer it is opened at."""

    def values_of(name: str) -> frozenset[str] | None:
        variable = reference.variables.get(name)
        if variable is not None and variable.values:
            return frozenset(variable.values)
        known = labels_of(found.get((reference.file, reference.panel), []))
        values = known.labels.get(name) if known is not None and variable is None else None
        if values is None and name == names.SERVICE:
            values = frozenset(service.id for service in context.catalog.services)
        return values

    return values_of


def _faults(
    uid: str, target: Address, dashboards: dict[str, Dashboard]
) -> Iterator[tuple[str, str, str]]:
    """The word at fault, the reason, the remedy."""
    dashboard = dashboards.get(uid)
    if dashboard is None:
        yield target.uid, f"no dashboard has the uid '{uid}'", nearest(uid, dashboards)
        return
    numbers = {panel.number for panel in dashboard.panels}
    if target.panel is not None and target.panel not in numbers:
        reason = f"the dashboard '{uid}' has no panel {target.panel}"
        yield str(target.panel), reason, "Name the id of a panel that it has"
    for name in target.variables:
        if name not in dashboard.variables:
            reason = f"the dashboard '{uid}' has no variable '{name}'"
            yield f"var-{name}", reason, nearest(name, dashboard.variables)


CHECK = Check("link/dead", "A link to a dashboard, panel or variable that does not ship", _run)
