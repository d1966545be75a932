"""What proves the alerts on a month's volume and cost.

The stories tell the recorded steps themselves: a month of raw counters would add nothing, and
what records the steps has a test of its own. promtool's clock begins with January 1970.
"""

from __future__ import annotations

from collections.abc import Iterator

from alerts.model import Alert
from alerts.proof import Firing, Incident, Moment, Proof
from alerts.proofs import stories
from alerts.proofs.shown import number
from alerts.proofs.stories import HERE, holding
from catalog import names
from catalog.model import Catalog
from queries import log_volume

_STEP = names.VOLUME_STEP_SECONDS
#: Steps of January; the story's first one is at its very beginning.
_MONTH = 31 * 86400 // _STEP + 1


def volume(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    """More bytes than were planned."""
    budget = float(catalog.platform.limits.monthly_bytes)
    margin = catalog.platform.thresholds.forecast_margin
    above, below = budget * (1 + 2 * margin), budget * (1 + margin / 2)
    yield from _stories(alert, above, below, number(above))


def cost(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    """More money than the budget."""
    spending = catalog.platform.spending
    if spending is None or not spending.per_byte:
        return
    budget, margin = spending.monthly_budget, catalog.platform.thresholds.forecast_margin
    above, below = (
        (budget * (1 + share) - spending.fixed) / spending.per_byte for share in (2 * margin, 0)
    )
    yield from _stories(alert, above, below, f"{budget * (1 + 2 * margin):.2f}")


def _stories(alert: Alert, above: float, below: float, value: str) -> Iterator[Proof]:
    day, hold = log_volume.DAY_STEPS, alert.hold // _STEP
    busy = day + hold + 2
    quiet = 2 * busy
    # A day is known with its last step.
    held, fires = (day - 1 + hold) * _STEP, (busy - 1) * _STEP
    over = (busy + quiet - 1) * _STEP
    firing = Firing(HERE, value)
    yield Incident(
        "a month that goes on like its first day comes to too much",
        _told((busy, above / _MONTH), (quiet, 0)),
        (Moment(held - _STEP), Moment(held, (firing,)), Moment(over)),
        _STEP,
    )
    yield Incident(
        "it comes to a little more than was planned, or just that",
        _told((busy, below / _MONTH)),
        (Moment(fires),),
        _STEP,
    )
    yield Incident(
        "a few busy hours say nothing of a month",
        _told((day // 2, 5 * above / _MONTH), (1, 0)),
        (Moment((day // 2 - 1) * _STEP),),
        _STEP,
    )


def _told(*phases: tuple[int, float]) -> dict[str, str]:
    return {
        stories.one_series(names.LOG_BYTES_STEP, HERE, {names.MONTH: "197001"}): holding(*phases)
    }
