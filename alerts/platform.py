"""Alert rules of the platform's own servers: one group for every component that is scraped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from alerts import targets, text
from alerts.model import Alert, Dashboard, Group
from catalog import names
from catalog.model import Catalog
from catalog.names import Severity
from catalog.platform import ComponentId
from queries import counters, platform_alerts
from queries.promql import PromQL
from queries.targets import watched

_HOLD = 300
_LONG_HOLD = 600

Build = Callable[..., Alert]


def groups(catalog: Catalog) -> Iterator[Group]:
    """The watchdog, then each component's rules."""
    evaluation = catalog.platform.scrape.evaluation
    yield Group("platform-watchdog", evaluation, (_watchdog(catalog),))
    for component, declared in catalog.platform.components.items():
        if declared.metrics_port is None:
            continue
        own = _OWN.get(component)
        rules = (
            *(own(catalog, partial(_alert, catalog, component)) if own else ()),
            *targets.alerts(
                declared.name,
                component,
                catalog.platform.owner.team,
                platform_alerts.of_component(component),
                _dashboard(catalog),
            ),
        )
        yield Group(f"platform-{component}", evaluation, rules)


def _dashboard(catalog: Catalog) -> Dashboard:
    return Dashboard(names.platform_uid(catalog.prefix))


def _alert(  # noqa: PLR0917 - the first two are bound once for a component
    catalog: Catalog,
    component: str,
    name: str,
    expr: PromQL,
    summary: str,
    description: str,
    *,
    severity: Severity = names.TICKET,
    hold: int = 0,
    relies_on: tuple[ComponentId, ...] = (),
) -> Alert:
    return Alert(
        name=name,
        expr=expr,
        severity=severity,
        service=component,
        team=catalog.platform.owner.team,
        summary=summary,
        description=description,
        dashboard=_dashboard(catalog),
        hold=hold,
        relies_on=relies_on,
    )


def _above(expression: PromQL, limit: float) -> PromQL:
    return PromQL(f"{expression} > {limit:.10g}")


def _watchdog(catalog: Catalog) -> Alert:
    return _alert(
        catalog,
        "prometheus",
        "Watchdog",
        watched(),
        "This alert always fires: it proves that alerts arrive",
        "It goes to a receiver outside, which raises the alarm when it stops. It is no fault and "
        "nothing has to be done about it.",
        severity=names.UNHEARD,
    )


def _loki(catalog: Catalog, alert: Build) -> Iterator[Alert]:
    limits, thresholds = catalog.platform.limits, catalog.platform.thresholds
    share = thresholds.limit_share_maximum
    yield alert(
        "IngestionNearLimit",
        _above(platform_alerts.lines_per_second(), share * limits.lines_per_second),
        f"The distributor {text.INSTANCE} takes in {text.NUMBER} log lines a second",
        f"It is limited to {limits.lines_per_second} and refuses lines beyond; above "
        f"{text.percent(share)} of that there is little room. Look first at which service writes "
        "more than usual, at whether it is of use, and at the level of its lines.",
        hold=_HOLD,
    )
    yield alert(
        "StreamsNearLimit",
        _above(platform_alerts.streams(), share * limits.streams),
        f"Tenant {text.label('tenant')} has {text.NUMBER} log streams",
        f"It may have {limits.streams}; lines of any further stream are refused. Look first at "
        "which label has many values, at what was deployed last, and at pods that restart.",
        hold=_LONG_HOLD,
    )
    yield alert(
        "LogLinesRejected",
        counters.at_least(thresholds.minimum_events, platform_alerts.rejected_lines()),
        f"Loki refused {text.NUMBER} lines of tenant {text.label('tenant')}: "
        f"{text.label('reason')}",
        f"That many within {platform_alerts.LOSS_WINDOW}; they are lost unless the agent sends "
        "them again. Look first at the reason, at Loki's own log for the stream, and at whether "
        "an agent sends old lines.",
    )
    yield alert(
        "SlowLogQueries",
        PromQL(
            f"{_above(platform_alerts.query_p99(), thresholds.query_p99_seconds)} "
            f"and {platform_alerts.queries_run(thresholds.minimum_events)}"
        ),
        f"One log query in a hundred ({text.label('route')}) takes over {text.SECONDS}",
        f"The 99th percentile over {platform_alerts.QUERY_WINDOW} is above "
        f"{thresholds.query_p99_seconds:g} s. Look first at who asks for what range, at the hit "
        "rate of the cache, and at Loki's CPU and memory.",
        hold=_LONG_HOLD,
        relies_on=("memcached",),
    )
    yield alert(
        "RuleEvaluationFailing",
        _above(platform_alerts.failed_log_rules(), 0),
        f"Loki's ruler fails to evaluate {text.label('rule_group')}",
        "Its alerts cannot fire and its series have a gap. Look first at the ruler's log, at the "
        "query of the rule, and at whether queries time out.",
        severity=names.PAGE,
        hold=_HOLD,
    )


