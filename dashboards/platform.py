"""The platform's own health: only the components that the catalog declares have a row."""

from __future__ import annotations

from collections.abc import Callable

from catalog import names
from catalog.model import Catalog
from catalog.platform import ComponentId
from dashboards import common, platform_loki, platform_volume, units
from dashboards.platform_parts import lines, losses, one
from dashboards.spec import Dashboard, Panel, Row, Stat, Step
from queries import platform as ask
from queries import platform_more as more
from queries import scope
from queries.query import Prom
from queries.text import equal


def build(catalog: Catalog) -> Dashboard:
    """One row a component."""
    components = catalog.platform.components
    rows = tuple(build_row(catalog) for component, build_row in _ROWS if component in components)
    return Dashboard(
        uid=names.platform_uid(catalog.prefix),
        title=f"{catalog.platform.system.name}: platform health",
        description="Whether the servers that carry logs, metrics, traces and alerts are well.",
        folder=catalog.platform.folder("platform").id,
        owner=catalog.platform.owner.team,
        rows=(_health(), *rows),
        variables=common.cluster_and_environment(),
        annotations=common.marks(
            catalog.services,
            scope.scope(),
            alerts_of=(equal(names.TEAM, catalog.platform.owner.team),),
        ),
        tags=(catalog.prefix, "platform"),
    )


def _health() -> Row:
    return Row(
        "health",
        "Targets",
        (
            Panel(
                key="health.up",
                title="Targets that answer, by component",
                description="Share of each component's targets that answered the last scrape.",
                queries=one(ask.targets_up(), "{{component}}"),
                drawing=Stat(
                    steps=(Step("red"), Step("yellow", 0.5), Step("green", 1)),
                    sparkline=False,
                    by_name=True,
                    decimals=0,
                ),
                unit=units.RATIO,
                width=12,
                height=5,
                empty="No component is scraped",
            ),
            lines(
                "health.replicas",
                "Replicas that answer, by component",
                "How many targets of each component answered the last scrape.",
                one(more.replicas_up(), "{{component}}"),
                units.COUNT,
                width=12,
                height=5,
            ),
        ),
    )


def _loki(catalog: Catalog) -> Row:
    platform = catalog.platform
    share = platform.thresholds.limit_share_maximum
    limits = platform.limits
    rate, burst, streams = limits.lines_per_second, limits.burst_lines, limits.streams
    slow = platform.thresholds.query_p99_seconds
    return Row(
        "loki",
        "Loki",
        (
            lines(
                "loki.lines",
                "Lines received",
                f"Lines a second of each distributor, which is to take {rate:,} and a burst of "
                f"{burst:,}; the lines are at {share:.0%} of those.",
                one(more.lines_by_distributor(), "{{instance}}"),
                units.LINES_PER_SECOND,
                steps=(Step("green"), Step("yellow", rate * share), Step("red", burst * share)),
            ),
            lines(
                "loki.bytes",
                "Bytes received",
                "Bytes a second, before compression.",
                one(ask.bytes_received(), "bytes"),
                units.BYTES_PER_SECOND,
            ),
            lines(
                "loki.streams",
                "Streams in memory",
                f"Streams of each Loki; the limit is {streams:,}, the line at {share:.0%} of it.",
                one(ask.streams(), "{{instance}}"),
                units.COUNT,
                steps=(Step("green"), Step("red", streams * share)),
            ),
            lines(
                "loki.queries",
                "Query latency",
                f"How long Loki takes to answer; p99 is to stay under {slow:g} s.",
                tuple(Prom(ask.query_latency(q), f"p{q * 100:g}") for q in (0.5, 0.9, 0.99)),
                units.SECONDS,
                steps=(Step("green"), Step("red", slow)),
            ),
            lines(
                "loki.failures",
                "Queries that fail",
                "Queries a second that Loki answers with a server error, by route.",
                one(ask.query_failures(), "{{route}}"),
                units.of_rate("requests"),
                empty="None fails",
            ),
            lines(
                "loki.discarded",
                "Lines refused",
                "Lines a second that Loki refuses and that are lost, by reason.",
                one(ask.discarded(), "{{reason}}"),
                units.LINES_PER_SECOND,
                empty="None is refused",
            ),
        ),
    )


def _agent(catalog: Catalog) -> Row:
    lag = catalog.platform.thresholds.agent_lag_bytes
    return Row(
        "agent",
        "Log agent",
        (
            lines(
                "agent.lag",
                "Lag",
                "Bytes that stand in log files and have not been read yet, by agent.",
                one(ask.agent_lag(), "{{instance}}"),
                units.BYTES,
                steps=(Step("green"), Step("red", lag)),
            ),
            lines(
                "agent.sent",
                "Entries delivered",
                "Entries a second that each agent delivers to Loki.",
                one(ask.agent_sent(), "{{instance}}"),
                units.LINES_PER_SECOND,
            ),
            lines(
                "agent.dropped",
                "Entries dropped",
                "Entries a second that each agent gives up on: these lines are lost.",
                one(ask.agent_dropped(), "{{instance}}"),
                units.LINES_PER_SECOND,
                empty="None is dropped",
            ),
        ),
    )


