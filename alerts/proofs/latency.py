"""Histograms whose 99th percentile is what a story wants, within any bounds.

``histogram_quantile`` interpolates: a percentile that falls ``f`` of the way into a bucket is
that much of the way between its bounds. So of ``n`` events ``n * (0.99 - f) / (1 - f)`` have to
be below the bucket and the others in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alerts.proofs.stories import Labels, Series, counting, holding, one_series, plain
from catalog import names

_QUANTILE = 0.99
#: Of the events, when all is well, one in two hundred is slow.
_RARELY = 0.995


@dataclass(frozen=True, slots=True)
class Histogram:
    """A histogram with these bounds, of which the 99th percentile may not be over a limit."""

    name: str
    labels: Labels
    bounds: Sequence[float]
    limit: float

    @property
    def below(self) -> float:
        """The highest bound within the limit; 0 where there is none."""
        return max((bound for bound in self.bounds if bound <= self.limit), default=0)

    @property
    def above(self) -> float:
        """The lowest bound over the limit.

        :raises LookupError: there is none, so that no percentile is ever over it.
        """
        over = [bound for bound in self.bounds if bound > self.limit]
        if not over:
            raise LookupError(f"no bound of {self.name} is above {self.limit:g}")
        return min(over)

    @property
    def too_slow(self) -> float:
        """The percentile that a story shows: over the limit, under twice the limit.

        Where no bound is within the limit, all events are in one bucket, which begins at 0.
        """
        if not self.below:
            return _QUANTILE * self.above
        return min((self.limit + self.above) / 2, 1.5 * self.limit)

    def told(self, a_minute: float, phases: tuple[int, int, int]) -> Series:
        """Nothing, then so many events a minute of which some are too slow, then quick ones."""
        return self._series(a_minute, phases, self._quick)

    def rarely(self, a_minute: float, phases: tuple[int, int, int]) -> Series:
        """The same with only one slow event in two hundred."""
        return self._series(a_minute, phases, _RARELY)

    def born(self, begun: float, a_minute: float, phases: tuple[int, int, int]) -> Series:
        """It is not there, then has counted so many quick ones, and goes on with slow ones."""
        lead, trouble, rest = phases
        before, better = holding((lead, None)), self._better(a_minute)

        def goes_on(step: float) -> str:
            return f"{before} {counting((trouble, step), (rest, better), start=begun)}"

        return self._bounds(goes_on(a_minute), goes_on(self._quick * a_minute))

    @property
    def _quick(self) -> float:
        """The share of quick ones where the percentile is too slow."""
        part = (self.too_slow - self.below) / (self.above - self.below)
        return (_QUANTILE - part) / (1 - part)

    def _better(self, a_minute: float) -> float:
        """Without a bound within the limit nothing is quick, and only silence is better."""
        return a_minute if self.below else 0

    def _series(self, a_minute: float, phases: tuple[int, int, int], quick: float) -> Series:
        lead, trouble, rest = phases
        better = self._better(a_minute)
        return self._bounds(
            counting((lead, 0), (trouble, a_minute), (rest, better)),
            counting((lead, 0), (trouble, quick * a_minute), (rest, better)),
        )

    def _bounds(self, every: str, below: str) -> Series:
        bounds = {"+Inf": every, plain(self.above): every}
        if self.below:
            bounds = {**bounds, plain(self.below): below}
        return {
            **{
                one_series(f"{self.name}_bucket", self.labels, {names.LE: bound}): values
                for bound, values in bounds.items()
            },
            one_series(f"{self.name}_count", self.labels): every,
        }
