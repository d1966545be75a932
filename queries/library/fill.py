"""Fills a query in: with checked values for Loki itself, or with a dashboard's variables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from catalog import names
from catalog.errors import Problem, UsageError
from catalog.model import Catalog
from catalog.platform import Environment
from catalog.scalars import MisfitError
from catalog.service import Service
from catalog.signals import one_of
from queries import scope
from queries.library import kinds, loki_lines
from queries.library.model import About, Asked, LibraryQuery, Made, Parameter, Release
from queries.logql import INTERVAL, RANGE
from queries.text import Matcher, Matchers, among, equal

#: How far back a query looks that is told nothing else.
SINCE = "1h"
_EVENT = "event"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for: values as they were typed, and the range that figures are about."""

    environment: Environment
    service: Service | None = None
    given: Mapping[str, str] | None = None
    window: str = SINCE


def filled(
    query: LibraryQuery, catalog: Catalog, wish: Wish, release: Release | None = None
) -> Made:
    """The query as Loki is sent it, or the form of it for one release.

    :raises UsageError: a value is missing or wrong, with what to write instead.
    """
    values = _values(query, catalog, wish)
    about = _about(catalog, wish.service, values)
    tokens: dict[str, str] = {}
    for parameter in query.parameters:
        try:
            tokens[parameter.name] = kinds.token(parameter, values[parameter.name], about)
        except MisfitError as error:
            place = f"{query.name}, parameter {parameter.name}"
            raise UsageError(Problem(place, error.fault, error.remedy)) from None
    build = (query.faster or {})[release] if release else query.build
    return build(
        Asked(
            catalog,
            wish.service,
            _in_place(query, wish),
            wish.window,
            values,
            tokens,
            _levels(query, tokens),
        )
    )


def values_of(query: LibraryQuery, catalog: Catalog, service: Service | None) -> dict[str, str]:
    """What each parameter is where nobody gives a value: its default, or the example."""
    return _with_defaults(query, catalog, service, {})


def missing(query: LibraryQuery, given: Iterable[str]) -> list[Parameter]:
    """The parameters that must be given, and were not."""
    known = set(given)
    return [each for each in query.parameters if each.default is None and each.name not in known]


def refuse_unknown(query: LibraryQuery, given: Iterable[str]) -> None:
    """Raise UsageError for a parameter that the query does not have."""
    known = [each.name for each in query.parameters]
    for name in given:
        if name not in known:
            fault = f"there is no parameter '{name}'"
            remedy = one_of(name, known) if known else "It takes none: leave it out"
            raise UsageError(Problem(query.name, fault, remedy))


def _values(query: LibraryQuery, catalog: Catalog, wish: Wish) -> dict[str, str]:
    given = wish.given or {}
    refuse_unknown(query, given)
    return _with_defaults(query, catalog, wish.service, given)


def _with_defaults(
    query: LibraryQuery, catalog: Catalog, service: Service | None, given: Mapping[str, str]
) -> dict[str, str]:
    values = dict(given)
    # An event stands first: what the others are by default depends on it.
    for each in query.parameters:
        if each.name not in values:
            values[each.name] = (
                each.default(_about(catalog, service, values)) if each.default else each.example
            )
    return values


def _about(catalog: Catalog, service: Service | None, values: Mapping[str, str]) -> About:
    event = service.event(values[_EVENT]) if service and _EVENT in values else None
    return About(catalog, service, event)


def _levels(query: LibraryQuery, tokens: Mapping[str, str]) -> Matchers:
    chosen = [tokens[each.name] for each in query.parameters if each.kind == "levels"]
    return tuple(among(names.LEVEL, each.split(",")) for each in chosen if each)


def _in_place(query: LibraryQuery, wish: Wish) -> Matchers:
    """The streams of one place, by the labels that they have."""
    place, service = wish.environment, wish.service
    labels = (equal(names.CLUSTER, place.cluster), equal(names.ENVIRONMENT, place.environment))
    if service is not None:
        own = tuple(each for each in labels if each.label in service.stream_labels)
        return (*own, equal(names.SERVICE, service.id))
    return (*labels, _whose(query))


def _whose(query: LibraryQuery) -> Matcher:
    if query.subject == "loki":
        return equal(names.SERVICE, loki_lines.SERVICE)
    return Matcher(names.SERVICE, ".+", "=~")


@dataclass(frozen=True, slots=True)
class Form:
    """The query of a dashboard, and the services that it is right for; all of them if none."""

    made: Made
    services: tuple[Service, ...] = ()


def on_dashboard(query: LibraryQuery, catalog: Catalog) -> tuple[Form, ...]:
    """The query with the dashboard's variables, once for all services that it is the same for.

    What a query reads has other names, or another unit, in the lines of another service: then it
    is another text, which the lines of the others are kept out of.
    """
    if query.subject != "one":
        return (Form(query.build(_templated(query, catalog, None))),)
    services = query.services(catalog)
    texts: dict[Made, list[Service]] = {}
    for service in services:
        texts.setdefault(query.build(_templated(query, catalog, service)), []).append(service)
    if len(texts) == 1 and len(services) == len(catalog.services):
        return tuple(Form(made, tuple(of)) for made, of in texts.items())
    return tuple(
        Form(query.build(_templated(query, catalog, of[0], tuple(of))), tuple(of))
        for of in texts.values()
    )


def _templated(
    query: LibraryQuery, catalog: Catalog, service: Service | None, among_: tuple[Service, ...] = ()
) -> Asked:
    values = values_of(query, catalog, service)
    about = _about(catalog, service, values)
    tokens = {
        each.name: kinds.variable(each, variable_name(each, about))
        if each.label and each.kind != "levels"
        else kinds.token(each, values[each.name], about)
        for each in query.parameters
    }
    own: Matchers = (among(names.SERVICE, [each.id for each in among_]),) if among_ else ()
    whose = (
        (equal(names.SERVICE, f"${scope.SERVICE_VARIABLE}"), *own)
        if service is not None
        else (_whose(query),)
    )
    has_levels = any(each.kind == "levels" for each in query.parameters)
    level = scope.chosen(names.LEVEL, scope.LEVEL_VARIABLE)
    return Asked(
        catalog,
        service,
        (*scope.scope(), *whose),
        INTERVAL if query.graph else RANGE,
        values,
        tokens,
        (level,) if has_levels else (),
        templated=True,
    )


def variable_name(parameter: Parameter, about: About) -> str:
    """What a parameter's variable is called: a threshold has one for each unit."""
    if parameter.kind == "threshold":
        return f"{parameter.name}_{kinds.measured(about)}"
    return parameter.name
