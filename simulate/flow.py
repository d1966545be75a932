"""How many times something has happened by a moment: the one source of counters and of lines.

``count`` is the closed integral of a rate that swings with the day and with a few shorter
waves. So a counter is the same whether it is written into a block of two days ago or scraped
now, and the lines between two moments are those that the counter went up by.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from simulate import chance

_DAY = 86_400.0
#: (seconds, share of the mean). The shares add up to less than 1: no rate is ever negative.
_WAVES = ((_DAY, 0.35), (3617.0, 0.12), (691.0, 0.08), (173.0, 0.05))
#: A burst of trouble, and how often one comes.
_BURST_LENGTH, _BURST_PERIOD = 600.0, 7.3 * 3600


class Flow:
    """Events at ``rate`` a second on average; of those ``in_bursts`` come in short bursts.

    ``place`` decides the phases: flows of one place swing together. ``key`` names the flow.
    """

    def __init__(
        self, rate: float, start: float, place: str, key: str, in_bursts: float = 0.0
    ) -> None:
        self.rate, self.start, self.key, self._in_bursts = rate, start, key, in_bursts
        turn = 2 * math.pi
        self._waves = [
            (
                share * period / turn,
                turn / period,
                chance.uniform(place, period) * turn if period < _DAY else _AFTERNOON,
            )
            for period, share in _WAVES
        ]
        self._shift = chance.uniform(place, "burst") * _BURST_PERIOD
        # Not all begin with a whole event at once.
        self._offset = chance.uniform(key, "offset")
        self._waved_before, self._bursts_before = self._waved(start), self._bursts(start)

    def count(self, now: float) -> float:
        """Events since ``start``; before it, none."""
        if now <= self.start:
            return 0.0
        whole = (1 - self._in_bursts) * (self._waved(now) - self._waved_before)
        if self._in_bursts:
            whole += self._in_bursts * (self._bursts(now) - self._bursts_before)
        return self.rate * whole + self._offset

    def between(self, since: float, until: float) -> Iterator[tuple[int, float]]:
        """Number and moment of every event after ``since``, up to and with ``until``."""
        before, after = self.count(since), self.count(until)
        first, last = math.floor(before) + 1, math.floor(after)
        for number in range(first, last + 1):
            yield number, since + (number - before) / (after - before) * (until - since)

    def _waved(self, now: float) -> float:
        """Seconds, stretched where much happens: the integral of 1 + the waves."""
        return now - sum(
            amplitude * math.cos(speed * now + phase) for amplitude, speed, phase in self._waves
        )

    def _bursts(self, now: float) -> float:
        """The same for bursts: it rises within them and stands still between them."""
        periods, rest = divmod(now + self._shift, _BURST_PERIOD)
        return (periods + min(rest, _BURST_LENGTH) / _BURST_LENGTH) * _BURST_PERIOD


#: Puts the day's peak at 14:00 UTC.
_AFTERNOON = math.pi / 2 - 2 * math.pi * 14 / 24
