"""``cost/budget``: see docs/checks/cost-budget.md."""

from __future__ import annotations

from collections.abc import Iterator

from delivery.checks.answers import Answers, answers
from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.cost import Cost, Estimate
from delivery.checks.documents import Dashboard
from delivery.checks.finding import Finding


def _run(context: Context) -> Iterator[Finding]:
    budget = context.catalog.platform.cost
    estimate, found = Estimate(context), answers(context)
    for dashboard in context.documents.dashboards:
        cost = _cost(dashboard, estimate, found)
        for spent, limit, verb, things in (
            (cost.samples, budget.samples, "reads", "samples"),
            (cost.points, budget.points, "shows", "points"),
        ):
            total = sum(spent.values())
            if total <= limit:
                continue
            dearest = max(spent, key=lambda panel: spent[panel])
            reason = (
                f"opened once, the dashboard {verb} about {_rounded(total)} {things}, and "
                f"{_rounded(limit)} is the most; {dearest} alone {_rounded(spent[dearest])}"
            )
            remedy = "Group by fewer labels, show a shorter range first, or record the series"
            yield Finding(CHECK.id, dashboard.file, dashboard.where, reason, remedy)


def _cost(dashboard: Dashboard, estimate: Estimate, found: Answers) -> Cost:
    cost = Cost()
    span = estimate.span(dashboard)
    for panel in dashboard.panels:
        for query in found.get((panel.file, panel.where), ()):
            cost.add(panel.where, *estimate.query(query, span))
    return cost


def _rounded(number: float) -> str:
    """Two digits say all that an estimate can."""
    return f"{float(f'{number:.2g}'):,.0f}"


CHECK = Check("cost/budget", "A dashboard that asks for more than its servers should answer", _run)
