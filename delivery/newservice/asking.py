"""What a person at a terminal is asked beyond the plain facts: what is counted and promised."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from catalog.model import Catalog
from catalog.signals import Metric
from delivery.newservice import conventions
from delivery.newservice.compose import Choices
from delivery.newservice.interview import Ask

_NOTHING = "none"


def asked(
    catalog: Catalog,
    choices: Choices,
    metrics: Iterable[Mapping[str, Any]],
    ask: Ask,
    *,
    told: bool,
    promised: bool,
) -> Choices:
    """The choices with the answers; where the catalog has no convention, nothing is asked.

    ``told`` says that what the service counts is known, ``promised`` that objectives are.
    """
    convention = conventions.of_role(catalog, "requests")
    if convention is None:
        return choices
    has_requests = choices.requests or any(each.get("role") == "requests" for each in metrics)
    if not told:
        answer = ask(f"Does it count requests in {convention.name} (yes or no)", "no")
        has_requests = answer.strip().casefold() in {"y", "yes"}
        choices = replace(choices, requests=has_requests)
    if not has_requests or promised:
        return choices
    if choices.availability is None:
        choices = replace(choices, availability=_percent(ask, "that do not fail"))
    if choices.latency is None:
        choices = replace(choices, latency=_percent(ask, "that are fast enough"))
    if choices.latency is not None and choices.within is None:
        choices = replace(choices, within=_bound(ask, convention))
    return choices


def _percent(ask: Ask, which: str) -> float | None:
    """A share that is promised; None where nobody promises one."""
    while True:
        answer = ask(f"Percent of requests {which}, or {_NOTHING}", _NOTHING).strip()
        if answer == _NOTHING:
            return None
        try:
            return float(answer)
        except ValueError:
            continue


def _bound(ask: Ask, metric: Metric) -> float:
    bounds = {f"{each:g}": each for each in metric.buckets}
    while True:
        answer = ask(f"Fast enough is at most, in {metric.unit}: {', '.join(bounds)}", None)
        if answer.strip() in bounds:
            return bounds[answer.strip()]
