"""``variable/multi``: see docs/checks/variable-multi.md."""

from __future__ import annotations

import re
from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.documents import Use
from delivery.checks.finding import Finding
from delivery.checks.templates import occurrences

#: A comparison with one text. A line filter for text (``|=``) takes no expression either.
_EQUALITY = re.compile(
    r"(?P<operator>!=|\|=|(?<![=!<>~|])=)\s*"
    r"(?P<value>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`|\$\{[^}]*\})"
)
_EXPRESSIONS = {"=": "=~", "!=": "!~", "|=": "|~"}


def _run(context: Context) -> Iterator[Finding]:
    for query in context.queries:
        many = {name for name, each in query.use.variables.items() if each.many}
        if any(name in query.use.text for name in many):
            yield from _faults(query.use, many)


def _faults(use: Use, many: set[str]) -> Iterator[Finding]:
    for found in _EQUALITY.finditer(use.text):
        for each in occurrences(found["value"]):
            if each.name not in many:
                continue
            operator = found["operator"]
            start = found.start("value") + each.start
            yield Finding(
                CHECK.id,
                use.file,
                use.where,
                f"'${each.name}' can be several values at once, and '{operator}' compares with one",
                f"Write {_EXPRESSIONS[operator]}",
                use.text,
                start,
                start + each.end - each.start,
            )


CHECK = Check("variable/multi", "A variable of several values where only one can match", _run)