def _agent(catalog: Catalog, alert: Build) -> Iterator[Alert]:
    lag = catalog.platform.thresholds.agent_lag_bytes
    yield alert(
        "AgentLagging",
        _above(platform_alerts.agent_lag(), lag),
        f"The agent {text.INSTANCE} has {text.BYTES} still to read",
        "It reads slower than the services write: what they do now is seen late, and lost where "
        "a file is rotated away first. Look first at whether Loki takes its lines, at its CPU "
        "limit, and at which file is behind.",
        hold=_LONG_HOLD,
        relies_on=("loki",),
    )
    yield alert(
        "AgentDroppingLines",
        _above(platform_alerts.dropped_lines(), 0),
        f"The agent {text.INSTANCE} dropped {text.NUMBER} lines: {text.label('reason')}",
        f"Within {platform_alerts.LOSS_WINDOW}; it tried as often as it may and gave up, so they "
        "are lost. Look first at the reason, at whether Loki is up and takes lines, and at its "
        "limits.",
        relies_on=("loki",),
    )


def _memcached(catalog: Catalog, alert: Build) -> Iterator[Alert]:
    thresholds = catalog.platform.thresholds
    minimum = thresholds.cache_hit_ratio_minimum
    if minimum is not None:
        yield alert(
            "LowCacheHitRatio",
            PromQL(
                f"{platform_alerts.cache_hit_ratio()} < {minimum:g} "
                f"and {platform_alerts.cache_lookups(thresholds.minimum_events)}"
            ),
            f"The cache answers only {text.PERCENT} of its lookups",
            f"Below {text.percent(minimum)} over {platform_alerts.CACHE_WINDOW} it saves little, "
            "and queries are slow and dear. Look first at whether a cache was restarted, at its "
            "evictions, and at whether the queries' ranges have changed.",
            hold=_LONG_HOLD,
        )
    yield alert(
        "CacheUnreachable",
        platform_alerts.cache_unreachable(),
        f"The exporter {text.INSTANCE} cannot reach its cache",
        "The exporter runs and its Memcached does not answer, so queries go to storage. Look "
        "first at whether the cache runs, at its memory limit, and at its connections.",
        hold=_HOLD,
    )


def _prometheus(catalog: Catalog, alert: Build) -> Iterator[Alert]:
    yield alert(
        "RuleEvaluationFailing",
        _above(platform_alerts.failed_rules(), 0),
        f"Prometheus fails to evaluate {text.label('rule_group')}",
        "Its alerts cannot fire and its series have a gap. Look first at Prometheus' log, at the "
        "rules page for the error, and at what was published last.",
        severity=names.PAGE,
        hold=_HOLD,
    )
    yield alert(
        "AlertsUndelivered",
        _above(platform_alerts.undelivered_alerts(), 0),
        f"Prometheus {text.INSTANCE} could not deliver {text.NUMBER} alerts",
        "No Alertmanager took them, so nobody was told. Look first at whether Alertmanager runs, "
        "at its address in Prometheus' configuration, and at the alerts page of Prometheus.",
        severity=names.PAGE,
    )
    yield _refused(alert, "prometheus", "Prometheus")


def _alertmanager(catalog: Catalog, alert: Build) -> Iterator[Alert]:
    yield alert(
        "NotificationsFailing",
        _above(platform_alerts.failed_notifications(), 0),
        f"Alertmanager failed to notify by {text.label('integration')} {text.NUMBER} times",
        "Someone was to be told and was not. Look first at Alertmanager's log, at the secret and "
        "the address of that integration, and at which alerts fire now.",
        severity=names.PAGE,
        hold=_HOLD,
    )
    yield _refused(alert, "alertmanager", "Alertmanager")


def _jaeger(catalog: Catalog, alert: Build) -> Iterator[Alert]:
    yield alert(
        "SpansLost",
        counters.at_least(catalog.platform.thresholds.minimum_events, platform_alerts.lost_spans()),
        f"Jaeger {text.INSTANCE} lost {text.NUMBER} spans",
        f"Within {platform_alerts.LOSS_WINDOW} it refused or failed to store them; traces have "
        "holes. Look first at Jaeger's log, at its memory and storage, and at who sends more.",
    )


def _refused(alert: Build, component: str, name: str) -> Alert:
    return alert(
        "ConfigurationRefused",
        platform_alerts.refused_configuration(component),
        f"{name} at {text.INSTANCE} runs on with an old configuration",
        "It refused the configuration that it was told to load, so what was published last is "
        "not in force, and a restart would fail. Look first at its log, at the difference that "
        "was published last, and at the files that it mounts.",
        hold=_HOLD,
    )


_OWN: dict[str, Callable[[Catalog, Build], Iterator[Alert]]] = {
    "agent": _agent,
    "alertmanager": _alertmanager,
    "jaeger": _jaeger,
    "loki": _loki,
    "memcached": _memcached,
    "prometheus": _prometheus,
}
