"""``datasource/kind``: see docs/checks/datasource-kind.md."""

from __future__ import annotations

from collections.abc import Iterator

from delivery.checks import read_runbooks
from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.finding import Finding
from delivery.checks.provisioned import folder_of, home, provisioned


def _run(context: Context) -> Iterator[Finding]:
    found = provisioned(context.documents)
    for each in context.documents.references:
        if each.kind != "datasource":
            continue
        datasource = found.get(home(each.file), {}).get(each.target)
        if datasource is None or each.expected == datasource.kind:
            continue
        of_setting = folder_of(each.file) == folder_of(datasource.file)
        if each.expected:
            reason = f"'{each.target}' is {datasource.kind}, and this asks {each.expected}"
            remedy = f"Name a datasource of the kind {each.expected}, or say {datasource.kind}"
        elif of_setting or each.file.startswith(f"{read_runbooks.FOLDER}/"):
            continue  # a correlation may lead to any kind, and an address names none
        else:
            reason = f"the type of the datasource '{each.target}' is not said"
            remedy = f"Write type: {datasource.kind} beside the uid"
        yield Finding(CHECK.id, each.file, each.where, reason, remedy)


CHECK = Check("datasource/kind", "A query for one kind of datasource, sent to another", _run)
