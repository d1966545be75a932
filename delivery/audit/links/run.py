"""Every link of the dashboards, the alerts and the datasources."""

from __future__ import annotations

from delivery.audit.links.alerts import alert_links
from delivery.audit.links.follow import Follow
from delivery.audit.links.panels import panel_links
from delivery.audit.links.runbooks import runbook_links
from delivery.audit.links.traces import Signals, settings
from delivery.audit.model import Link
from delivery.audit.opening import Run
from delivery.audit.servers import LostError, RefusedError
from delivery.console import tracked


def links(run: Run) -> list[Link]:
    """One verdict a link; those of dashboards that were not asked for are left out."""
    follow = Follow(run)
    found = list(tracked(panel_links(run, follow), "Following links"))
    if run.wishes.dashboards:
        return found
    try:
        live = settings(run)
    except (LostError, RefusedError) as error:
        found.append(Link("datasource", "settings", "", "", "", "UNREACHABLE", str(error)))
        return found
    found += tracked(Signals(run, live).links(), "Following signals")
    found += tracked(alert_links(run, follow), "Following alerts")
    found += tracked(runbook_links(run, follow), "Following runbooks")
    return found
