"""Outcomes that the catalog watches apart, and what is left for everything else."""

from __future__ import annotations

from catalog.bounds import Watch
from catalog.signals import Event, Metric


def unwatched(metric: Metric) -> Metric | None:
    """The metric with only those bad outcomes that no watch has a limit of its own for.

    None where none is left: then the watches say all there is to say.
    """
    if metric.bad:
        left = {
            label: _without(values, _watched(metric.watch, label))
            for label, values in metric.bad.items()
        }
        return metric.model_copy(update={"bad": left}) if all(left.values()) else None
    if metric.good:
        # What is watched is taken out of the bad by putting it with the good.
        kept = {
            label: (*values, *_without(_watched(metric.watch, label), values))
            for label, values in metric.good.items()
        }
        return metric.model_copy(update={"good": kept})
    return None


def unwatched_event(event: Event) -> Event | None:
    """The same of an event that log lines report."""
    if event.outcome is None:
        return None
    left = _without(event.outcome.bad, _watched(event.watch, event.outcome.field))
    if not left:
        return None
    return event.model_copy(update={"outcome": event.outcome.model_copy(update={"bad": left})})


def _watched(watches: tuple[Watch, ...], label: str) -> tuple[str, ...]:
    return tuple(value for watch in watches if watch.label == label for value in watch.values)


def _without(values: tuple[str, ...], taken: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(value for value in values if value not in taken)
