"""The unified dashboard's rows of numbers: every service, the chosen one now, its requests."""

from __future__ import annotations

from catalog import names
from catalog.model import Catalog
from catalog.signals import Metric
from dashboards import common, units
from dashboards.slo_parts import BUDGET_STEPS
from dashboards.spec import Lines, Link, Panel, Row, Stat, Step
from queries import requests, scope
from queries.promql import aggregate, series
from queries.query import Prom
from queries.slo_series import budget_remaining
from queries.text import Matchers, equal

_SERVICE = f"${scope.SERVICE_VARIABLE}"


def _links(catalog: Catalog, service: str) -> tuple[Link, ...]:
    return (
        common.logs_around(catalog.prefix, service),
        common.to_unified(catalog.prefix, service),
    )


def every_service(catalog: Catalog) -> Row:
    """All services side by side, with a link from each to its own page."""
    metrics = catalog.metrics_of_role("requests")
    by, where = (names.SERVICE,), scope.scope()
    links = _links(catalog, "${__field.labels.service}")
    threshold = catalog.platform.thresholds.error_ratio_maximum
    panels: list[Panel] = []
    if metrics:
        panels += [
            Panel(
                key="all.rate",
                title="Requests by service",
                description="Requests a second that each service answers.",
                queries=tuple(
                    Prom(requests.by_label(metric, by, where), "{{service}}") for metric in metrics
                ),
                drawing=Lines(),
                unit=units.of_rate("requests"),
                width=6,
                links=links,
            ),
            Panel(
                key="all.errors",
                title="Error ratio by service",
                description="Share of each service's requests that failed; the line is where "
                "HighErrorRatio begins.",
                queries=tuple(
                    Prom(requests.bad_ratio(metric, by, where), "{{service}}") for metric in metrics
                ),
                drawing=Lines(
                    steps=(Step("green"), Step("red", threshold)), soft_maximum=threshold
                ),
                unit=units.RATIO,
                width=6,
                links=links,
            ),
            Panel(
                key="all.p99",
                title="Latency p99 by service",
                description="99 of 100 requests are answered within this time.",
                queries=tuple(
                    Prom(requests.percentile_in_seconds(metric, 0.99, by, where), "{{service}}")
                    for metric in metrics
                ),
                drawing=Lines(),
                unit=units.SECONDS,
                width=6,
                links=links,
            ),
        ]
    error_lines = catalog.metrics_of_role("log_errors")
    if error_lines:
        panels.append(
            Panel(
                key="all.log_errors",
                title="Error lines by service",
                description="Log lines of an error level that the agent reads, a second.",
                queries=tuple(
                    Prom(requests.by_label(metric, by, where), "{{service}}")
                    for metric in error_lines
                ),
                drawing=Lines(),
                unit=units.LINES_PER_SECOND,
                width=6,
                links=links,
                empty="No error line yet",
            )
        )
    return Row("all", "Every service", tuple(panels))


