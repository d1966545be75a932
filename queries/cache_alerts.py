"""When a Memcached has too little room, as PromQL over memcached_exporter's metrics."""

from __future__ import annotations

from catalog import names
from queries import counters
from queries.promql import PromQL, increase, ratio, series, total

EVICTIONS_WINDOW = "30m"

_INSTANCE = (*names.SCOPE, names.INSTANCE)


def evicted_share(maximum: float, minimum: int) -> PromQL:
    """Items thrown out for want of room, as a share of those that came in, above the maximum."""
    stored = total(_INSTANCE, increase(series("memcached_items_total"), EVICTIONS_WINDOW))
    evicted = total(_INSTANCE, increase(series("memcached_items_evicted_total"), EVICTIONS_WINDOW))
    return PromQL(
        f"{ratio(evicted, stored)} > {maximum:g} and {counters.at_least(minimum, stored)}"
    )


def connection_share() -> PromQL:
    """Connections that are open, as a share of those that may be."""
    opened = total(_INSTANCE, series("memcached_current_connections"))
    return ratio(opened, total(_INSTANCE, series("memcached_max_connections")))
