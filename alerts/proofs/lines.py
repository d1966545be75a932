"""What proves the alerts on how many lines a service writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from alerts.model import Alert
from alerts.proof import INTERVAL_SECONDS, Firing, Incident, Proof, Prove
from alerts.proofs import stories
from alerts.proofs.service import watched
from alerts.proofs.shown import number
from alerts.proofs.stories import HERE, Series, clock, counting, holding
from catalog.model import Catalog
from catalog.service import Service
from catalog.signals import Metric, Role
from queries import service_alerts


def _role(service: Service, role: Role) -> Metric:
    metric = service.by_role(role)
    if metric is None:
        raise LookupError(f"{service.id} has no metric of the role {role}")
    return metric


def _log_error_spike(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    service = watched(catalog, alert)
    metric = _role(service, "log_errors")
    time, limits = clock(catalog), catalog.platform.thresholds
    window = stories.seconds(service_alerts.SPIKE_WINDOW)
    samples, ago = window // INTERVAL_SECONDS, stories.seconds(service_alerts.SPIKE_OFFSET)
    lead = time.samples(ago + window) + time.lead
    since, minimum = lead * INTERVAL_SECONDS, limits.minimum_events
    factor = limits.error_lines_factor
    trouble = time.samples(window + alert.hold) + 5
    over = stories.after(window, lead + trouble)
    whole = lead + trouble + samples + 5

    def told(before: float, then: float) -> Series:
        """So many error lines in a window, and then so many."""
        phases = ((lead, before / samples), (trouble, then / samples))
        values = counting(*phases, (samples + 5, before / samples))
        return {
            **stories.emitter(service, metric, holding((whole, 1))),
            **stories.events(service, metric, {}, values),
        }

    few = 0.8 * minimum
    spike = 1.5 * factor * few
    # The window holds more than so many as soon as this share of it is past.
    part = (factor - 1) / (1.5 * factor - 1)
    yield Incident(
        f"{1.5 * factor:g} times the error lines of an hour ago",
        told(few, spike),
        time.moments(
            alert.hold,
            (Firing(HERE, number(spike)),),
            since=since + part * window - 2 * INTERVAL_SECONDS,
            at_last=since + window,
            over=over,
        ),
    )
    enough = 1.5 * minimum
    yield Incident(
        "error lines where there were none",
        told(0, enough),
        time.moments(
            alert.hold,
            (Firing(HERE, number(enough)),),
            since=since + window / 1.5 - 2 * INTERVAL_SECONDS,
            at_last=since + window,
            over=over,
        ),
    )
    if metric.emission == "lazy":
        yield Incident(
            "the first error lines ever",
            {
                **stories.emitter(service, metric, holding((whole, 1))),
                **stories.events(
                    service, metric, {}, holding((lead, None), (whole - lead, enough))
                ),
            },
            time.moments(
                alert.hold,
                (Firing(HERE, number(enough)),),
                since=since,
                over=stories.after(window, lead),
            ),
        )
    quiet = time.silent(alert.hold, since=since + window, over=over)
    many = 2.0 * minimum
    yield stories.near(
        f"{0.8 * factor:g} times as many are no spike", told(many, 0.8 * factor * many), quiet
    )
    yield stories.near("a few error lines are no spike", told(0, few), quiet)


PROOFS: Mapping[str, Prove] = {
    "LogErrorSpike": lambda catalog, alert: tuple(_log_error_spike(catalog, alert)),
}
