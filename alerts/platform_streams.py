"""Rules for Loki's ruler that are the platform's: how many streams each service writes to.

They belong to a tenant, as its streams do. Loki's own gauge knows no service, only the tenant.
"""

from __future__ import annotations

from alerts import text
from alerts.model import Alert, Dashboard, Group, Recording
from catalog import names
from catalog.model import Catalog
from catalog.service import Service
from queries import log_streams

#: Each evaluation reads all lines of its range, so each line is read once.
_INTERVAL = 300
_HOLD = 300


def groups(catalog: Catalog) -> tuple[Group, ...]:
    """The streams of each service, and the alerts on them."""
    services = catalog.services
    return (
        Group(
            "platform-streams",
            _INTERVAL,
            (
                *(_recording(each) for each in services),
                *(_alert(catalog, each) for each in services),
            ),
        ),
    )


def _recording(service: Service) -> Recording:
    return Recording(names.LOG_STREAMS, log_streams.of_service(service))


def _alert(catalog: Catalog, service: Service) -> Alert:
    maximum = catalog.platform.thresholds.service_streams_maximum
    return Alert(
        name="HighLabelCardinality",
        expr=log_streams.above(service, maximum),
        severity=names.TICKET,
        service=service.id,
        team=catalog.platform.owner.team,
        summary=f"{service.name} writes to {text.NUMBER} log streams at once",
        description=f"Within {log_streams.WINDOW}, and {maximum} are its share of the "
        f"{catalog.platform.limits.streams} that a tenant may have. A label has too many values. "
        "Look first at which one, at what was deployed last, and at pods that restart.",
        dashboard=Dashboard(names.platform_uid(catalog.prefix)),
        hold=_HOLD,
    )
