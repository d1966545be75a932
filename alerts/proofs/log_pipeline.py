"""What proves the alerts on lines that are lost between the agents and Loki."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from alerts.model import Alert
from alerts.proof import Firing, Incident, Moment, Proof, Prove
from alerts.proofs.shown import number
from alerts.proofs.silence_told import kept, lines, metric_of, silence_of, taken, the_service
from alerts.proofs.stories import clock
from alerts.proofs.told import HERE, MINUTE, counting, elsewhere, series, steady, up
from catalog.model import Catalog
from catalog.service import Service


def _broken(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    return _not_taken(catalog, alert) if alert.service == "agent" else _not_kept(catalog, alert)


def _lost(catalog: Catalog, alert: Alert) -> tuple[Moment, ...]:
    """Half an hour is well; five minutes later nothing is left of it, for half an hour."""
    enough = 1.5 * catalog.platform.thresholds.minimum_events
    firing = (Firing(HERE, number(enough)),)
    return clock(catalog).moments(
        alert.hold, firing, since=34 * MINUTE, at_last=35 * MINUTE, over=65 * MINUTE
    )


def _not_kept(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    service = the_service(catalog, alert)
    other = next(each for each in catalog.services if each is not service)
    enough = 1.5 * catalog.platform.thresholds.minimum_events
    a_minute, moments = enough / 5, _lost(catalog, alert)
    read = lines(service, counting((a_minute, 90)))
    theirs = kept(other, "3x90")
    lost = kept(service, steady((3, 30), ("_", 30), (3, 30)))
    late = moments[1].at // MINUTE - 2
    refused = series(
        "loki_discarded_samples_total",
        {"job": "loki", "instance": "loki:p", "tenant": "fake", "reason": "rate_limited"},
    )
    return (
        Incident(
            "its lines are read and Loki has none of them",
            {**read, **theirs, **lost},
            moments,
        ),
        Incident(
            "Loki has none of anyone's: it is the recording that fails",
            {**read, **kept(other, "3x29"), **lost},
            (Moment(29 * MINUTE), Moment(50 * MINUTE)),
        ),
        Incident(
            "Loki refuses them, which another alert says, from the first on",
            {
                **read,
                **theirs,
                **lost,
                **up("1x90", component="loki"),
                refused: f"_x{late} {enough:g}x40",
            },
            (Moment(29 * MINUTE), Moment(moments[1].at)),
        ),
        Incident(
            "it stopped and its last lines are kept",
            {**lines(service, counting((a_minute, 30), (0, 60))), **theirs, **lost},
            tuple(Moment(at * MINUTE) for at in (29, 34, 37, 40, 50)),
        ),
        Incident(
            "a few minutes late",
            {**read, **theirs, **kept(service, steady((3, 30), ("_", 8), (3, 30)))},
            tuple(Moment(at * MINUTE) for at in (29, 36, 40, 45)),
        ),
    )


def _readers(catalog: Catalog) -> list[Service]:
    return [each for each in catalog.services if each.by_role("log_lines") is not None]


def _not_taken(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    service = _readers(catalog)[0]
    a_minute = 1.5 * catalog.platform.thresholds.minimum_events / 5
    moments = _lost(catalog, alert)
    read = lines(service, counting((a_minute, 90)))
    stuck = taken(counting((a_minute, 30), (0, 30), (a_minute, 30)))
    alive = up("1x90", component="loki")
    vanished = counting((a_minute, 30))
    late = moments[1].at // MINUTE - 2
    born = taken(f"{vanished} stale _x{late - 32} 1x40")
    return (
        Incident("lines are read and Loki is handed none", {**alive, **read, **stuck}, moments),
        Incident(
            "Loki is down, which another alert says, or was handed the first one in time",
            {
                **up("1x30 0x60", component="loki", pod="down"),
                **read,
                **stuck,
                **elsewhere({**alive, **read, **born}, "born"),
            },
            (Moment(29 * MINUTE), Moment(moments[1].at)),
        ),
        Incident(
            "nobody writes anything",
            {**alive, **lines(service, counting((a_minute, 30), (0, 60))), **stuck},
            tuple(Moment(at * MINUTE) for at in (29, 34, 37, 40, 50)),
        ),
    )


def _nothing_read(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    silence = silence_of(catalog, alert)
    length, since = silence.length, silence.since
    chorus = [
        each
        for each in _readers(catalog)
        if metric_of(each, each.by_role("log_lines")).emission == "always"
    ]
    alive = {
        name: values
        for each in chorus
        for name, values in up(f"1x{length}", service=each.id).items()
    }
    agents = up(f"1x{length}", component="agent")
    stops = silence.values(9)
    dumb = {name: values for each in chorus for name, values in lines(each, stops).items()}
    first = f"_x{silence.born} 1x{length - silence.born - 1}"
    return (
        Incident(
            "no counter of anyone's lines moves",
            {**alive, **agents, **dumb},
            silence.moments(Firing(HERE, "")),
        ),
        Incident(
            "the first line of one service is read in time",
            {**alive, **agents, **dumb, **lines(chorus[0], first)},
            silence.moments()[:2],
        ),
        Incident(
            "no agent is up, which another alert says",
            {**alive, **dumb, **up(f"1x{since} 0x{length}", component="agent")},
            silence.moments(),
        ),
        Incident(
            "every service is down, which other alerts say",
            {
                **agents,
                **dumb,
                **{
                    name: f"1x{since} 0x{length}"
                    for each in chorus
                    for name in up("", service=each.id)
                },
            },
            silence.moments(),
        ),
    )


PROOFS: Final[Mapping[str, Prove]] = {
    "AgentReadsNothing": _nothing_read,
    "LogPipelineBroken": _broken,
}
