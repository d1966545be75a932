"""From the words of the command line to a query that can be sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from catalog.errors import Problem, UsageError
from catalog.model import Catalog
from catalog.platform import Environment
from catalog.scalars import MisfitError, format_duration, parse_duration
from catalog.service import Service
from catalog.signals import one_of
from queries.library.artifact import faster
from queries.library.fill import SINCE, Wish, filled, missing, refuse_unknown
from queries.library.model import LibraryQuery, Made, Release

#: How many intervals a range is told in, where nobody says how long one is.
_INTERVALS = 12


@dataclass(frozen=True, slots=True)
class Words:
    """What was typed."""

    service: str | None = None
    params: tuple[str, ...] = ()
    since: str | None = None
    step: str | None = None
    release: Release | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A query to be sent: over how many seconds, and in which intervals if over time."""

    query: LibraryQuery
    service: Service | None
    made: Made
    since: int
    step: int | None


def question(
    query: LibraryQuery,
    catalog: Catalog,
    environment: Environment,
    words: Words,
    *,
    sample: bool = False,
) -> Question:
    """The query filled in; a ``sample`` has an example where something must be said.

    :raises UsageError: something is missing, unknown or wrong.
    """
    if query.subject != "loki" and not query.is_offered(catalog):
        few = "no service" if query.least_services == 1 else "not more than one service"
        fault = f"{few} of the catalog has what it reads: {query.needs}"
        raise UsageError(Problem(query.name, fault, "Declare it in the service's file, if it has"))
    given = _given(words.params)
    refuse_unknown(query, given)
    for parameter in () if sample else missing(query, given):
        raise UsageError(
            Problem(
                query.name,
                f"the parameter '{parameter.name}' is missing",
                f"Add --param {parameter.name}=VALUE: {parameter.help.rstrip('.')}",
            )
        )
    since, step = _since(query, words), _step(query, words)
    service = _service(query, catalog, words.service, sample=sample)
    if words.release and words.release not in faster(query, catalog):
        fault = f"there is no form of it for Loki {words.release} alone"
        raise UsageError(Problem(query.name, fault, "Leave out --release"))
    window = step if step is not None else since
    wish = Wish(environment, service, given, format_duration(window))
    return Question(query, service, filled(query, catalog, wish, words.release), since, step)


@dataclass(frozen=True, slots=True)
class Shown:
    """A query as it is shown: its general form, and those for one release alone."""

    question: Question
    faster: tuple[tuple[Release, str], ...]


def shown(query: LibraryQuery, catalog: Catalog, environment: Environment, words: Words) -> Shown:
    """The query filled in, with examples where nothing was said.

    :raises UsageError: something is unknown or wrong.
    """
    general = question(query, catalog, environment, words, sample=True)
    forms = tuple(
        (
            each,
            question(
                query, catalog, environment, replace(words, release=each), sample=True
            ).made.text,
        )
        for each in faster(query, catalog)
        if words.release is None
    )
    return Shown(general, forms)


def _given(params: Iterable[str]) -> Mapping[str, str]:
    given: dict[str, str] = {}
    for each in params:
        name, equals, value = each.partition("=")
        if not equals:
            raise UsageError(Problem("--param", f"'{each}' has no '='", "Write NAME=VALUE"))
        if name in given:
            raise UsageError(Problem("--param", f"'{name}' is there twice", "Keep one of them"))
        given[name] = value
    return given


def _service(
    query: LibraryQuery, catalog: Catalog, named: str | None, *, sample: bool
) -> Service | None:
    fitting = {service.id: service for service in query.services(catalog)}
    if named is None:
        if query.subject != "one":
            return None
        if sample or len(fitting) == 1:
            return next(iter(fitting.values()))
        fault = "it is asked of one service, and none is named"
        raise UsageError(Problem(query.name, fault, _add(fitting)))
    if query.subject == "loki":
        fault = "it reads Loki's own lines, and no service's"
        raise UsageError(Problem(query.name, fault, "Leave out --service"))
    known = [service.id for service in catalog.services]
    if named not in known:
        fault = f"the catalog has no service '{named}'"
        raise UsageError(Problem("--service", fault, one_of(named, known)))
    if named not in fitting:
        fault = f"the lines of '{named}' do not have what it reads: {query.needs}"
        raise UsageError(Problem(query.name, fault, _add(fitting)))
    return fitting[named]


def _add(fitting: Iterable[str]) -> str:
    return f"Add --service with one of {', '.join(fitting)}"


def _since(query: LibraryQuery, words: Words) -> int:
    if words.since is not None and query.own_window:
        fault = "it looks at a range of its own"
        remedy = "Leave out --since, and give --param window=DURATION"
        raise UsageError(Problem(query.name, fault, remedy))
    return _duration("--since", words.since or SINCE)


def _step(query: LibraryQuery, words: Words) -> int | None:
    since = _duration("--since", words.since or SINCE)
    if words.step is None:
        return max(1, since // _INTERVALS) if query.answer == "series" else None
    if query.answer == "lines" or query.own_window:
        fault = "it answers no figures over time"
        raise UsageError(Problem(query.name, fault, "Leave out --step"))
    step = _duration("--step", words.step)
    if step > since:
        fault = f"is {words.step}, and the range is {format_duration(since)}"
        raise UsageError(Problem("--step", fault, "Write a shorter one, or a longer --since"))
    return step


def _duration(option: str, value: str) -> int:
    try:
        seconds = parse_duration(value)
    except MisfitError as error:
        raise UsageError(Problem(option, error.fault, error.remedy)) from None
    if seconds < 1:
        raise UsageError(Problem(option, f"is {value}", "Write a range above 0, as in 1h"))
    return seconds
