"""What proves the alerts of Loki's ruler on bounds that events declare, and on new errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from alerts.model import Alert
from alerts.proof import Firing, Lines, LogIncident, Moment, Proof, Prove
from alerts.proofs import stories
from alerts.proofs.logs import just_enough
from alerts.proofs.shown import in_unit, number, percentage
from alerts.proofs.told import HERE, MINUTE
from catalog import names
from catalog.model import Catalog
from catalog.service import Service
from catalog.signals import Event
from queries import log_bounds
from queries.log_alerts import EVENTS_WINDOW

HOUR: Final = 60 * MINUTE
#: Half an hour of quiet, forty minutes of trouble, and quiet again beyond the longest window.
_QUIET, _TROUBLE, _AFTER = 40 * MINUTE, 40 * MINUTE, 60 * MINUTE
_MOMENTS = (_QUIET - MINUTE, _QUIET + _TROUBLE - MINUTE, _QUIET + _TROUBLE + _AFTER - MINUTE)
_OPEN = "any"
#: The labels of a stream, and the text of a line on it.
Told = tuple[dict[str, str], str]


def line(service: Service, told: Mapping[str, object]) -> str:
    """A line in the service's format; a text with blanks stands in quotes."""
    if service.logs.format == "json":
        return json.dumps(told, ensure_ascii=False)
    return " ".join(f"{name}={json.dumps(value)}" for name, value in told.items())


def stream(service: Service, **chosen: str) -> dict[str, str]:
    """One stream of a service: of what is not chosen the first value that is declared."""
    declared = {
        label: values[0] if values else _OPEN for label, values in service.stream_labels.items()
    }
    return {**declared, **HERE, **{k: v for k, v in chosen.items() if k in declared}}


def _found(catalog: Catalog, alert: Alert) -> tuple[Service, Event]:
    service = next(each for each in catalog.services if each.id == alert.service)
    event = next(each for each in service.logs.events if each.id == alert.labels["event"])
    return service, event


def _told(service: Service, event: Event, **values: object) -> Told:
    """The stream and the text of a line that reports an event."""
    known: dict[str, object] = {service.logs.message: event.title}
    for name in (*event.by, *event.trail):
        field = service.logs.field(name)
        if field is not None and field.values:
            known.setdefault(name, field.values[0])
    known |= {name: chosen[0] for name, chosen in event.match.items()}
    known |= values
    where = stream(service, **{name: str(value) for name, value in known.items()})
    return where, line(service, {k: v for k, v in known.items() if k not in where})


def _part(service: Service, fields: tuple[str, ...], event: Event) -> dict[str, str]:
    """The values of the closed fields in the lines of :func:`_told`."""
    found = {}
    for name in fields:
        field = service.logs.field(name)
        values = event.match.get(name) or (field.values if field else None) or (_OPEN,)
        found[name] = values[0]
    return found


