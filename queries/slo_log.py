"""Service level indicators over log lines, as LogQL for Loki's ruler.

It counts each minute's lines once and writes the counts to Prometheus, where they are added up
like any other events. The minute that is counted ended a minute ago: agents send their lines
in batches, a line that arrives after its minute was counted is lost to the objective, and the
alert is that minute later.
"""

from __future__ import annotations

from catalog import names
from catalog.service import Objective, Service
from catalog.signals import Event
from queries import log_lines
from queries.log_alerts import of_service
from queries.logql import LogQL, aggregate
from queries.text import among, selection

#: How much one evaluation counts, and how long it waits for the lines of it.
MINUTE_SECONDS = WAIT_SECONDS = 60
_RANGE, _WAIT = "1m", "1m"
#: A line that was cut keeps the fields before the cut and carries an error, and one line with
#: an error fails the query.
_PARSED = '__error__=""'


def events(service: Service, objective: Objective) -> LogQL:
    """How many lines reported the event in a minute."""
    event = _event(service, objective)
    measured = (f"{event.measures} >= 0",) if objective.sli.type == "latency" else ()
    return _counted(service, event, *measured)


def errors(service: Service, objective: Objective) -> LogQL:
    """How many of them reported one that went wrong, or took too long."""
    event = _event(service, objective)
    if objective.sli.type == "latency":
        return _counted(service, event, f"{event.measures} > {objective.sli.threshold:.10g}")
    outcome = event.outcome
    if outcome is None:  # the loader has refused such a catalog
        raise LookupError(f"{service.id}: {event.id} has no outcome")
    return _counted(service, event, str(among(outcome.field, outcome.bad)))


def _counted(service: Service, event: Event, *conditions: str) -> LogQL:
    stages = (*map(str, selection(event.match)), *conditions, _PARSED)
    lines = log_lines.parsed(service, of_service(service), *stages)
    counted = f"count_over_time({lines} [{_RANGE}] offset {_WAIT})"
    return aggregate("sum", names.SCOPE, LogQL(counted))


def _event(service: Service, objective: Objective) -> Event:
    name = objective.sli.log or ""
    event = service.event(name)
    if event is None:  # the loader has refused such a catalog
        raise LookupError(f"{service.id}: no event {name}")
    return event
