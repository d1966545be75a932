"""The recorded series of canaries, as a dashboard and an automation read them."""

from __future__ import annotations

from catalog import names
from catalog.canary import Canary
from queries.canary import of_reason
from queries.promql import PromQL, aggregate, series
from queries.text import Matchers, equal


def verdict(matchers: Matchers, reason: str) -> PromQL:
    """0: too little traffic, 1: no difference, 2: worse; nothing without a canary."""
    return aggregate("max", (), series(names.CANARY_VERDICT, (*matchers, of_reason(reason))))


def events(matchers: Matchers, canary: Canary) -> PromQL:
    """Requests of the canary since it began."""
    return aggregate("sum", (), _of(matchers, canary))


def traffic_share(matchers: Matchers, canary: Canary) -> PromQL:
    """The canary's share of the requests since it began."""
    every = series(names.CANARY_EVENTS_TOTAL, matchers)
    return PromQL(f"{events(matchers, canary)} / {aggregate('sum', (), every)}")


def share(matchers: Matchers, reason: str) -> PromQL:
    """The share of bad requests by track since the canary began."""
    return series(names.CANARY_BAD_RATIO, (*matchers, of_reason(reason)))


def powers_of_ten(matchers: Matchers, reason: str) -> PromQL:
    """The evidence of a comparison: it grows and falls by factors."""
    of = (*matchers, of_reason(reason))
    return PromQL(f"log10({series(names.CANARY_EVIDENCE, of)})")


def _of(matchers: Matchers, canary: Canary) -> PromQL:
    only = equal(names.TRACK, canary.canary)
    return series(names.CANARY_EVENTS_TOTAL, (*matchers, only))