def _story(
    title: str,
    lines: tuple[Told, Told],
    share: float,
    each_minute: int,
    firing: Firing | None,
) -> LogIncident:
    """Usual lines throughout, and in the trouble a share of odd ones among them."""
    usual, odd = lines
    many = round(each_minute * share * _TROUBLE / MINUTE)
    rest = round(each_minute * (1 - share) * _TROUBLE / MINUTE)
    told = [
        _evenly(usual, 0, _QUIET, each_minute * _QUIET // MINUTE),
        _evenly(usual, _QUIET, _TROUBLE, rest),
        _evenly(odd, _QUIET, _TROUBLE, many),
        _evenly(usual, _QUIET + _TROUBLE, _AFTER, each_minute * _AFTER // MINUTE),
    ]
    before, within, over = _MOMENTS
    fires = (firing,) if firing else ()
    return LogIncident(
        title,
        tuple(each for each in told if each.count),
        (Moment(before), Moment(within, fires), Moment(over)),
    )


def _evenly(told: Told, start: int, length: int, count: int) -> Lines:
    every = length / count if count else 0
    return Lines(told[0], told[1], start, every, count)


def _enough(alert: Alert, window: str, minimum: int, odd: Told, firing: Firing) -> LogIncident:
    """Nothing else, and as many as it takes to judge."""
    return just_enough(alert, stories.seconds(window), minimum, Lines(*odd, 0, 0, 0), firing)


def _few(title: str, odd: Told, minimum: int) -> LogIncident:
    """Half as many lines as it takes to judge."""
    lines = _evenly(odd, _QUIET, _TROUBLE, max(1, minimum // 2))
    return LogIncident(title, (lines,), tuple(Moment(at) for at in _MOMENTS))


def slow(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    """Stories of an event that takes long."""
    service, event = _found(catalog, alert)
    bound = event.slow.above if event.slow else 0
    measures, minimum = event.measures or "", catalog.platform.thresholds.minimum_events
    usual = _told(service, event, **{measures: bound / 10})
    odd = _told(service, event, **{measures: 2 * bound})
    part = {**HERE, **_part(service, log_bounds.parts(service, event), event)}
    # Half as many again as it takes: twice the limit is another.
    many = 1.5 * log_bounds.ONE_IN
    return (
        _story(
            f"{percentage(many)} take twice as long",
            (usual, odd),
            many,
            20,
            Firing(part, percentage(many)),
        ),
        _enough(alert, EVENTS_WINDOW, minimum, odd, Firing(part, "100%")),
        _story("one in two hundred does", (usual, odd), 0.005, 20, None),
        _few("half as many events as it takes to judge, all of them slow", odd, minimum),
    )


def ceiling(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    """Stories of an event that measures more than is good."""
    service, event = _found(catalog, alert)
    bound = event.ceiling.above if event.ceiling else 0
    measures, minimum = event.measures or "", catalog.platform.thresholds.minimum_events
    field = service.logs.field(measures)
    unit = field.unit if field else "none"
    usual = _told(service, event, **{measures: bound / 2})
    odd = _told(service, event, **{measures: 2 * bound})
    part = {**HERE, **_part(service, log_bounds.parts(service, event), event)}
    return (
        _story(
            "every line reports twice as much",
            (usual, odd),
            1,
            minimum,
            Firing(part, in_unit(2 * bound, unit)),
        ),
        _enough(
            alert, log_bounds.CEILING_WINDOW, minimum, odd, Firing(part, in_unit(2 * bound, unit))
        ),
        _story("one line in five reports twice as much", (usual, odd), 0.2, minimum, None),
        _few("half as many lines as it takes to judge, all of them above", odd, minimum),
    )


def watched(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    """Stories of an outcome that is watched apart."""
    service, event = _found(catalog, alert)
    watch = next(each for each in event.watch if each.id == alert.labels["watch"])
    minimum = catalog.platform.thresholds.minimum_events
    field = service.logs.field(watch.label)
    known = field.values if field else None
    other = next((value for value in known or () if value not in watch.values), "other")
    usual = _told(service, event, **{watch.label: other})
    odd = _told(service, event, **{watch.label: watch.values[0]})
    fields = log_bounds.watched_fields(service, event, watch)
    part = {**HERE, **_part(service, fields, event)}
    share = round((1 + watch.above) / 2, 1)
    return (
        _story(
            f"{watch.title}: {percentage(share)} of one part",
            (usual, odd),
            share,
            20,
            Firing(part, percentage(share)),
        ),
        _enough(alert, EVENTS_WINDOW, minimum, odd, Firing(part, "100%")),
        _story("half as many as are allowed", (usual, odd), watch.above / 2, 20, None),
        _few("all of the few that there are", odd, minimum),
    )


# New error messages


def _new_errors(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    service = next(each for each in catalog.services if each.id == alert.service)
    level = catalog.platform.error_levels[0]
    calm = next(
        each for each in catalog.platform.levels if each not in catalog.platform.error_levels
    )
    minimum = catalog.platform.thresholds.minimum_events
    errors, others = stream(service, **{names.LEVEL: level}), stream(service, **{names.LEVEL: calm})

    def said(where: dict[str, str], text: str, start: int, every: float, count: int) -> Lines:
        return Lines(where, line(service, {service.logs.message: text}), start, every, count)

    day = 26 * HOUR
    known = said(errors, "peer 10.0.0.{n} cannot be reached", 0, 300, day // 300)
    enough = 3 * minimum // 2
    many = said(errors, 'lease {n} of "job-{n}" was lost', 25 * HOUR, 10, enough)
    firing = Firing(
        {**HERE, names.SERVICE: service.id, names.ERROR_PATTERN: "lease <_> of <_> was lost"},
        number(enough),
    )
    seen = 25 * HOUR + 14 * MINUTE
    return (
        LogIncident(
            "a message of a kind that a day of lines does not have, with other numbers each time",
            (known, many),
            (Moment(25 * HOUR - MINUTE), Moment(seen, (firing,)), Moment(26 * HOUR)),
        ),
        LogIncident(
            "a known message more often, with numbers that it never had",
            (known, said(errors, "peer 10.9.9.{n} cannot be reached", 25 * HOUR, 10, 2 * minimum)),
            (Moment(25 * HOUR - MINUTE), Moment(seen), Moment(26 * HOUR)),
        ),
        LogIncident(
            "the message of every night",
            (
                said(errors, "lease {n} was lost", 2 * HOUR, 10, 2 * minimum),
                said(errors, "lease {n} was lost", 25 * HOUR, 10, 2 * minimum),
            ),
            (Moment(25 * HOUR - MINUTE), Moment(seen), Moment(26 * HOUR)),
        ),
        LogIncident(
            "a new message, half as often as it takes",
            (known, said(errors, "lease {n} was lost", 25 * HOUR, 10, max(1, minimum // 2))),
            (Moment(25 * HOUR - MINUTE), Moment(seen), Moment(26 * HOUR)),
        ),
        LogIncident(
            "a new message that is no error",
            (known, said(others, "lease {n} was lost", 25 * HOUR, 10, 2 * minimum)),
            (Moment(25 * HOUR - MINUTE), Moment(seen), Moment(26 * HOUR)),
        ),
    )


PROOFS: Final[Mapping[str, Prove]] = {"NewErrorPattern": _new_errors}
