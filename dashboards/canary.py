"""A service's canary beside its stable release: is it worse, how sure is that, and in what?"""

from __future__ import annotations

import math

from catalog import names
from catalog.canary import Canary
from catalog.model import Catalog
from catalog.scalars import format_duration
from catalog.service import Service
from dashboards import common, units
from dashboards.spec import (
    Colour,
    Column,
    Dashboard,
    Lines,
    LogLines,
    Panel,
    Row,
    Stat,
    Step,
    Table,
    Variable,
)
from queries import canary as canary_queries
from queries import canary_logs, canary_series, log_lines, requests, scope
from queries.canary import ERROR_RATIO, LATENCY, LOG_PATTERNS
from queries.query import Loki, Prom
from queries.text import Matchers, among

_SERVICE = f"${scope.SERVICE_VARIABLE}"
_NO_CANARY = "No canary"
_BY_TRACK = "{{track}}"
_VERDICTS: tuple[tuple[float, str, Colour], ...] = (
    (canary_queries.TOO_LITTLE, "Too little traffic", "blue"),
    (canary_queries.NO_DIFFERENCE, "No difference", "green"),
    (canary_queries.WORSE, "Worse", "red"),
)
_REASONS = {
    ERROR_RATIO: ("Errors", "Of its requests, does the canary fail more than stable?"),
    LATENCY: ("Latency", "Of its requests, are more slow on the canary than on stable?"),
    LOG_PATTERNS: ("Error messages", "Does the canary write error messages that stable does not?"),
}


def build(catalog: Catalog) -> Dashboard:
    """One page for every service that can be compared; without any it has no rows."""
    canary = catalog.platform.canary
    services = tuple(service for service, _ in catalog.with_role("requests"))
    rows = _rows(catalog, canary, services) if canary and services else ()
    return Dashboard(
        uid=names.canary_uid(catalog.prefix),
        title=f"{catalog.platform.system.name}: canary",
        description="A canary beside the stable release: requests, latency and error messages, "
        "and how sure it is that it is worse.",
        folder=catalog.platform.folder("overview").id,
        owner=catalog.platform.owner.team,
        rows=rows,
        variables=_variables(services),
        annotations=common.marks(services, scope.of_service(_SERVICE)),
        tags=(catalog.prefix, "canary"),
    )


def _rows(catalog: Catalog, canary: Canary, services: tuple[Service, ...]) -> tuple[Row, ...]:
    where = scope.of_service(_SERVICE)
    return (
        Row("verdict", f"{_SERVICE}: the verdict", (*_verdicts(where), *_traffic(canary, where))),
        Row("why", f"{_SERVICE}: canary and stable since the canary began", _why(canary, where)),
        Row("requests", f"{_SERVICE}: requests by track", _requests(catalog, canary)),
        Row("logs", f"{_SERVICE}: what the canary writes", _logs(catalog, canary, services)),
    )


def _variables(services: tuple[Service, ...]) -> tuple[Variable, ...]:
    service = Variable(
        name=scope.SERVICE_VARIABLE,
        title="Service",
        description="The service whose canary is shown.",
        kind="custom",
        values=tuple(service.id for service in services) or ("none",),
    )
    return (*common.cluster_and_environment(), service)


def _verdicts(where: Matchers) -> tuple[Panel, ...]:
    return tuple(
        Panel(
            key=f"verdict.{reason}",
            title=title,
            description=f"{question} CanaryWorse asks for a rollback where it says Worse.",
            queries=(Prom(canary_series.verdict(where, reason)),),
            drawing=Stat(sparkline=False, words=_VERDICTS),
            unit=units.COUNT,
            width=4,
            height=4,
            empty=_NO_CANARY,
        )
        for reason, (title, question) in _REASONS.items()
    )


def _traffic(canary: Canary, where: Matchers) -> tuple[Panel, ...]:
    return (
        Panel(
            key="traffic.share",
            title="Share of requests",
            description="The canary's share of the requests since it began.",
            queries=(Prom(canary_series.traffic_share(where, canary)),),
            drawing=Stat(sparkline=False, decimals=1),
            unit=units.RATIO,
            width=4,
            height=4,
            empty=_NO_CANARY,
        ),
        Panel(
            key="traffic.requests",
            title="Requests compared",
            description=f"Requests that the canary answered since it began; fewer than "
            f"{canary.minimum_events} say nothing.",
            queries=(Prom(canary_series.events(where, canary)),),
            drawing=Stat(
                steps=(Step("blue"), Step("text", canary.minimum_events)),
                sparkline=False,
                decimals=0,
            ),
            unit=units.COUNT,
            width=4,
            height=4,
            empty=_NO_CANARY,
        ),
    )


