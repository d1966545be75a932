"""Is the canary worse than the stable release? A sequential test, recorded in PromQL.

At every evaluation both releases are compared over what has happened since the last comparison;
with little traffic that waits until each has had an event. If nothing tells them apart, an event
is bad with the same probability on either, whatever that is at the moment: an incident that hits
both is no evidence against one. A hypothesis says that on the canary the odds of a bad event are
so many times higher. How much better the hypothesis explains what happened is a likelihood ratio
whose mean is at most 1 while the two are alike, for any number of events and for any expectation
that was made before them (Turner, Ly and Grünwald,
"Generic E-variables for exact sequential k-sample tests that allow for optional stopping",
https://arxiv.org/abs/2106.02693). The product of the steps is the evidence. By Ville's
inequality it reaches 1/a in at most a share a of all rollouts that are no worse, however often
one looks: so neither a minimum number of events nor a hold is needed to keep the promise.

A canary may turn bad late. So half of the stake is put on the first step, and the other half is
spread over the steps of the horizon (a mixture over when it began); the sum of the stakes stays
1, and so does the promise.

The arithmetic is that of whole events: counters are subtracted as they were scraped, since
``increase`` would scale them by what the scrapes happened to cover.
"""

from __future__ import annotations

from typing import Final

from catalog import names
from catalog.canary import Canary
from catalog.scalars import format_duration
from catalog.service import Service
from catalog.signals import Metric
from queries import counters
from queries.promql import PromQL, aggregate, series, total
from queries.slo import bound
from queries.text import Matcher, Matchers, among, equal, selection

#: How many times the odds of a bad event a worse canary is expected to have: half as bad again
#: is not told from chance by any; a release that is broken outright, soon by the last.
TIMES: Final = (2, 6, 30)
#: Before any event of this rollout, stable is expected to fail as 1 of 100 events do.
_PRIOR_BAD, _PRIOR_EVENTS = 1, 100
#: More evidence than this is not told apart: it must not grow beyond what a float holds.
_MOST: Final = 1e9

ERROR_RATIO: Final = "error_ratio"
LATENCY: Final = "latency"
LOG_PATTERNS: Final = "log_patterns"

#: Values of ``canary:verdict:state``.
TOO_LITTLE, NO_DIFFERENCE, WORSE = 0, 1, 2

_SCOPE = ", ".join(names.SCOPE)
_TRACKED = f"{_SCOPE}, {names.TRACK}"
_HYPOTHESIS = f"{_SCOPE}, {names.TIMES}"


def slow_threshold(service: Service, metric: Metric, p99_seconds: float) -> float | None:
    """Above which duration, in the metric's unit, a request is slow.

    The strictest latency objective's bound, or the first bucket from the limit of HighLatency
    on; None if there is none.
    """
    promised = [
        each.sli.threshold
        for each in service.objectives
        if each.sli.metric == metric.name and each.sli.threshold is not None
    ]
    limit = p99_seconds * (1000 if metric.unit == "milliseconds" else 1)
    fallback = [each for each in metric.buckets if each >= limit]
    return min(promised, default=min(fallback, default=None))


def of_reason(reason: str) -> Matcher:
    """The series of one comparison."""
    return equal(names.REASON, reason)


