"""``datasource/unknown``: see docs/checks/datasource-unknown.md."""

from __future__ import annotations

from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.finding import Finding
from delivery.checks.labels import nearest
from delivery.checks.provisioned import DEFAULT, PSEUDO, home, is_variable, provisioned


def _run(context: Context) -> Iterator[Finding]:
    found = provisioned(context.documents)
    for each in context.documents.references:
        if each.kind != "datasource" or each.target in PSEUDO:
            continue
        known = found.get(home(each.file), {})
        if is_variable(each.target, each.variables) or each.target in known:
            continue
        reason = (
            f"no datasource has the uid '{each.target}'"
            if each.target
            else "no datasource is named, so that Grafana asks whichever is its default"
        )
        yield Finding(CHECK.id, each.file, each.where, reason, nearest(each.target, known))
    default = found.get(DEFAULT, {})
    for folder, known in found.items():
        for uid in sorted(default.keys() - known.keys()):
            file = next(iter(known.values())).file
            reason = f"this environment has no datasource '{uid}', which the dashboards may ask"
            remedy = f"Add what {DEFAULT} has, with this environment's address"
            yield Finding(CHECK.id, file, f"folder {folder}", reason, remedy)


CHECK = Check("datasource/unknown", "A datasource that nothing provisions", _run)
