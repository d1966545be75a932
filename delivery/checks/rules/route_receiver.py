"""``route/receiver``: see docs/checks/route-receiver.md."""

from __future__ import annotations

from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.finding import Finding
from delivery.checks.labels import nearest


def _run(context: Context) -> Iterator[Finding]:
    routes, receivers = context.documents.routes, context.documents.receivers
    for route in routes:
        known = {each.name for each in receivers if each.file == route.file}
        if route.receiver not in known:
            named = f"the receiver '{route.receiver}'" if route.receiver else "no receiver"
            reason = f"the route leads to {named}" + (", which there is not" * bool(route.receiver))
            yield Finding(CHECK.id, route.file, route.where, reason, nearest(route.receiver, known))
    for receiver in receivers:
        if receiver.name not in {each.receiver for each in routes if each.file == receiver.file}:
            yield Finding(
                CHECK.id,
                receiver.file,
                receiver.where,
                "no route leads to this receiver",
                "Add a route in alerts/routes.py, or remove the receiver",
            )


CHECK = Check(
    "route/receiver", "A route to a receiver that is not there, or one that none leads to", _run
)
