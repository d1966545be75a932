"""What proves the alerts on Loki and on the agents that send it lines."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.model import Alert
from alerts.proof import Firing, Incident, Proof
from alerts.proofs import stories
from alerts.proofs.latency import Histogram
from alerts.proofs.servers import Stage, instance, of, proofs
from alerts.proofs.shown import binary, duration, number
from alerts.proofs.stories import HERE, Series
from catalog.model import Catalog
from queries import platform_alerts

_TENANT = {"tenant": stories.ANY}
#: The bounds of ``loki_request_duration_seconds``, from Prometheus' default ones:
#: https://github.com/grafana/dskit/blob/main/instrument/instrument.go
_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100)


def _ingestion(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    platform = catalog.platform
    stage = Stage(catalog, alert, platform_alerts.TRAFFIC_WINDOW)
    limit = platform.thresholds.limit_share_maximum * platform.limits.lines_per_second

    def received(a_second: float, *numbers: str) -> Series:
        return {
            name: values
            for each in numbers
            for name, values in of(
                "loki",
                "loki_distributor_lines_received_total",
                stage.counter(60 * a_second),
                _TENANT,
                number=each,
            ).items()
        }

    firing = Firing({**HERE, **instance("loki")}, number(1.125 * limit))
    yield Incident(
        "one distributor takes in more than its share of what it may",
        received(1.125 * limit, "1"),
        stage.filled(1 / 1.125, firing),
    )
    shared = received(1.125 * limit / 3, "1", "2", "3")
    yield stories.near("three distributors share as much", shared, stage.quiet)
    below = received(0.9 * limit, "1")
    yield stories.near("it takes in a tenth less than that", below, stage.quiet)


def _streams(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    platform = catalog.platform
    stage = Stage(catalog, alert)
    limit = platform.thresholds.limit_share_maximum * platform.limits.streams

    def held(streams: float) -> Series:
        return {
            name: values
            for each in ("1", "2", "3")
            for name, values in of(
                "loki",
                "loki_ingester_memory_streams",
                stage.gauge(0.1 * limit, streams),
                _TENANT,
                number=each,
            ).items()
        }

    yield Incident(
        "nearly all the streams it may have, in three replicas alike",
        held(1.125 * limit),
        stage.at_once(Firing({**HERE, **_TENANT}, number(1.125 * limit))),
    )
    third = held(1.125 * limit / 3)
    yield stories.near("three replicas of a third of them are a third", third, stage.quiet)
    yield stories.near("a tenth less than that", held(0.9 * limit), stage.quiet)


def _rejected(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    stage = Stage(catalog, alert, platform_alerts.LOSS_WINDOW, births=True)
    minimum = catalog.platform.thresholds.minimum_events
    reason = {"reason": "rate_limited"}
    enough = 1.5 * minimum

    def refused(values: str) -> Series:
        return {
            **stories.up(stage.still(1), stories.server("loki")),
            **of("loki", "loki_discarded_samples_total", values, _TENANT, reason),
        }

    firing = Firing({**HERE, **_TENANT, **reason}, number(enough))
    yield Incident(
        "the first lines that are refused for a reason",
        refused(stage.born(enough)),
        stage.birth(firing),
    )
    a_minute = enough / (stage.window // 60)
    yield Incident(
        "lines are refused again and again",
        refused(stage.counter(a_minute)),
        stage.filled(1 / 1.5, firing),
    )
    few = refused(stage.counter(0.8 * minimum / (stage.window // 60)))
    yield stories.near("a handful of late lines", few, stage.quiet)


def _slow_queries(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    stage = Stage(catalog, alert, platform_alerts.QUERY_WINDOW)
    thresholds = catalog.platform.thresholds
    minimum = thresholds.minimum_events
    route = "loki_api_v1_query_range"
    phases = (stage.lead, stage.trouble, stage.rest)

    def histogram(of_route: str) -> Histogram:
        labels = {**HERE, **stories.exposed("loki"), "method": "GET", "route": of_route}
        name = "loki_request_duration_seconds"
        return Histogram(name, labels, _BOUNDS, thresholds.query_p99_seconds)

    def few(share: float) -> float:
        return share * minimum / (stage.window // 60)

    slow = histogram(route)
    firing = Firing({**HERE, "route": route}, duration(slow.too_slow))
    yield Incident(
        "one query in a hundred takes longer than it may",
        slow.told(10 * minimum, phases),
        stage.counted(firing),
    )
    yield Incident(
        "just enough queries to judge by", slow.told(few(1.5), phases), stage.filled(0, firing)
    )
    tail = histogram("loki_api_v1_tail").told(10 * minimum, phases)
    yield stories.near("tailing may take longer", tail, stage.quiet)
    if slow.below:
        rare = slow.rarely(10 * minimum, phases)
        yield stories.near("only one in two hundred does", rare, stage.quiet)
    handful = slow.told(few(0.8), phases)
    yield stories.near("a handful of queries: too few to judge by", handful, stage.quiet)


def _lagging(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    stage = Stage(catalog, alert)
    limit = catalog.platform.thresholds.agent_lag_bytes
    families = {
        "Promtail": ("promtail_file_bytes_total", "promtail_read_bytes_total"),
        "Alloy": ("loki_source_file_file_bytes_total", "loki_source_file_read_bytes_total"),
    }

    def behind(agent: str, lag: float, files: int, numbers: tuple[str, ...] = ("1",)) -> Series:
        size, read = families[agent]
        told: Series = {}
        for each in numbers:
            for file in range(files):
                path = {"path": f"/{file + 1}.log"}
                written = stage.still(10 * limit)
                begun = stage.gauge(10 * limit, 10 * limit - lag)
                told |= of("agent", size, written, path, number=each)
                told |= of("agent", read, begun, path, number=each)
        return told

    firing = Firing({**HERE, **instance("agent")}, binary(1.5 * limit))
    for agent in families:
        yield Incident(
            f"{agent} is {binary(1.5 * limit)}B behind, in two files",
            behind(agent, 0.75 * limit, 2),
            stage.at_once(firing),
        )
    near = behind("Promtail", 0.8 * limit, 1, ("1", "2", "3"))
    title = f"{binary(0.8 * limit)}B behind, on each of three nodes"
    yield stories.near(title, near, stage.quiet)


def _dropping(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    stage = Stage(catalog, alert, platform_alerts.LOSS_WINDOW)
    reason = {"reason": "ingester_error"}
    labels = {"host": "loki", "tenant": "", **reason}
    firing = Firing({**HERE, **instance("agent"), **reason}, number(10))
    metrics = {
        "Promtail": "promtail_dropped_entries_total",
        "Alloy": "loki_write_dropped_entries_total",
    }
    for agent, metric in metrics.items():
        yield Incident(
            f"{agent} gives up lines",
            of("agent", metric, stage.counter(10), labels),
            stage.counted(firing),
        )
    none = of("agent", metrics["Alloy"], stage.still(0), labels)
    yield stories.near("none since the agent started", none, stage.quiet)
    past = of("agent", metrics["Promtail"], stage.still(10), labels)
    yield stories.near("none for longer than it looks back", past, stage.quiet)


PROOFS = proofs(
    {
        "AgentDroppingLines": _dropping,
        "AgentLagging": _lagging,
        "IngestionNearLimit": _ingestion,
        "LogLinesRejected": _rejected,
        "SlowLogQueries": _slow_queries,
        "StreamsNearLimit": _streams,
    }
)
