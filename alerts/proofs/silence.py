"""What proves the alerts on silence, each on its own; docs/silence.md has them all together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from alerts.model import Alert
from alerts.proof import Firing, Incident, Moment, Proof, Prove
from alerts.proofs.shown import number
from alerts.proofs.silence_told import (
    asked,
    lines,
    metric_of,
    silence_of,
    the_service,
    week_of,
)
from alerts.proofs.told import HERE, MINUTE, counting, elsewhere, up
from catalog.model import Catalog
from catalog.service import Service

_HERE = (Firing(HERE, ""),)


# No traffic


def _no_traffic(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    service = the_service(catalog, alert)
    week = week_of(catalog, alert)
    day, hour, monday = week.day, week.hour, week.monday
    # Two steps are one window: what is usual is just enough to be missed.
    a_step = 0.75 * catalog.platform.thresholds.minimum_events
    fires = (Firing(HERE, number(2 * a_step)),)
    alive = up(f"1x{8 * day}", service=service.id)

    def told(values: str, alive: dict[str, str] = alive) -> dict[str, str]:
        return {**alive, **asked(service, values)}

    work = (a_step, 5 * day)
    idle = counting(work, (0, 2 * day + 4 * hour), (a_step, hour))
    # The window of a week ago holds enough from the second step of Monday on.
    missed = monday + 2 + week.waits
    few = counting((a_step * 0.8 / 1.5, 2 * day), work, (0, day))
    down = told(idle, up(f"1x{monday - 1} 0x{day}", service=service.id, pod="down"))
    born = told(f"{counting(work)} stale _x{2 * day + week.waits - 1} 1x{hour}")
    agents = up(f"1x{8 * day}", component="agent")
    return (
        Incident(
            "nobody comes on a Monday",
            told(idle),
            (
                week.at(5 * day - 1),
                week.at(6 * day),
                week.at(missed - 1),
                week.at(missed, fires),
                week.at(monday + 5 * hour),
            ),
            week.step,
        ),
        Incident(
            "a weekend without even the few requests of the one before; it is down, which another "
            "alert says; or the first one comes in time, and its counter with it",
            {
                **told(few),
                **elsewhere(down, "down"),
                **elsewhere({**born, **agents}, "born"),
            },
            (week.at(monday - 1), week.at(missed)),
            week.step,
        ),
    )


# A service that says nothing


def _heard(catalog: Catalog, but: Service, values: str) -> dict[str, str]:
    """The lines of all other services."""
    return {
        name: told
        for each in catalog.services
        if each is not but and each.by_role("log_lines") is not None
        for name, told in lines(each, values).items()
    }


def _silent(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    service, silence = the_service(catalog, alert), silence_of(catalog, alert)
    length, since, end = silence.length, silence.since, silence.end
    alive = {**up(f"1x{length}", service=service.id), **up(f"1x{length}", component="agent")}
    heard = _heard(catalog, service, f"0+9x{length}")
    stops = lines(service, silence.values(9))
    missed = silence.moments(*_HERE)
    return (
        Incident(
            "its counter stands still, the others' do not", {**alive, **heard, **stops}, missed
        ),
        Incident(
            "its counter has vanished, and comes back with one line",
            {**alive, **heard, **lines(service, f"0+9x{since} stale _x{end - since} 1x20")},
            missed[1:],
        ),
        Incident(
            "it is down, which another alert says",
            {**alive, **heard, **stops, **up(f"1x{since} 0x{length}", service=service.id)},
            silence.moments(),
        ),
        *_deaf(service, since, {**heard, **stops}, silence.moments()),
        *_idle(catalog, alert, service),
    )


def _idle(catalog: Catalog, alert: Alert, service: Service) -> tuple[Proof, ...]:
    """Nothing to write about: only where requests are counted is that known."""
    if service.by_role("requests") is None:
        return ()
    week = week_of(catalog, alert)
    length, monday = week.monday + 10, week.monday
    a_step = 0.75 * catalog.platform.thresholds.minimum_events
    return (
        Incident(
            "nobody asks anything of it, which another alert says",
            {
                **up(f"1x{length}", service=service.id),
                **up(f"1x{length}", component="agent"),
                **_heard(catalog, service, f"0+9x{length}"),
                # A week ago just enough came; the last line is older than the window by the
                # third step.
                **asked(service, counting((a_step, 10), (0, monday))),
                **lines(service, counting((9, monday + 1), (0, 9))),
            },
            (week.at(monday - 1), week.at(monday + 3 + week.waits)),
            week.step,
        ),
    )


def _deaf(
    service: Service, since: int, told: Mapping[str, str], moments: tuple[Moment, ...]
) -> tuple[Proof, ...]:
    """No agent is up to read it; only where lines go through agents is that another cause."""
    if metric_of(service, service.by_role("log_lines")).emitted_by != "agent":
        return ()
    length = moments[-1].at // MINUTE + 1
    alive = up(f"1x{length}", service=service.id)
    agents = up(f"1x{since} 0x{length}", component="agent")
    return (Incident("no agent is up to read it", {**alive, **agents, **told}, moments),)


PROOFS: Final[Mapping[str, Prove]] = {
    "NoTraffic": _no_traffic,
    "ServiceSilent": _silent,
}
