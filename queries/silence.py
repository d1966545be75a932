"""Nothing comes: who of traffic, the service and the log pipeline has fallen silent, as PromQL.

Each question leaves out what another one answers, so that one cause brings one alert
(docs/silence.md). All count by cluster and environment, and births of counters included
(:mod:`queries.counters`): a counter that comes back has spoken.
"""

from __future__ import annotations

from collections.abc import Iterable

from catalog import names
from catalog.service import Service
from catalog.signals import Metric
from queries import counters, targets
from queries.promql import PromQL, aggregate, either, group, over, series, total
from queries.text import Matchers, among, equal

#: The same hour a week ago: yesterday may have been a Sunday.
WEEK = "1w"
#: Lines are read and should be kept within this.
KEPT_WINDOW = "5m"
#: Services by the metric that counts the lines read of them.
Readers = tuple[tuple[Service, Metric], ...]


def no_traffic(service: Service, metric: Metric, window: str, minimum: int) -> PromQL:
    """What is usual at this hour, where the service is up and has no request at all now.

    Usual is what came in the same window a week ago. Where that is a minimum of 20, none at all
    is no chance: it would be one in e^20. What is younger than a week has nothing to be held
    against: held against yesterday, its first weekend would be an outage.
    """
    matchers = _of(service)
    counted = series(counters.counter(metric), matchers)
    week = total(names.SCOPE, over("increase", counted, window, WEEK))
    usual = counters.at_least(minimum, week)
    now = total(names.SCOPE, counters.increases(counted, window))
    return PromQL(f"{usual} and {targets.some_up(matchers)} unless {now} > 0")


def silent(
    service: Service,
    metric: Metric,
    window: str,
    agents: Matchers | None,
    *,
    others: Readers = (),
    idle: PromQL | None = None,
) -> PromQL:
    """1 where the service is up and wrote no line within the window.

    The line counters of an idle service stay as they are or vanish, as the agent is set up;
    neither is a line. Where the lines go through ``agents``, one has to be up and, where there
    are ``others`` who never are silent, one of those has to be heard: else it is no fault of
    this service. Nor is it silent where ``idle`` says that nobody asks anything of it.
    """
    spoken = total(names.SCOPE, counters.increases(series(metric.name, _of(service)), window))
    parts = [f"{targets.some_up(_of(service))} unless {spoken} > 0"]
    if agents is not None:
        parts.append(f"and {targets.some_up(agents)}")
    if others:
        parts.append(f"and {_anyone(others, window)}")
    if idle is not None:
        parts.append(f"unless ({idle})")
    return PromQL(" ".join(parts))


def nothing_read(readers: Readers, agents: Matchers, window: str) -> PromQL:
    """1 where agents and services that never are silent are up, and no line of any was read."""
    ids = among(names.SERVICE, (service.id for service, _ in readers))
    talking = targets.some_up((ids,))
    return PromQL(f"{targets.some_up(agents)} and {talking} unless {_anyone(readers, window)}")


def nothing_taken(readers: Readers, loki: Matchers, minimum: int) -> PromQL:
    """The lines that agents read, where Loki is up and was handed none."""
    received = series("loki_distributor_lines_received_total", loki)
    taken = total(names.SCOPE, counters.increases(received, KEPT_WINDOW))
    read = [f"{each} >= {minimum}" for each in _read(readers, KEPT_WINDOW)]
    some = group(either(*(PromQL(each) for each in read)))
    return PromQL(f"{some} and {targets.some_up(loki)} unless {taken} > 0")


def nothing_kept(service: Service, metric: Metric, minimum: int) -> PromQL:
    """The lines that were read of a service, where Loki holds none of it and some of others.

    Where it holds none of anyone, it is Loki, or the way from its ruler to Prometheus; where
    it refuses lines, that is what LogLinesRejected says.
    """
    counted = counters.increases(series(metric.name, _of(service)), KEPT_WINDOW)
    read = counters.at_least(minimum, total(names.SCOPE, counted))
    kept = total(names.SCOPE, series(names.LOG_LINES_RATE, _of(service)))
    anyone = total(names.SCOPE, series(names.LOG_LINES_RATE))
    refused = series("loki_discarded_samples_total")
    rejected = total(names.SCOPE, counters.increases(refused, KEPT_WINDOW))
    return PromQL(f"{read} unless {kept} > 0 and {anyone} > 0 unless {rejected} >= {minimum}")


def _of(service: Service) -> Matchers:
    return (equal(names.SERVICE, service.id),)


def _read(readers: Readers, window: str) -> Iterable[PromQL]:
    """Lines that were read, one sum a metric that counts them."""
    by_metric: dict[str, list[str]] = {}
    for service, metric in readers:
        by_metric.setdefault(metric.name, []).append(service.id)
    for name, ids in by_metric.items():
        counted = series(name, (among(names.SERVICE, ids),))
        yield aggregate("sum", names.SCOPE, counters.increases(counted, window))


def _anyone(readers: Readers, window: str) -> PromQL:
    """Some line of some service was read."""
    return group(either(*(PromQL(f"{each} > 0") for each in _read(readers, window))))
