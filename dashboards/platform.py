"""The platform's own health: only the components that the catalog declares have a row."""

from __future__ import annotations

from collections.abc import Callable

from catalog import names
from catalog.model import Catalog
from catalog.platform import ComponentId
from dashboards import common, units
from dashboards.spec import Dashboard, Lines, Panel, Row, Stat, Step, Steps
from queries import platform as ask
from queries import scope
from queries.promql import PromQL
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


def _lines(
    key: str,
    title: str,
    description: str,
    queries: tuple[Prom, ...],
    unit: str,
    *,
    steps: Steps = (),
    maximum: float | None = None,
    width: int = 8,
    empty: str = "Not reported in this range",
) -> Panel:
    return Panel(
        key=key,
        title=title,
        description=description,
        queries=queries,
        drawing=Lines(steps=steps, maximum=maximum),
        unit=unit,
        width=width,
        empty=empty,
    )


def _one(expression: PromQL, legend: str) -> tuple[Prom, ...]:
    return (Prom(expression, legend),)


def _health() -> Row:
    return Row(
        "health",
        "Targets",
        (
            Panel(
                key="health.up",
                title="Targets that answer, by component",
                description="Share of each component's targets that answered the last scrape.",
                queries=_one(ask.targets_up(), "{{component}}"),
                drawing=Stat(
                    steps=(Step("red"), Step("yellow", 0.5), Step("green", 1)),
                    sparkline=False,
                    by_name=True,
                    decimals=0,
                ),
                unit=units.RATIO,
                width=24,
                height=4,
                empty="No component is scraped",
            ),
        ),
    )


