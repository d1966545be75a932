"""``alert/range``: see docs/checks/alert-range.md."""

from __future__ import annotations

import re
from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.finding import Finding

_BOUND = re.compile(r"[?&](from|to)=([^&#]*)")


def _run(context: Context) -> Iterator[Finding]:
    for rule in context.documents.rules:
        address = rule.annotations.get("dashboard_url", "").strip()
        if rule.kind != "alert" or not address:
            continue
        bounds = dict(_BOUND.findall(address))
        where = f"{rule.where}, annotation dashboard_url"
        for key, example in (("from", "now-1h"), ("to", "now")):
            value = bounds.get(key)
            if value is None:
                reason = f"the link has no '{key}', so that the dashboard shows its own range"
            elif not value.startswith("now"):
                reason = f"'{key}' is {value}, which is no longer the time of the alert"
            else:
                continue
            remedy = f"Write {key}={example}"
            yield Finding(CHECK.id, rule.file, where, reason, remedy, address)


CHECK = Check("alert/range", "An alert's dashboard that opens at another time", _run)
