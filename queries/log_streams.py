"""How many streams a service writes to, as LogQL for Loki's ruler.

Loki 3 gives structured metadata as if it were labels: a trace id would make every line a stream.
So what the catalog declares as such is left out, and what Loki adds by itself. All else counts:
a label that nobody declared is what this is for.
"""

from __future__ import annotations

from catalog import names
from catalog.service import Service
from queries.logql import LogQL, aggregate, lines, over
from queries.text import equal

#: Within how long a stream has to have had a line.
WINDOW = "5m"
#: Loki 3's own guess of a line's level (``discover_log_levels``, on by default).
_LOKIS_OWN = ("detected_level",)


def of_service(service: Service) -> LogQL:
    """Streams of a service that had lines lately, by cluster and environment."""
    counted = over("count_over_time", lines((equal(names.SERVICE, service.id),)), WINDOW)
    return aggregate("count", (*names.SCOPE, names.SERVICE), streams(service, counted))


def streams(service: Service, counted: LogQL) -> LogQL:
    """What was counted of a service's lines, once a stream."""
    metadata = (
        field.name for field in service.logs.fields if field.lives.loki_3 == "structured_metadata"
    )
    left_out = ", ".join(sorted({*metadata, *_LOKIS_OWN}))
    return LogQL(f"sum without ({left_out}) ({counted})")


def above(service: Service, maximum: int) -> LogQL:
    """The streams of a service, where there are more than the maximum."""
    return LogQL(f"{of_service(service)} > {maximum}")
