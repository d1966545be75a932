"""``panel/unit-fits``: see docs/checks/panel-unit-fits.md."""

from __future__ import annotations

from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.finding import Finding
from delivery.checks.shown_units import fits, fitting_unit


def _run(context: Context) -> Iterator[Finding]:
    for query in context.queries:
        use, shape = query.use, query.shape
        if use.kind != "panel" or shape is None or shape.role == "lines" or not use.unit:
            continue
        if not fits(use.unit, shape.unit):
            reason = f"the query answers {shape.unit}, and the panel shows them as '{use.unit}'"
            remedy = fitting_unit(shape.unit)
            yield Finding(CHECK.id, use.file, use.where, reason, remedy)


CHECK = Check("panel/unit-fits", "A panel whose unit is not what its query measures", _run)
