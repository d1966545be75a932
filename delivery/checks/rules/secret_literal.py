"""``secret/literal``: see docs/checks/secret-literal.md."""

from __future__ import annotations

from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.finding import Finding


def _run(context: Context) -> Iterator[Finding]:
    for each in context.documents.secrets:
        yield Finding(
            CHECK.id,
            each.file,
            each.where,
            f"{each.what} is written out, and this file is committed",
            "Refer to it: by a Secret, a file that is mounted, or a variable",
        )


CHECK = Check("secret/literal", "A credential in any file that ships", _run)
