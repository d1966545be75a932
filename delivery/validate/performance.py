"""Phase 7: how fast queries are answered, and how near to its limits Loki runs."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from catalog import names
from catalog.errors import Problem, ServerError
from catalog.service import Service
from catalog.validation import Latency, QueryClass
from delivery.validate.flow import matchers
from delivery.validate.judge import NothingToSeeError, Seen, judge
from delivery.validate.model import Check
from delivery.validate.system import System
from queries import log_lines
from queries.logql import LogQL, aggregate, lines, over
from queries.platform_alerts import cache_hit_ratio, lines_per_second, query_p99, streams
from queries.promql import PromQL, increase, ratio, series, total
from queries.text import Matcher

#: Queries of each kind. With twenty of them, the 99th percentile is the slowest one.
SAMPLES = 20
_PATTERN = "(?i)time.?out|refused|fail(ed|ure)"
_ROUTES = Matcher("route", "loki_api_v1_query(_range)?", "=~")


@dataclass(frozen=True, slots=True)
class Timing:
    """How long queries of one kind took, as whoever asks sees it: seconds, in order."""

    kind: QueryClass
    seconds: Sequence[float]

    def percentile(self, q: float) -> float:
        """The nearest rank."""
        return self.seconds[max(0, math.ceil(q * len(self.seconds)) - 1)]


def query_of(kind: QueryClass, system: System, service: Service) -> LogQL:
    """A query of a kind, as the dashboards ask them."""
    own = matchers(system, service)
    parsed = log_lines.parsed(service, own, f'{service.logs.message}!=""')
    if kind == "simple":
        return lines(own)
    if kind == "json":
        return parsed
    if kind == "aggregation":
        return aggregate("sum", (names.LEVEL,), over("rate", lines(own), "1m"))
    searched = lines(
        own,
        log_lines.parser(service),
        f"{service.logs.message}=~{_quoted(_PATTERN)}",
        "drop __error__, __error_details__",
    )
    return aggregate("sum", (names.LEVEL,), over("count_over_time", searched, "1m"))


def _quoted(text: str) -> str:
    return f"`.*({text}).*`"


def measure(kind: QueryClass, system: System) -> Timing:
    """Asks the services in turn, over the last hour; each range differs by a second.

    :raises ServerError: a query is refused.
    """
    taken = []
    services = system.catalog.services
    for sample in range(SAMPLES):
        service = services[sample % len(services)]
        now = system.clock() - sample
        began = time.monotonic()
        answer = system.fresh(
            "loki",
            "/loki/api/v1/query_range",
            query=query_of(kind, system, service),
            start=str(int((now - 3600) * 1e9)),
            end=str(int(now * 1e9)),
            limit="100",
            step="60s",
        )
        if not answer.ok:
            raise ServerError(
                Problem(answer.place, f"answers {answer.status}: {answer.message}", "See its log")
            )
        taken.append(time.monotonic() - began)
    return Timing(kind, sorted(taken))


def performance(system: System, timings: dict[str, Timing]) -> Iterator[Check]:
    """Phase 7; what was timed is left in ``timings``."""
    platform = system.catalog.platform
    thresholds, limits = platform.thresholds, platform.limits
    for kind, target in (platform.validation.latencies if platform.validation else {}).items():
        example = query_of(kind, system, system.catalog.services[0])
        yield judge(
            7,
            f"Queries are fast: {kind}",
            system.curl("loki", "/loki/api/v1/query_range", query=example),
            f"p50 ≤ {target.p50_seconds * 1000:.0f} ms, p99 ≤ {target.p99_seconds * 1000:.0f} ms",
            partial(_fast, system, kind, target, timings),
        )
    share = thresholds.limit_share_maximum
    bounds: Sequence[tuple[str, PromQL, str, float, str]] = (
        (
            "Loki answers within its bound",
            query_p99(),
            f"p99 ≤ {thresholds.query_p99_seconds:g} s",
            thresholds.query_p99_seconds,
            "{:.3f} s",
        ),
        (
            "Queries do not fail",
            failed_queries(),
            f"at most {thresholds.error_ratio_maximum:.0%}",
            thresholds.error_ratio_maximum,
            "{:.2%}",
        ),
        (
            "Streams are far from the limit",
            streams(),
            f"at most {share:.0%} of {limits.streams}",
            share * limits.streams,
            "{:.0f} streams",
        ),
        (
            "Lines are far from the limit",
            lines_per_second(),
            f"at most {share:.0%} of {limits.lines_per_second} lines/s",
            share * limits.lines_per_second,
            "{:.1f} lines/s",
        ),
    )
    for title, query, expected, maximum, shown in bounds:
        yield judge(
            7,
            title,
            system.curl("prometheus", "/api/v1/query", query=query),
            expected,
            partial(_within, system, query, maximum, shown),
        )
    if (minimum := thresholds.cache_hit_ratio_minimum) is not None:
        yield judge(
            7,
            "The cache is hit",
            system.curl("prometheus", "/api/v1/query", query=cache_hit_ratio()),
            f"at least {minimum:.0%}",
            lambda: _hit(system, minimum),
        )


def failed_queries() -> PromQL:
    """The share of queries that Loki answered with a fault of its own."""
    name = "loki_request_duration_seconds_count"
    failed = increase(series(name, (_ROUTES, Matcher("status_code", "5..", "=~"))), "10m")
    whole = total((), increase(series(name, (_ROUTES,)), "10m"))
    return ratio(PromQL(f"({total((), failed)} or 0 * {whole})"), whole)


def numbers(system: System, query: str) -> list[float]:
    """What Prometheus answers, without what is no number."""
    found = [float(each["value"][1]) for each in system.metric(query)]
    return [each for each in found if not math.isnan(each)]


def _fast(system: System, kind: QueryClass, target: Latency, timings: dict[str, Timing]) -> Seen:
    timing = timings[kind] = measure(kind, system)
    half, most = timing.percentile(0.5), timing.percentile(0.99)
    told = f"p50 {half * 1000:.0f} ms, p99 {most * 1000:.0f} ms of {len(timing.seconds)} queries"
    return told, half <= target.p50_seconds and most <= target.p99_seconds


def _within(system: System, query: str, maximum: float, shown: str) -> Seen:
    found = numbers(system, query)
    if not found:
        raise NothingToSeeError("Prometheus has no such figure yet")
    return shown.format(max(found)), max(found) <= maximum


def _hit(system: System, minimum: float) -> Seen:
    found = numbers(system, cache_hit_ratio())
    if not found:
        raise NothingToSeeError("nobody asked the cache within 15 minutes")
    return f"{min(found):.0%}", min(found) >= minimum