def _memcached(catalog: Catalog) -> Row:
    thresholds = catalog.platform.thresholds
    minimum, share = thresholds.cache_hit_ratio_minimum, thresholds.limit_share_maximum
    evicted = thresholds.cache_eviction_ratio_maximum
    return Row(
        "memcached",
        "Memcached",
        (
            lines(
                "memcached.hits",
                "Hit rate",
                f"Share of gets that find something; it is to stay above {minimum:.0%}.",
                one(ask.cache_hit_ratio(), "hit rate"),
                units.RATIO,
                steps=(Step("red"), Step("green", minimum)),
                maximum=1,
            ),
            lines(
                "memcached.fill",
                "Memory used",
                "Share of each instance's memory that is used; a full cache evicts.",
                one(ask.cache_fill_ratio(), "{{instance}}"),
                units.RATIO,
                maximum=1,
            ),
            lines(
                "memcached.evictions",
                "Evictions",
                "Items a second thrown out for want of room, by instance.",
                one(ask.cache_evictions(), "{{instance}}"),
                units.of_rate("operations"),
            ),
            lines(
                "memcached.evicted",
                "Thrown out, of what comes in",
                f"Share of new items that push one out; it is to stay under {evicted:.0%}.",
                one(more.evicted_share(), "{{instance}}"),
                units.RATIO,
                steps=(Step("green"), Step("red", evicted)),
                maximum=1,
                width=12,
            ),
            lines(
                "memcached.connections",
                "Connections used",
                f"Share of the connections that each cache may have; the line is at {share:.0%}.",
                one(more.connection_share(), "{{instance}}"),
                units.RATIO,
                steps=(Step("green"), Step("red", share)),
                maximum=1,
                width=12,
            ),
        ),
    )


def _prometheus(_: Catalog) -> Row:
    return Row(
        "prometheus",
        "Prometheus",
        (
            lines(
                "prometheus.series",
                "Series in memory",
                "Series that Prometheus holds; memory follows this number.",
                one(ask.head_series(), "{{instance}}"),
                units.COUNT,
                width=12,
            ),
            lines(
                "prometheus.samples",
                "Samples stored",
                "Samples a second that Prometheus stores.",
                one(ask.samples_appended(), "{{instance}}"),
                "suffix:samples/s",
                width=12,
            ),
            lines(
                "prometheus.rules",
                "Slowest rule groups",
                "How long the last evaluation of the five slowest rule groups took.",
                one(ask.rule_duration(), "{{group}}"),
                units.SECONDS,
                width=12,
            ),
            lines(
                "prometheus.failures",
                "Rules that fail",
                "Rule evaluations a second that fail: an alert that cannot be evaluated is silent.",
                one(ask.rule_failures(), "{{group}}"),
                "suffix:evaluations/s",
                width=12,
                empty="None fails",
            ),
            losses(
                "prometheus.losses",
                "Missed, undelivered, refused",
                "Evaluations left out, alerts that reached nobody and samples that were refused, "
                "in each interval.",
                more.prometheus_losses(),
            ),
            losses(
                "prometheus.storage",
                "Storage that fails",
                "What Prometheus failed to do in its storage, in each interval.",
                more.storage_failures(),
            ),
            lines(
                "prometheus.alertmanagers",
                "Alertmanagers known",
                "How many Alertmanagers each Prometheus knows; without one nobody is told.",
                one(more.alertmanagers(), "{{instance}}"),
                units.COUNT,
            ),
        ),
    )


def _alertmanager(_: Catalog) -> Row:
    return Row(
        "alertmanager",
        "Alertmanager",
        (
            lines(
                "alertmanager.alerts",
                "Alerts held",
                "Alerts that Alertmanager holds, by state.",
                one(ask.alerts_by_state(), "{{state}}"),
                units.COUNT,
            ),
            lines(
                "alertmanager.sent",
                "Notifications sent",
                "Notifications a second, by integration.",
                one(ask.notifications(), "{{integration}}"),
                "suffix:notifications/s",
                empty="None is sent",
            ),
            lines(
                "alertmanager.failed",
                "Notifications that fail",
                "Notifications a second that fail, by integration: nobody is told.",
                one(ask.notification_failures(), "{{integration}}"),
                "suffix:notifications/s",
                empty="None fails",
            ),
        ),
    )


def _jaeger(_: Catalog) -> Row:
    return Row(
        "jaeger",
        "Jaeger",
        (
            lines(
                "jaeger.accepted",
                "Spans taken in",
                "Spans a second, by receiver.",
                one(ask.spans_accepted(), "{{receiver}}"),
                "suffix:spans/s",
                width=12,
            ),
            lines(
                "jaeger.refused",
                "Spans refused",
                "Spans a second that Jaeger refuses: these traces have holes.",
                one(ask.spans_refused(), "{{receiver}}"),
                "suffix:spans/s",
                width=12,
                empty="None is refused",
            ),
        ),
    )


_ROWS: tuple[tuple[ComponentId, Callable[[Catalog], Row]], ...] = (
    ("loki", _loki),
    ("loki", platform_loki.row),
    ("loki", platform_volume.row),
    ("agent", _agent),
    ("memcached", _memcached),
    ("prometheus", _prometheus),
    ("alertmanager", _alertmanager),
    ("jaeger", _jaeger),
)