def _loki(catalog: Catalog) -> Row:
    platform = catalog.platform
    share = platform.thresholds.limit_share_maximum
    rate, streams = platform.limits.lines_per_second, platform.limits.streams
    slow = platform.thresholds.query_p99_seconds
    return Row(
        "loki",
        "Loki",
        (
            _lines(
                "loki.lines",
                "Lines received",
                f"Lines a second; Loki is to take {rate:,}, the line is at {share:.0%} of that.",
                _one(ask.lines_received(), "lines"),
                units.LINES_PER_SECOND,
                steps=(Step("green"), Step("red", rate * share)),
            ),
            _lines(
                "loki.bytes",
                "Bytes received",
                "Bytes a second, before compression.",
                _one(ask.bytes_received(), "bytes"),
                units.BYTES_PER_SECOND,
            ),
            _lines(
                "loki.streams",
                "Streams in memory",
                f"Streams of each Loki; the limit is {streams:,}, the line at {share:.0%} of it.",
                _one(ask.streams(), "{{instance}}"),
                units.COUNT,
                steps=(Step("green"), Step("red", streams * share)),
            ),
            _lines(
                "loki.queries",
                "Query latency",
                f"How long Loki takes to answer; p99 is to stay under {slow:g} s.",
                tuple(Prom(ask.query_latency(q), f"p{q * 100:g}") for q in (0.5, 0.9, 0.99)),
                units.SECONDS,
                steps=(Step("green"), Step("red", slow)),
            ),
            _lines(
                "loki.failures",
                "Queries that fail",
                "Queries a second that Loki answers with a server error, by route.",
                _one(ask.query_failures(), "{{route}}"),
                units.of_rate("requests"),
                empty="None fails",
            ),
            _lines(
                "loki.discarded",
                "Lines refused",
                "Lines a second that Loki refuses and that are lost, by reason.",
                _one(ask.discarded(), "{{reason}}"),
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
            _lines(
                "agent.lag",
                "Lag",
                "Bytes that stand in log files and have not been read yet, by agent.",
                _one(ask.agent_lag(), "{{instance}}"),
                units.BYTES,
                steps=(Step("green"), Step("red", lag)),
            ),
            _lines(
                "agent.sent",
                "Entries delivered",
                "Entries a second that each agent delivers to Loki.",
                _one(ask.agent_sent(), "{{instance}}"),
                units.LINES_PER_SECOND,
            ),
            _lines(
                "agent.dropped",
                "Entries dropped",
                "Entries a second that each agent gives up on: these lines are lost.",
                _one(ask.agent_dropped(), "{{instance}}"),
                units.LINES_PER_SECOND,
                empty="None is dropped",
            ),
        ),
    )


def _memcached(catalog: Catalog) -> Row:
    minimum = catalog.platform.thresholds.cache_hit_ratio_minimum
    return Row(
        "memcached",
        "Memcached",
        (
            _lines(
                "memcached.hits",
                "Hit rate",
                f"Share of gets that find something; it is to stay above {minimum:.0%}.",
                _one(ask.cache_hit_ratio(), "hit rate"),
                units.RATIO,
                steps=(Step("red"), Step("green", minimum)),
                maximum=1,
            ),
            _lines(
                "memcached.fill",
                "Memory used",
                "Share of each instance's memory that is used; a full cache evicts.",
                _one(ask.cache_fill_ratio(), "{{instance}}"),
                units.RATIO,
                maximum=1,
            ),
            _lines(
                "memcached.evictions",
                "Evictions",
                "Items a second thrown out for want of room, by instance.",
                _one(ask.cache_evictions(), "{{instance}}"),
                units.of_rate("operations"),
            ),
        ),
    )


def _prometheus(_: Catalog) -> Row:
    return Row(
        "prometheus",
        "Prometheus",
        (
            _lines(
                "prometheus.series",
                "Series in memory",
                "Series that Prometheus holds; memory follows this number.",
                _one(ask.head_series(), "{{instance}}"),
                units.COUNT,
                width=12,
            ),
            _lines(
                "prometheus.samples",
                "Samples stored",
                "Samples a second that Prometheus stores.",
                _one(ask.samples_appended(), "{{instance}}"),
                "suffix:samples/s",
                width=12,
            ),
            _lines(
                "prometheus.rules",
                "Slowest rule groups",
                "How long the last evaluation of the five slowest rule groups took.",
                _one(ask.rule_duration(), "{{group}}"),
                units.SECONDS,
                width=12,
            ),
            _lines(
                "prometheus.failures",
                "Rules that fail",
                "Rule evaluations a second that fail: an alert that cannot be evaluated is silent.",
                _one(ask.rule_failures(), "{{group}}"),
                "suffix:evaluations/s",
                width=12,
                empty="None fails",
            ),
        ),
    )


def _alertmanager(_: Catalog) -> Row:
    return Row(
        "alertmanager",
        "Alertmanager",
        (
            _lines(
                "alertmanager.alerts",
                "Alerts held",
                "Alerts that Alertmanager holds, by state.",
                _one(ask.alerts_by_state(), "{{state}}"),
                units.COUNT,
            ),
            _lines(
                "alertmanager.sent",
                "Notifications sent",
                "Notifications a second, by integration.",
                _one(ask.notifications(), "{{integration}}"),
                "suffix:notifications/s",
                empty="None is sent",
            ),
            _lines(
                "alertmanager.failed",
                "Notifications that fail",
                "Notifications a second that fail, by integration: nobody is told.",
                _one(ask.notification_failures(), "{{integration}}"),
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
            _lines(
                "jaeger.accepted",
                "Spans taken in",
                "Spans a second, by receiver.",
                _one(ask.spans_accepted(), "{{receiver}}"),
                "suffix:spans/s",
                width=12,
            ),
            _lines(
                "jaeger.refused",
                "Spans refused",
                "Spans a second that Jaeger refuses: these traces have holes.",
                _one(ask.spans_refused(), "{{receiver}}"),
                "suffix:spans/s",
                width=12,
                empty="None is refused",
            ),
        ),
    )


_ROWS: tuple[tuple[ComponentId, Callable[[Catalog], Row]], ...] = (
    ("loki", _loki),
    ("agent", _agent),
    ("memcached", _memcached),
    ("prometheus", _prometheus),
    ("alertmanager", _alertmanager),
    ("jaeger", _jaeger),
)
