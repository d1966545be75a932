"""Phase 5: lines of every service arrive, as the catalog says they are."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

from catalog import names
from catalog.service import Service
from delivery.publish.transport import OutcomeUnknownError
from delivery.validate.judge import NothingToSeeError, Seen, judge, listed
from delivery.validate.model import Check
from delivery.validate.system import System, value
from queries import log_lines
from queries.log_alerts import ERRORS_WINDOW, strict
from queries.logql import LogQL, lines
from queries.platform_alerts import rejected_lines
from queries.promql import aggregate as reduce
from queries.promql import increase, series
from queries.text import Matchers, among, equal, window

#: The ``service`` of the line that is written; a service of the catalog it is none.
PROBE = "validate-probe"
#: A line that was taken can be read at once; a busy Loki is given this many looks, a second apart.
_LOOKS = 15
_RANGE = "query_range"


def flow(system: System, *, write: bool) -> Iterator[Check]:
    """Phase 5; a line is written only if that was asked for."""
    for service in system.catalog.services:
        yield from _of_service(system, service)
    yield judge(
        5,
        "Loki refuses no line",
        system.curl("prometheus", "/api/v1/query", query=rejected_lines()),
        "no line within 15 minutes",
        lambda: _rejected(system),
    )
    identifier = secrets.token_hex(8)
    query = LogQL(f'{lines(_where(system, PROBE))} |= "{identifier}"')
    yield judge(
        5,
        "A line that is written can be read",
        system.curl("loki", f"/loki/api/v1/{_RANGE}", query=query),
        "the line, once",
        lambda: _probe(system, identifier, query, write=write),
    )


def _where(system: System, service: str) -> Matchers:
    place = system.environment
    return (
        equal(names.CLUSTER, place.cluster),
        equal(names.ENVIRONMENT, place.environment),
        equal(names.SERVICE, service),
    )


def matchers(system: System, service: Service) -> Matchers:
    """The streams of a service in this environment, by the labels that it has."""
    return tuple(each for each in _where(system, service.id) if each.label in service.stream_labels)


def lately(system: System) -> str:
    """A service that is silent for so long is one that an alert tells of."""
    return window(system.catalog.platform.thresholds.silence)


def _of_service(system: System, service: Service) -> Iterator[Check]:
    own, since = matchers(system, service), lately(system)
    thresholds = system.catalog.platform.thresholds
    counted = log_lines.count(lines(own), (), since)
    yield _loki(system, f"Lines of {service.name} arrive", counted, "at least one line", _some)
    by_level = log_lines.count(lines(own), (names.LEVEL,), since)
    levels = service.stream_labels.get(names.LEVEL) or system.catalog.platform.levels
    yield judge(
        5,
        f"Lines of {service.name} have a level",
        system.curl("loki", "/loki/api/v1/query", query=by_level),
        f"only {', '.join(levels)}",
        partial(_levels, system, by_level, set(levels)),
    )
    maximum = thresholds.event_bad_ratio_maximum
    yield judge(
        5,
        f"Lines of {service.name} can be parsed",
        system.curl("loki", "/loki/api/v1/query", query=unparsed(system, service)),
        f"at most {maximum:.0%} cannot",
        partial(_share, system, unparsed(system, service), counted, maximum, "lines"),
    )
    if has_traces(service):
        maximum = thresholds.traceless_ratio_maximum
        yield judge(
            5,
            f"Error lines of {service.name} name their trace",
            system.curl("loki", "/loki/api/v1/query", query=traceless(system, service)),
            f"at most {maximum:.0%} do not",
            partial(
                _share,
                system,
                traceless(system, service),
                errors(system, service),
                maximum,
                "error lines",
            ),
        )
    limit = system.catalog.platform.limits.labels_per_stream
    yield judge(
        5,
        f"Streams of {service.name} have few labels",
        system.curl("loki", "/loki/api/v1/series", **{"match[]": lines(own)}),
        f"at most {limit}",
        partial(_labels, system, lines(own), limit),
    )
    for metric in service.metrics:
        if metric.emitted_by == "agent" and metric.role == "log_lines":
            told = reduce("sum", (), increase(series(metric.name, own), since))
            yield judge(
                5,
                f"The agent counts the lines of {service.name}",
                system.curl("prometheus", "/api/v1/query", query=told),
                "more than 0",
                partial(_counts, system, told),
            )


def has_traces(service: Service) -> str:
    """The field in which a service's lines name their trace; empty if none does."""
    found = (field.name for field in service.logs.fields if field.type == "trace_id")
    return next(found, "")


