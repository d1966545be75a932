"""What a burn alert did in an incident, held against what it had to do.

Theory knows the truth and tells when the alert's condition held (:mod:`alerts.burn_theory`);
the replay tells when the rule fired. Worse than promised is: it held long enough to be seen and
nothing fired, it fired later than promised, it went on for longer, or it fired where nothing held.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from alerts.burn_theory import Condition, Course, Delay, Stretch, stretches
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
    """What all windows of one story have in common."""

    story: Story
    delay: Delay
    budget: float
    period: int

    def judge(self, window: Window, wanted: Condition, fired: Sequence[int]) -> Verdict:
        """The verdict on one pair of windows that fired at these evaluations."""
        story, delay = self.story, self.delay
        held = tuple(stretches(Course(story.step, story.events, story.errors), wanted))
        found = tuple(merged(fired, delay.evaluation))
        false = [each for each in found if not any(self._explains(one, each) for one in held)]
        start, end = story.incident.start, story.incident.end
        first = next((each for each in found if each not in false), None)
        theory = held[0].since if held else None
        measured = round(first.since) if first else None
        return Verdict(
            window=window,
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
        for one in self._gathered(held):
            promised = self._promised(one.since)
            seen = [each for each in found if self._explains(one, each)]
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
        """The moment, or the end of what keeps scrapes from showing it: nobody sees it sooner."""
        incident = self.story.incident
        for fault in incident.faults:
            since, until = fault.span(incident.start)
            if fault.kind in {"gap", "late"} and since < moment <= until:
                return until
        return moment

    def _spent(self, moment: float) -> float:
        """Errors since the incident began, of those that the period's usual traffic allows."""
        story = self.story
        before, now = story.incident.start // story.step, int(moment) // story.step
        errors = story.errors[now] - story.errors[before]
        return errors / (self.budget * story.rate * self.period)


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
