"""The shipped rules over weeks of a made-up volume: silent when quiet, and not when it halves.

The figures over more weeks and seeds are those of ``python -m tests.alerts.weeks``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from catalog.load import load_catalog
from tests.alerts.weeks import (
    DAY,
    FIRING,
    HOUR,
    ROOT,
    WEEK,
    Volume,
    replayed,
    times,
)

BEGAN = 3 * WEEK + 2 * DAY + 10 * HOUR
STEP = HOUR // 2
#: An evaluation after the mean of 15 minutes is all trouble, and one more for the hold.
LATEST = 2 * STEP


def test_a_volume_that_halves_or_doubles_fires_and_a_quiet_one_does_not(
    tmp_path: Path, need_binary: Callable[[str], str]
) -> None:
    trouble = {factor: times(factor, BEGAN, BEGAN + 3 * HOUR) for factor in (0.5, 2)}
    volumes = [
        Volume("quiet, many", 20, 1),
        Volume("quiet, few", 20 / DAY, 1),
        Volume("halved", 20, 2, trouble[0.5]),
        Volume("doubled", 20, 3, trouble[2]),
    ]
    catalog = load_catalog(ROOT / "catalog")
    end = float(BEGAN + DAY)
    began = f"min by (cluster) (min_over_time(timestamp({FIRING})[2d:{STEP}s]))"
    over = f"count by (cluster) ({FIRING})"
    questions = {began: end, over: end}
    found = replayed(
        catalog,
        catalog.services[0],
        volumes,
        questions,
        promtool=need_binary("promtool"),
        folder=tmp_path,
        step=STEP,
    )
    delays = {name: at - BEGAN for (question, name), at in found.items() if question == began}
    assert delays.keys() == {"halved", "doubled"}
    assert all(0 < delay <= LATEST for delay in delays.values()), delays
    assert not [name for question, name in found if question == over]
