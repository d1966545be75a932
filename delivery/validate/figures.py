"""The seed's criteria of success, with what was measured; what nobody can measure says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog import names
from catalog.errors import UserError
from delivery.validate.flow import errors, has_traces, lately, matchers, traceless, unparsed
from delivery.validate.judge import one_line
from delivery.validate.model import Check, Figure, Group, count
from delivery.validate.performance import Timing, numbers
from delivery.validate.system import AbsentError, System, value
from queries import log_lines
from queries.logql import LogQL, lines
from queries.platform_alerts import cache_hit_ratio, query_p99
from queries.promql import aggregate, over, series
from queries.text import Matcher, equal

#: Measured, in words, and whether that is what is asked for; None where that cannot be said.
Measured = tuple[str, bool | None]
_DAY = "1d"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the checks have shown, and where the alerts' runbooks lie, if they are ours."""

    system: System
    checks: Sequence[Check]
    timings: Mapping[str, Timing]
    runbooks: Path | None


def figures(evidence: Evidence) -> Iterator[Figure]:
    """All of them, group by group."""
    yield from _rollout(evidence)
    yield from _health(evidence)
    yield from _quality(evidence)
    yield from _adoption(evidence)


def _figure(group: Group, title: str, target: str, look: Callable[[], Measured]) -> Figure:
    try:
        measured, met = look()
    except (AbsentError, UserError) as error:
        measured, met = str(error), None
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        measured, met = "an answer of another form than this server's", None
    return Figure(group, title, target, one_line(measured), met)


def _rollout(evidence: Evidence) -> Iterator[Figure]:
    """The seed's boxes that sum up whole phases."""
    wanted = ((3, "All that runs, runs"), (4, "Every endpoint answers"), (6, "All is connected"))
    for phase, title in wanted:
        yield _figure("Rollout", title, "every check", lambda phase=phase: _phase(evidence, phase))  # type: ignore[misc]


def _phase(evidence: Evidence, phase: int) -> Measured:
    checks = [check for check in evidence.checks if check.phase == phase]
    good, bad = count(checks, "ok"), count(checks, "failed")
    skipped = len(checks) - good - bad
    told = f"{good} of {len(checks)} ok" + (f", {skipped} skipped" if skipped else "")
    if bad:
        return told, False
    return told, True if checks and not skipped else None


def _health(evidence: Evidence) -> Iterator[Figure]:
    system = evidence.system
    platform = system.catalog.platform
    planned = sum(each.volume.lines_per_minute for each in system.catalog.services)
    thresholds = platform.thresholds
    yield _figure(
        "System health",
        "Lines taken in",
        f"{planned} lines/min",
        lambda: _ingested(system, planned),
    )
    bound = thresholds.query_p99_seconds
    yield _figure(
        "System health",
        "Query latency, p99",
        f"under {bound:g} s",
        lambda: _latency(evidence, bound),
    )
    if (minimum := thresholds.cache_hit_ratio_minimum) is not None:
        yield _figure(
            "System health",
            "Cache hit rate",
            f"over {minimum:.0%}",
            lambda: _highest(numbers(system, cache_hit_ratio()), minimum, "nobody asks the cache"),
        )
    if platform.validation is not None:
        wanted = platform.validation.availability_minimum
        place = system.environment
        up = series(
            "up",
            (
                equal(names.CLUSTER, place.cluster),
                equal(names.ENVIRONMENT, place.environment),
                Matcher(names.COMPONENT, "", "!="),
            ),
        )
        answered = aggregate("avg", (names.COMPONENT,), over("avg_over_time", up, _DAY))
        yield _figure(
            "System health",
            "Availability of the components, the worst of them",
            f"over {wanted:.1%}",
            lambda: _highest(numbers(system, answered), wanted, "Prometheus has no targets"),
        )


def _ingested(system: System, planned: int) -> Measured:
    total = 0.0
    for service in system.catalog.services:
        counted = log_lines.count(lines(matchers(system, service)), (), lately(system))
        total += value(system.logs(counted)) or 0
    minutes = system.catalog.platform.thresholds.silence / 60
    rate = total / minutes
    return f"{rate:.0f} lines/min ({rate / 60:.1f} lines/s), {rate / planned:.0%}", rate >= planned