def golden_signals(catalog: Catalog) -> Row:
    """The chosen service in large figures."""
    metrics = catalog.metrics_of_role("requests")
    where = scope.chosen_pods()
    links = (common.logs_around(catalog.prefix, f"${{{scope.SERVICE_VARIABLE}}}"),)
    thresholds = catalog.platform.thresholds
    ratio = thresholds.error_ratio_maximum
    panels: list[Panel] = []
    if metrics:
        panels += [
            Panel(
                key="now.rate",
                title="Requests",
                description="Requests a second, of the chosen pods.",
                queries=tuple(Prom(requests.by_label(metric, (), where)) for metric in metrics),
                drawing=Stat(decimals=1),
                unit=units.of_rate("requests"),
                width=4,
                height=4,
                links=links,
            ),
            Panel(
                key="now.errors",
                title="Error ratio",
                description="Share of requests that failed, of the chosen pods.",
                queries=tuple(Prom(requests.bad_ratio(metric, (), where)) for metric in metrics),
                drawing=Stat(
                    steps=(Step("green"), Step("yellow", ratio / 2), Step("red", ratio)),
                    decimals=2,
                ),
                unit=units.RATIO,
                width=4,
                height=4,
                links=links,
            ),
            Panel(
                key="now.p99",
                title="Latency p99",
                description="99 of 100 requests are answered within this time.",
                queries=tuple(
                    Prom(requests.percentile_in_seconds(metric, 0.99, (), where))
                    for metric in metrics
                ),
                drawing=Stat(steps=(Step("green"), Step("red", thresholds.latency_p99_seconds))),
                unit=units.SECONDS,
                width=4,
                height=4,
                links=links,
            ),
        ]
    if catalog.has_objectives:
        panels.append(
            Panel(
                key="now.budget",
                title="Error budget left",
                description="The smallest error budget left among the service's objectives.",
                queries=(Prom(aggregate("min", (), budget_remaining(scope.of_service(_SERVICE)))),),
                drawing=Stat(steps=BUDGET_STEPS, decimals=1),
                unit=units.RATIO,
                width=4,
                height=4,
                empty="No objective",
            )
        )
    firing = series("ALERTS", (*scope.of_service(_SERVICE), equal("alertstate", "firing")))
    panels.append(
        Panel(
            key="now.alerts",
            title="Alerts firing",
            description="Alerts of this service that fire now.",
            queries=(Prom(aggregate("count", (), firing)),),
            drawing=Stat(steps=(Step("green"), Step("red", 1)), sparkline=False, decimals=0),
            width=4,
            height=4,
            empty="None",
        )
    )
    error_lines = catalog.metrics_of_role("log_errors")
    if error_lines:
        panels.append(
            Panel(
                key="now.log_errors",
                title="Error lines",
                description="Log lines of an error level, a second, of the chosen pods.",
                queries=tuple(Prom(requests.by_label(metric, (), where)) for metric in error_lines),
                drawing=Stat(
                    steps=(Step("green"), Step("yellow", 0.1), Step("red", 1)), decimals=2
                ),
                unit=units.LINES_PER_SECOND,
                width=4,
                height=4,
                links=links,
                empty="None",
            )
        )
    return Row("now", f"{_SERVICE} now", tuple(panels))


def requests_row(catalog: Catalog) -> Row:
    """The chosen service's requests by each label that they are read by, and their latency."""
    where = scope.chosen_pods()
    links = (common.logs_around(catalog.prefix, f"${{{scope.SERVICE_VARIABLE}}}"),)
    panels: list[Panel] = []
    for metric in catalog.metrics_of_role("requests"):
        panels.extend(
            Panel(
                key=f"requests.{metric.name}.{label}",
                title=f"{metric.title} by {label}",
                description=f"{metric.help} Here a second, by {label}.",
                queries=(Prom(requests.by_label(metric, (label,), where), f"{{{{{label}}}}}"),),
                drawing=Lines(),
                unit=units.of_rate(metric.counts),
                links=links,
            )
            for label in metric.by
        )
        panels.append(_latency(metric, where, links))
    return Row("requests", f"{_SERVICE}: requests", tuple(panels))


def _latency(metric: Metric, where: Matchers, links: tuple[Link, ...]) -> Panel:
    exemplars = metric.exemplars
    marks = " A dot is one request: click it to see its trace." if exemplars else ""
    return Panel(
        key=f"requests.{metric.name}.latency",
        title=f"{metric.title}: latency",
        description=f"{metric.help}{marks}",
        queries=tuple(
            Prom(
                requests.percentile(metric, q, (), where),
                f"p{q * 100:g}",
                # Each query would draw the same dots.
                exemplars=exemplars and q == 0.99,
            )
            for q in common.PERCENTILES
        ),
        drawing=common.PERCENTILE_LINES,
        unit=units.of_value(metric.unit),
        links=links,
    )