def unparsed(system: System, service: Service) -> LogQL:
    """How many lines are not of the service's format."""
    odd = lines(
        matchers(system, service),
        strict(service),
        '__error__!=""',
        "drop __error__, __error_details__",
    )
    return log_lines.count(odd, (), lately(system))


def errors(system: System, service: Service) -> LogQL:
    """How many lines of an error level there were lately."""
    return log_lines.count(lines(_erroneous(system, service)), (), ERRORS_WINDOW)


def traceless(system: System, service: Service) -> LogQL:
    """How many of those name no trace."""
    without = lines(
        _erroneous(system, service),
        strict(service),
        '__error__=""',
        f'{has_traces(service)}=""',
    )
    return log_lines.count(without, (), ERRORS_WINDOW)


def _erroneous(system: System, service: Service) -> Matchers:
    levels = system.catalog.platform.error_levels
    return (*matchers(system, service), among(names.LEVEL, levels))


def _loki(system: System, title: str, query: LogQL, expected: str, look: Any) -> Check:
    command = system.curl("loki", "/loki/api/v1/query", query=query)
    return judge(5, title, command, expected, partial(look, system, query))


def _some(system: System, query: LogQL) -> Seen:
    number = value(system.logs(query)) or 0
    return f"{number:.0f} lines within {lately(system)}", number > 0


def _levels(system: System, query: LogQL, known: set[str]) -> Seen:
    found = system.logs(query)
    if not found:
        raise NothingToSeeError("there are no lines")
    told = {each["metric"].get(names.LEVEL, ""): float(each["value"][1]) for each in found}
    odd = sorted(set(told) - known)
    seen = ", ".join(f"{level or '(none)'} {number:.0f}" for level, number in sorted(told.items()))
    return seen, not odd


def _share(system: System, part: LogQL, whole: LogQL, maximum: float, what: str) -> Seen:
    of = value(system.logs(whole)) or 0
    if of < (least := system.catalog.platform.thresholds.minimum_events):
        raise NothingToSeeError(f"{of:.0f} {what} are too few to judge by: {least} would do")
    number = value(system.logs(part)) or 0
    return f"{number:.0f} of {of:.0f} {what} ({number / of:.1%})", number / of <= maximum


def _labels(system: System, selector: LogQL, limit: int) -> Seen:
    answer = system.get("loki", "/loki/api/v1/series", **{"match[]": selector})
    streams = answer.mapping("data")["data"]
    if not streams:
        raise NothingToSeeError("there are no streams")
    most = max(len([key for key in each if not key.startswith("__")]) for each in streams)
    return f"{most} labels at most, {len(streams)} streams", most <= limit


def _counts(system: System, query: str) -> Seen:
    number = value(system.metric(query))
    return ("no series" if number is None else f"{number:.0f}"), bool(number and number > 0)


def _rejected(system: System) -> Seen:
    if not system.metric("loki_distributor_lines_received_total"):
        raise NothingToSeeError("Prometheus knows nothing of Loki's lines")
    found = [each for each in system.metric(rejected_lines()) if float(each["value"][1]) > 0]
    told = [f"{float(each['value'][1]):.0f} {each['metric'].get('reason')}" for each in found]
    return listed(told, "none"), not found


def _probe(system: System, identifier: str, query: LogQL, *, write: bool) -> Seen:
    if not write:
        raise NothingToSeeError("nothing is written without --write")
    link, now = system.link("loki"), system.clock()
    labels = {each.label: each.value for each in _where(system, PROBE)}
    levels = system.catalog.platform.levels
    text = json.dumps({"message": "A line of build.py validate", "probe": identifier})
    stream = {
        "stream": {**labels, names.LEVEL: levels[0]},
        "values": [[str(int(now * 1e9)), text]],
    }
    try:
        answer = link.transport.write(
            "POST", "/loki/api/v1/push", {"streams": [stream]}, headers=link.headers
        )
    except OutcomeUnknownError as error:
        return f"it was not taken: {error}", False
    if not answer.ok:
        return f"it was not taken: {answer.status}: {answer.message}", False
    since = {"start": str(int((now - 60) * 1e9)), "end": str(int((now + 60) * 1e9))}
    for look in range(_LOOKS):
        if look:
            time.sleep(1)
        found = system.fresh("loki", f"/loki/api/v1/{_RANGE}", query=query, **since)
        streams = found.mapping("data")["data"]["result"]
        if times := sum(len(each["values"]) for each in streams):
            return f"it is there {times} time(s) after {look} s", times == 1
    return f"it was taken, and is not there after {_LOOKS} s", False