def _latency(evidence: Evidence, bound: float) -> Measured:
    told, good = [], True
    for kind, timing in evidence.timings.items():
        slowest = timing.percentile(0.99)
        told.append(f"{kind} {slowest * 1000:.0f} ms")
        good = good and slowest < bound
    loki = numbers(evidence.system, query_p99())
    if loki:
        told.append(f"{max(loki):.2f} s by Loki's own count")
        good = good and max(loki) < bound
    return (", ".join(told), good) if told else ("no query was timed", None)


def _highest(found: list[float], minimum: float, none: str) -> Measured:
    return (f"{min(found):.2%}", min(found) > minimum) if found else (none, None)


def _quality(evidence: Evidence) -> Iterator[Figure]:
    system = evidence.system
    services = system.catalog.services
    thresholds = system.catalog.platform.thresholds

    def lines_of() -> list[tuple[float, str]]:
        own = ((matchers(system, each), each) for each in services)
        return [
            (value(system.logs(log_lines.count(lines(of), (), lately(system)))) or 0, each.name)
            for of, each in own
        ]

    def logging() -> Measured:
        silent = [name for number, name in lines_of() if not number]
        told = f"{len(services) - len(silent)} of {len(services)}"
        return told + (f"; silent: {', '.join(silent)}" if silent else ""), not silent

    def levelled() -> Measured:
        good = whole = 0.0
        for each in services:
            by = log_lines.count(lines(matchers(system, each)), (names.LEVEL,), lately(system))
            known = each.stream_labels.get(names.LEVEL) or system.catalog.platform.levels
            for found in system.logs(by):
                number = float(found["value"][1])
                whole += number
                good += number if found["metric"].get(names.LEVEL) in known else 0
        return _part(good, whole, 1)

    def traced() -> Measured:
        own = [each for each in services if has_traces(each)]
        whole = _sum(system, [errors(system, each) for each in own])
        without = _sum(system, [traceless(system, each) for each in own])
        return _part(whole - without, whole, 1 - thresholds.traceless_ratio_maximum)

    def read() -> Measured:
        whole = sum(number for number, _ in lines_of())
        odd = _sum(system, [unparsed(system, each) for each in services])
        return _part(whole - odd, whole, 1 - thresholds.event_bad_ratio_maximum)

    yield _figure("Data quality", "Services that log", f"all {len(services)}", logging)
    yield _figure("Data quality", "Lines with a level of the catalog", "all", levelled)
    least = 1 - thresholds.traceless_ratio_maximum
    yield _figure("Data quality", "Error lines that name a trace", f"{least:.0%}", traced)
    least = 1 - thresholds.event_bad_ratio_maximum
    yield _figure("Data quality", "Lines that can be parsed", f"{least:.0%}", read)


def _sum(system: System, queries: Sequence[LogQL]) -> float:
    return sum(value(system.logs(query)) or 0 for query in queries)


def _part(good: float, whole: float, least: float) -> Measured:
    if not whole:
        return "there are no such lines", None
    return f"{good / whole:.2%} of {whole:.0f} lines", good / whole >= least


def _adoption(evidence: Evidence) -> Iterator[Figure]:
    system = evidence.system
    promised = {(s.id, o.id) for s in system.catalog.services for o in s.objectives}

    def tracked() -> Measured:
        query = aggregate("group", (names.SERVICE, names.OBJECTIVE), series(names.ATTAINMENT))
        there = {
            (each["metric"].get(names.SERVICE), each["metric"].get(names.OBJECTIVE))
            for each in system.metric(query)
        }
        return f"{len(promised & there)} of {len(promised)}", promised <= there

    yield _figure(
        "User adoption", "On-call runbooks written", "one for each alert", lambda: _books(evidence)
    )
    yield _figure("User adoption", "Objectives that are tracked", f"all {len(promised)}", tracked)
    for title in ("The team knows LogQL", "The team can debug an issue"):
        yield Figure("User adoption", title, "said by the team", "no server tells", None)


def _books(evidence: Evidence) -> Measured:
    if evidence.runbooks is None:
        return "the runbooks of another catalog are not here", None
    shipped = evidence.system.shipped
    alerts = {
        rule["alert"]
        for kind in ("prometheus-rules", "loki-rules")
        for entry in shipped.of_kind(kind)
        for group in shipped.load(entry.path)["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }
    missing = sorted(each for each in alerts if not (evidence.runbooks / f"{each}.md").is_file())
    told = f"{len(alerts) - len(missing)} of {len(alerts)}"
    return told + (f"; none of {', '.join(missing[:5])}" if missing else ""), not missing
