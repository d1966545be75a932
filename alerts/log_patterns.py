"""The alert on error messages that a service's log lines did not have before."""

from __future__ import annotations

from alerts import text
from alerts.model import Alert, Dashboard, Group
from catalog import names
from catalog.model import Catalog
from catalog.service import Service
from queries import log_patterns

#: It reads a day of error lines, and what is new stays new for an hour.
_INTERVAL = 300


def group(catalog: Catalog, service: Service) -> Group:
    """A group of its own, evaluated less often than the others."""
    return Group(f"logs-{service.id}-patterns", _INTERVAL, (_new(catalog, service),))


def _new(catalog: Catalog, service: Service) -> Alert:
    minimum = catalog.platform.thresholds.minimum_events
    return Alert(
        name="NewErrorPattern",
        expr=log_patterns.new_errors(service, catalog.platform.error_levels, minimum),
        severity=names.TICKET,
        service=service.id,
        team=service.owner.team,
        summary=f"{service.name} logs an error it did not log before, {text.NUMBER} times",
        description=f"'{text.label(names.ERROR_PATTERN)}': that often in {log_patterns.NOW}, and "
        f"never in the {log_patterns.BEFORE} that ended {log_patterns.GAP} ago. Words with digits "
        "and texts in quotes count as alike. Look first at such a line and its trace, at when it "
        "began, and at what was deployed then.",
        dashboard=Dashboard(names.logs_uid(catalog.prefix, service.id)),
    )