def _why(canary: Canary, where: Matchers) -> tuple[Panel, ...]:
    colours = _colours(canary)
    shares = tuple(
        Panel(
            key=f"why.{reason}",
            title=title,
            description=f"{what} since the canary began, by track; {_weight(canary)}",
            queries=(Prom(canary_series.share(where, reason), _BY_TRACK),),
            drawing=Lines(soft_maximum=0.01, colours=colours),
            unit=units.RATIO,
            width=7,
            empty=_NO_CANARY,
        )
        for reason, title, what in (
            (ERROR_RATIO, "Failed requests", "The share of requests that failed"),
            (LATENCY, "Slow requests", "The share of requests slower than the objective's bound"),
        )
    )
    evidence = Panel(
        key="why.evidence",
        title="Evidence that it is worse",
        description="How many times better a worse canary explains what happened than one that is "
        f"like stable, in powers of ten: 2 is 100 times. {canary.evidence:g} times is reached by "
        f"at most {100 * canary.false_rollback_ratio:g} % of the rollouts that are no worse.",
        queries=tuple(
            Prom(canary_series.powers_of_ten(where, reason), _REASONS[reason][0])
            for reason in (ERROR_RATIO, LATENCY)
        ),
        drawing=Lines(
            steps=(Step("green"), Step("red", round(math.log10(canary.evidence), 3))),
            minimum=None,
            soft_maximum=math.ceil(math.log10(canary.evidence)) + 1,
        ),
        unit=units.COUNT,
        width=10,
        empty=_NO_CANARY,
    )
    return (evidence, *shares)


def _weight(canary: Canary) -> str:
    return (
        f"a difference counts from {canary.minimum_factor:g} times and "
        f"{100 * canary.minimum_difference:g} percentage points on."
    )


def _colours(canary: Canary) -> tuple[tuple[str, Colour], ...]:
    return ((canary.stable, "blue"), (canary.canary, "orange"))


def _requests(catalog: Catalog, canary: Canary) -> tuple[Panel, ...]:
    where = (*scope.of_service(_SERVICE), among(names.TRACK, canary.tracks))
    by = (names.TRACK,)
    metrics = catalog.metrics_of_role("requests")
    links = (common.to_unified(catalog.prefix, f"${{{scope.SERVICE_VARIABLE}}}"),)
    drawn = (
        (
            "rate",
            "Requests by track",
            "Requests a second that each track answers.",
            tuple(Prom(requests.by_label(each, by, where), _BY_TRACK) for each in metrics),
            units.of_rate("requests"),
        ),
        (
            "errors",
            "Error ratio by track",
            "Share of each track's requests that failed, at each moment.",
            tuple(Prom(requests.bad_ratio(each, by, where), _BY_TRACK) for each in metrics),
            units.RATIO,
        ),
        (
            "p99",
            "Latency p99 by track",
            "99 of 100 requests of each track are answered within this time.",
            tuple(
                Prom(requests.percentile_in_seconds(each, 0.99, by, where), _BY_TRACK)
                for each in metrics
            ),
            units.SECONDS,
        ),
    )
    return tuple(
        Panel(
            key=f"requests.{key}",
            title=title,
            description=description,
            queries=queries,
            drawing=Lines(
                colours=_colours(canary), soft_maximum=0.01 if unit == units.RATIO else None
            ),
            unit=unit,
            links=links,
        )
        for key, title, description, queries, unit in drawn
    )


def _logs(catalog: Catalog, canary: Canary, services: tuple[Service, ...]) -> tuple[Panel, ...]:
    limits, where = canary.patterns, scope.of_service(_SERVICE)
    levels = catalog.platform.error_levels
    window = format_duration(limits.window)
    new = canary_logs.only_on_the_canary(services, canary, where, levels)
    error_lines = canary_logs.of_canary(
        canary, (*where, among(names.LEVEL, levels)), *log_lines.parsers(services)
    )
    by_level = log_lines.count(canary_logs.of_canary(canary, where), (names.LEVEL,))
    return (
        Panel(
            key="logs.new",
            title=f"Error messages of the last {window} that are new",
            description=f"At least {limits.lines} lines of it on the canary within {window}, and "
            f"none on stable within {format_duration(limits.lookback)}. What varies is '#'.",
            queries=(Loki(new, instant=True),),
            drawing=Table(
                columns=(
                    Column(canary_logs.PATTERN, "Message"),
                    Column("Value #A", "Lines", units.COUNT, width=100, decimals=0),
                ),
                sort="Lines",
            ),
            unit=units.COUNT,
            width=12,
            empty="No new error message",
            accept={
                "window/tiles": "What is new now is what the alert asks for; the title says so."
            },
        ),
        Panel(
            key="logs.volume",
            title="Lines of the canary by level",
            description="How many lines the canary wrote in each interval, by level.",
            queries=(Loki(by_level, "{{level}}"),),
            drawing=Lines(colours=common.level_colours(catalog.platform)),
            unit=units.LINES,
            width=12,
            interval="30s",
            empty=_NO_CANARY,
        ),
        Panel(
            key="logs.lines",
            title="Error lines of the canary",
            description="The newest lines of an error level. Open one to go to its trace.",
            queries=(Loki(error_lines, limit=200),),
            drawing=LogLines(wrap=False),
            width=24,
            height=10,
            empty="No error line of a canary",
        ),
    )