class Comparison:
    """The expressions of one service; a rule reads what the rules before it have recorded."""

    def __init__(self, service: Service, metric: Metric, canary: Canary, step: int) -> None:
        self._service, self._metric, self._canary = service, metric, canary
        self._step = step

    # What is counted

    def events(self) -> PromQL:
        """Events since the last evaluation by track, 0 without any; nothing without a canary."""
        counted = self._grown(counters.counter(self._metric))
        targets = total(_track_labels(), series("up", self._tracked()))
        there = series("up", self._of(equal(names.TRACK, self._canary.canary)))
        return PromQL(
            f"({total(_track_labels(), counted)} or 0 * {targets}) "
            f"and on ({_SCOPE}) {aggregate('group', names.SCOPE, there)}"
        )

    def failed(self) -> PromQL:
        """Those of them that went wrong."""
        metric = self._metric
        chosen = selection(metric.bad or metric.good or {})
        counted = total(_track_labels(), self._grown(counters.counter(metric), chosen))
        return self._bad(counted, good=not metric.bad)

    def slow(self, threshold: float) -> PromQL:
        """Those of them that took longer than the threshold."""
        quick = self._grown(f"{self._metric.name}_bucket", (bound(threshold),))
        return self._bad(total(_track_labels(), quick), good=True)

    def _bad(self, counted: PromQL, *, good: bool) -> PromQL:
        events = self._recorded(names.CANARY_EVENTS)
        some = f"({counted} or 0 * {total(_track_labels(), events)})"
        if good:
            return PromQL(f"{events} - on ({_TRACKED}) {some}")
        return PromQL(f"{some} and {total(_track_labels(), events)}")

    def _grown(self, name: str, chosen: Matchers = ()) -> PromQL:
        """What each counter has grown by since the last evaluation.

        One that was reset has not grown. One that was not there counts from 0 if its target was
        (a first failure), and not at all if the target is new: that may be a counter that is
        only newly scraped.
        """
        selector = series(name, (*self._tracked(), *chosen))
        before = f"offset {format_duration(self._step)}"
        born = f"on ({names.JOB}, {names.INSTANCE}) (up {before} == 1)"
        return PromQL(
            f"({selector} - {selector} {before}) >= 0 or "
            f"{selector} unless {selector} {before} and {born}"
        )

    # What is expected

    def expected(self, reason: str) -> PromQL:
        """The share of bad events on stable, as known before what is now compared began."""
        stable = equal(names.TRACK, self._canary.stable)
        bad = self._recorded(names.CANARY_BAD_TOTAL, of_reason(reason), stable)
        events = self._recorded(names.CANARY_EVENTS_TOTAL, stable)
        known = f"({bad} + {_PRIOR_BAD}) / on ({_SCOPE}) ({events} + {_PRIOR_EVENTS})"
        begun = aggregate("group", names.SCOPE, self._recorded(names.CANARY_EVENTS))
        unknown = f"{_PRIOR_BAD / _PRIOR_EVENTS:g} * {begun}"
        # A difference that is too small to matter is none to bet on.
        least = f"{self._canary.minimum_difference:g}"
        waiting = f"{self._recorded(names.CANARY_EXPECTED, of_reason(reason))} {self._unsettled()}"
        fresh = f"clamp_min({known} or {unknown}, {least})"
        return PromQL(f"({waiting} or on ({_SCOPE}) {fresh}) and on ({_SCOPE}) {begun}")

    def pending(self, step: str, pending: str, *matchers: Matcher) -> PromQL:
        """What is yet to be compared: this step, and those before it since the last comparison."""
        now = self._recorded(step, *matchers)
        before = self._recorded(pending, *matchers)
        # A scrape may see an event in one counter and not yet in another, so that there are
        # fewer than none: these are owed to what is compared next.
        owed = f"clamp_max({before}, 0)"
        return PromQL(f"{now} + (({before} {self._unsettled()}) or {owed} or 0 * {now})")

    def _unsettled(self) -> str:
        """Unless the evaluation before had events of both, and so compared them."""
        ours, theirs = (
            f"{self._recorded(names.CANARY_EVENTS_PENDING, equal(names.TRACK, track))} > 0"
            for track in (self._canary.canary, self._canary.stable)
        )
        both = aggregate("group", names.SCOPE, PromQL(f"{ours} and on ({_SCOPE}) {theirs}"))
        return f"unless on ({_SCOPE}) {both}"

    def hypotheses(self, reason: str) -> PromQL:
        """The share on stable, and the one on a canary whose odds are so many times higher."""
        expected = self._recorded(names.CANARY_EXPECTED, of_reason(reason))
        parts = []
        for times in TIMES:
            worse = f"{times} * {expected} / (1 + {times - 1} * {expected})"
            for share, track in ((expected, self._canary.stable), (worse, self._canary.canary)):
                tracked = f'label_replace({share}, "{names.TRACK}", "{track}", "", "")'
                parts.append(f'label_replace({tracked}, "{names.TIMES}", "{times}", "", "")')
        return PromQL(" or ".join(parts))

    def alike(self, reason: str) -> PromQL:
        """The share on both if nothing told them apart, weighted by the events of each."""
        events = self._recorded(names.CANARY_EVENTS_PENDING)
        hypothesis = self._recorded(names.CANARY_HYPOTHESIS, of_reason(reason))
        weighted = f"{hypothesis} * on ({_TRACKED}) group_left () {events}"
        return PromQL(
            f"sum without ({names.TRACK}) ({weighted}) "
            f"/ on ({_SCOPE}) group_left () ({aggregate('sum', names.SCOPE, events)} > 0)"
        )

    # What is concluded

    def bet(self, reason: str) -> PromQL:
        """The evidence so far and this step's stake, times how much better all is explained.

        Of one track alone nothing is explained better, and the factor is 1. Its own last value is
        read, which is gone once the canary is: the next one begins anew.
        """
        of = of_reason(reason)
        hypothesis = self._recorded(names.CANARY_HYPOTHESIS, of)
        alike = self._recorded(names.CANARY_ALIKE, of)
        bad = f"clamp_min({self._recorded(names.CANARY_BAD_PENDING, of)}, 0)"
        events = self._recorded(names.CANARY_EVENTS_PENDING)
        each = f"on ({_HYPOTHESIS}) group_left ()"
        on_track = f"on ({_TRACKED}) group_left ()"
        bad_ones = f"ln({hypothesis} / {each} {alike}) * {on_track} {bad}"
        good = f"({events} - on ({_TRACKED}) {bad})"
        good_ones = f"ln((1 - {hypothesis}) / {each} (1 - {alike})) * {on_track} {good}"
        nothing = f"0 * sum without ({names.TRACK}) ({hypothesis})"
        step = f"(exp(sum without ({names.TRACK}) ({bad_ones} + {good_ones})) or 1 + {nothing})"
        stake = 0.5 * self._step / self._canary.horizon
        before = f"({self._recorded(names.CANARY_BET, of)} or 0.5 + {nothing})"
        return PromQL(f"clamp_max({step} * ({before} + {stake:.10g}), {_MOST:.0f})")

    def evidence(self, reason: str) -> PromQL:
        """The evidence of all hypotheses together: their mean keeps the promise as each does."""
        bets = self._recorded(names.CANARY_BET, of_reason(reason))
        return PromQL(f"avg without ({names.TIMES}) ({bets})")

    def so_far(self, step: str, so_far: str, *matchers: Matcher) -> PromQL:
        """What has been counted since the canary began."""
        now = self._recorded(step, *matchers)
        return PromQL(f"{now} + ({self._recorded(so_far, *matchers)} or 0 * {now})")

    def share(self, reason: str) -> PromQL:
        """The share of bad events by track since the canary began."""
        bad = self._recorded(names.CANARY_BAD_TOTAL, of_reason(reason))
        events = self._recorded(names.CANARY_EVENTS_TOTAL)
        return PromQL(f"{bad} / on ({_TRACKED}) ({events} > 0)")

    def verdict(self, reason: str) -> PromQL:
        """Worse where it is both sure and of weight, else no difference, or too little traffic."""
        limits = self._canary
        of = of_reason(reason)
        canary = equal(names.TRACK, limits.canary)
        evidence = self._recorded(names.CANARY_EVIDENCE, of)
        ours = self._recorded(names.CANARY_BAD_RATIO, of, canary)
        theirs = self._recorded(names.CANARY_BAD_RATIO, of, equal(names.TRACK, limits.stable))
        traffic = self._recorded(names.CANARY_EVENTS_TOTAL, canary)
        enough = f"{evidence} and on ({_SCOPE}) {traffic} >= {limits.minimum_events}"
        sure = f"({evidence} >= {limits.evidence:.10g})"
        heavy = f"({ours} - on ({_SCOPE}) {theirs} >= {limits.minimum_difference:g})"
        several = f"({ours} / on ({_SCOPE}) {theirs} >= {limits.minimum_factor:g})"
        worse = f"{sure} and on ({_SCOPE}) {heavy} and on ({_SCOPE}) {several}"
        return PromQL(
            f"{WORSE} + 0 * ({worse} and ({enough})) or {NO_DIFFERENCE} + 0 * ({enough}) "
            f"or {TOO_LITTLE} * {evidence}"
        )

    def patterns_verdict(self) -> PromQL:
        """Worse where Loki's ruler has found error messages that stable does not have.

        Without traffic on stable its messages are not known, and every one would be new.
        """
        found = self._recorded(names.CANARY_NEW_PATTERNS)
        stable = equal(names.TRACK, self._canary.stable)
        traffic = self._recorded(names.CANARY_EVENTS_TOTAL, stable)
        known = f"{traffic} >= {self._canary.minimum_events}"
        new = aggregate("group", names.SCOPE, PromQL(f"{found} > 0"))
        begun = aggregate("group", names.SCOPE, self._recorded(names.CANARY_EVENTS))
        return PromQL(
            f"{WORSE} * {new} and on ({_SCOPE}) {known} or "
            f"({NO_DIFFERENCE} * {begun} and on ({_SCOPE}) {known}) or {TOO_LITTLE} * {begun}"
        )

    def worse(self, reason: str) -> PromQL:
        """The canary's share of bad events where the verdict is that it is worse."""
        of = of_reason(reason)
        canary = equal(names.TRACK, self._canary.canary)
        share = self._recorded(names.CANARY_BAD_RATIO, of, canary)
        verdict = self._recorded(names.CANARY_VERDICT, of)
        return PromQL(f"{share} and on ({_SCOPE}) {verdict} == {WORSE}")

    def new_patterns(self) -> PromQL:
        """How many new error messages the canary has where that is its verdict."""
        found = self._recorded(names.CANARY_NEW_PATTERNS)
        verdict = self._recorded(names.CANARY_VERDICT, of_reason(LOG_PATTERNS))
        return PromQL(f"{found} and on ({_SCOPE}) {verdict} == {WORSE}")

    def _of(self, *more: Matcher) -> Matchers:
        return (equal(names.SERVICE, self._service.id), *more)

    def _tracked(self) -> Matchers:
        return self._of(among(names.TRACK, self._canary.tracks))

    def _recorded(self, name: str, *matchers: Matcher) -> PromQL:
        return series(name, self._of(*matchers))


def _track_labels() -> tuple[str, ...]:
    return (*names.SCOPE, names.TRACK)
