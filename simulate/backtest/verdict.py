"""What a burn alert did in an incident, held against what it had to do.

Theory knows what can be known of an incident and tells when the alert's condition held
(:mod:`alerts.burn_theory`);
the replay tells when the rule fired. Worse than promised is: it held long enough to be seen and
nothing fired, it fired later than promised, it went on for longer, or it fired where nothing held.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from alerts.burn_theory import Condition, Course, Delay, Stretch, stretches
from catalog import spans
from catalog.platform import Window
from simulate.backtest.story import Story


@dataclass(frozen=True, slots=True)
class Verdict:
    """One pair of windows in one incident; seconds count from the incident's beginning.

    ``theory`` is when the condition first held, ``promised`` by when the alert has to fire,
    ``measured`` when it did; ``reset`` is how long after the incident's end it was over.
    ``spent`` is the share of the period's budget that was gone when it fired.
    """

    window: Window
    theory: float | None
    promised: float | None
    measured: int | None
    reset: int | None
    spent: float | None
    false_alarms: int
    faults: tuple[str, ...]
    #: Firing and theory, from and to, from the beginning of the story: for pictures.
    fired: tuple[Stretch, ...]
    held: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Judge:
    """What one pair of windows is judged by; ``course`` is what there was to be seen."""

    story: Story
    course: Course
    window: Window
    delay: Delay
    budget: float
    period: int

    def judge(self, wanted: Condition, fired: Sequence[int]) -> Verdict:
        """The verdict on the pair of windows that fired at these evaluations."""
        story = self.story
        held = tuple(stretches(self.course, wanted))
        found = tuple(merged(fired, self.delay.evaluation))
        false = [each for each in found if not any(self._explains(one, each) for one in held)]
        start, end = story.incident.start, story.incident.end
        first = next((each for each in found if each not in false), None)
        theory = held[0].since if held else None
        measured = round(first.since) if first else None
        return Verdict(
            window=self.window,
            theory=None if theory is None else theory - start,
            promised=None if theory is None else self._promised(theory) - start,
            measured=None if measured is None else measured - start,
            reset=None if first is None else round(found[-1].until) - end,
            spent=None if measured is None else self._spent(measured),
            false_alarms=len(false),
            faults=tuple(self._faults(held, found, false)),
            fired=found,
            held=held,
        )

    def _faults(
        self, held: Sequence[Stretch], found: Sequence[Stretch], false: Sequence[Stretch]
    ) -> Iterator[str]:
        gathered = list(self._gathered(held))
        for one, following in zip_longest(gathered, gathered[1:]):
            promised = self._promised(one.since)
            seen = [
                each
                for each in found
                if self._explains(one, each)
                # What the next stretch explains is no late reset of this one.
                and not (each.since > one.until and following and self._explains(following, each))
            ]
            if not seen:
                # What is over before it can be seen need not be.
                if one.until >= promised:
                    due = promised - self.story.incident.start
                    yield f"missed: it should have fired by {due:.0f} s"
            elif seen[0].since > promised:
                yield f"late: {seen[0].since - promised:.0f} s after what is promised"
            if seen and seen[-1].until > (over := self._over(one.until)):
                yield f"no reset: it fires {seen[-1].until - over:.0f} s longer than promised"
        for each in false:
            since = each.since - self.story.incident.start
            yield f"false alarm: from {since:.0f} s on for {each.until - each.since:.0f} s"

    def _explains(self, held: Stretch, fired: Stretch) -> bool:
        """Whether what fired is due to what held: the two overlap, but for what is allowed."""
        early = self.delay.evaluation
        return fired.since >= held.since - early and fired.since <= self._over(held.until)

    def _gathered(self, held: Sequence[Stretch]) -> Iterator[Stretch]:
        """What held, without pauses that are too short to be seen."""
        pause = self.delay.seen + self.delay.evaluation
        current: Stretch | None = None
        for each in held:
            if current is not None and each.since - current.until <= pause:
                current = Stretch(current.since, each.until)
                continue
            if current is not None:
                yield current
            current = each
        if current is not None:
            yield current

    def _promised(self, since: float) -> float:
        return self._visible(since) + self.delay.promised

    def _over(self, until: float) -> float:
        return self._visible(until) + self.delay.seen + self.delay.evaluation

    def _visible(self, moment: float) -> float:
        """The moment, or the end of what keeps scrapes from showing it: nobody sees it sooner.

        What happens while nothing is scraped is seen as one rise between two scrapes. An hour
        that ends between the two, or begins there, does not show it; nor does a window that is
        laid out of hours, until that hour's edge has passed.
        """
        start = self.story.incident.start
        unseen = [
            fault.span(start)
            for fault in self.story.incident.faults
            if fault.kind in {"gap", "late"}
        ]
        ages = {0, *_edges(self.window.long), *_edges(self.window.short)}
        while True:
            ends = [
                until + age
                for since, until in unseen
                for age in ages
                if since < moment - age < until
            ]
            if not ends:
                return moment
            moment = max(ends)

    def _spent(self, moment: float) -> float:
        """Errors since the incident began, of those that the period's usual traffic allows."""
        story = self.story
        before, now = story.incident.start // story.step, int(moment) // story.step
        errors = story.errors[now] - story.errors[before]
        return errors / (self.budget * story.rate * self.period)


def _edges(length: int) -> range:
    """How long ago the hours begin that a window is laid out of, or a shorter one itself."""
    hour = min(length, spans.RAW_SECONDS)
    return range(hour, length + 1, hour)


def merged(fired: Sequence[int], evaluation: int) -> Iterator[Stretch]:
    """Evaluations that follow each other as one stretch, over when it no longer fires."""
    begun = last = None
    for moment in fired:
        if last is None or begun is None:
            begun = moment
        elif moment - last > evaluation:
            yield Stretch(begun, last + evaluation)
            begun = moment
        last = moment
    if begun is not None and last is not None:
        yield Stretch(begun, last + evaluation)
