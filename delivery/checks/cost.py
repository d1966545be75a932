"""What opening a dashboard costs: the samples its queries read and the points they show.

An estimate, from the sets of values that the catalog declares and the assumptions beside them
(``platform.cost``). It is there to tell a page of a few lines from one that groups by
everything, not to plan a server.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from catalog import names
from delivery.checks.context import Context, Query
from delivery.checks.documents import Dashboard
from delivery.checks.durations import seconds
from delivery.checks.labels import Known, Values, narrowed
from delivery.checks.scan import Matcher, Scan, Selector, Window, scan
from delivery.checks.templates import occurrences

#: The points across a graph: about as many as it has room for.
POINTS = 500
_SCRAPES = 4  # in $__rate_interval
_SINCE = re.compile(r"now-(\w+)")
#: So many series at each point, however many there are.
_CHOSEN = re.compile(r"(?:topk|bottomk)\(([0-9]+),")
_UNKNOWN_SPAN = 21_600.0  # Grafana's own default: six hours
#: One place is looked at at a time, and one job scrapes a target.
_OF_THE_PLACE = frozenset({*names.SCOPE, names.NAMESPACE, names.JOB, names.SERVICE})
_TARGET = frozenset({names.POD, names.INSTANCE})


@dataclass(slots=True)
class Cost:
    """Samples read and points shown, by the panel that asks."""

    samples: dict[str, float] = field(default_factory=dict)
    points: dict[str, float] = field(default_factory=dict)

    def add(self, panel: str, samples: float, points: float) -> None:
        """One more query of a panel."""
        self.samples[panel] = self.samples.get(panel, 0) + samples
        self.points[panel] = self.points.get(panel, 0) + points


@dataclass(frozen=True, slots=True)
class Span:
    """The range that is shown, and the step between two points of it, in seconds."""

    length: float
    step: float

    def window(self, text: str, scrape: float) -> float:
        """The length of a range, with Grafana's own variables in it."""
        fixed = seconds(text)
        if fixed is not None:
            return fixed
        if "rate_interval" in text:
            return max(_SCRAPES * scrape, self.step + scrape)
        return self.length if "range" in text else self.step


class Estimate:
    """Estimates queries; selectors that many of them share are counted once."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._cost = context.catalog.platform.cost
        self._scrape = float(context.catalog.platform.scrape.interval)
        self._counted: dict[str, float] = {}
        self._alerts = sum(rule.kind == "alert" for rule in context.documents.rules)
        self._services = {service.id: service for service in context.catalog.services}

    def span(self, dashboard: Dashboard) -> Span:
        """What the dashboard shows when it is opened."""
        found = _SINCE.fullmatch(dashboard.since)
        length = (seconds(found[1]) if found else None) or _UNKNOWN_SPAN
        return Span(length, max(length / POINTS, self._scrape))

    def query(self, query: Query, span: Span) -> tuple[float, float]:
        """The samples that a query reads, and the points that it shows."""
        use, shape = query.use, query.shape
        if shape is None or shape.role == "lines":
            return 0, 0  # Loki stops at the limit of lines
        points = 1 if use.instant else span.length / span.step
        found = scan(use.text, use.language)
        read = (
            self._lines(found, span)
            if use.language == "logql"
            else self._samples(use.text, found, span, points)
        )
        chosen = _CHOSEN.match(use.text)
        most = float(chosen[1]) if chosen else float("inf")
        return read, min(self._series(shape.known, found), most) * points

    def _lines(self, found: Scan, span: Span) -> float:
        """A line is counted as a sample: it costs more, and is compressed better."""
        return sum(
            self._volume(window.selector) / 60 * self._reads(window, span, by_step=True)
            for window in found.windows
            if window.selector
        )

    def _volume(self, selector: Selector) -> float:
        matcher = selector.matcher(names.SERVICE)
        volumes = {key: each.volume.lines_per_minute for key, each in self._services.items()}
        if matcher is None or not volumes:
            return sum(volumes.values())
        if _is_one(matcher):
            return max(volumes.values())
        chosen = narrowed(matcher.operator, matcher.value, frozenset(volumes))
        return sum(volumes[key] for key in chosen or () if key in volumes)

    def _samples(self, text: str, found: Scan, span: Span, points: float) -> float:
        read = 0.0
        for selector in found.instant:
            read += self._count(text, selector) * points
        for window in found.windows:
            if window.selector:
                length = self._reads(window, span, by_step=points > 1)
                read += self._count(text, window.selector) * length / self._scrape
        return read

    def _reads(self, window: Window, span: Span, *, by_step: bool) -> float:
        """How much of the past a range reads: once its own length, and all that is shown."""
        own = span.window(window.text, self._scrape)
        return own + span.length if by_step and own < span.length else own

    def _count(self, text: str, selector: Selector) -> float:
        key = text[selector.start : selector.end]
        if key not in self._counted:
            self._counted[key] = self._selected(selector)
        return self._counted[key]

    def _selected(self, selector: Selector) -> float:
        """How many series a selector finds: the sum over the services that have it."""
        if selector.metric in {"ALERTS", "ALERTS_FOR_STATE"}:
            return self._alerts
        universe = self._context.universe
        signal = universe.signal(selector.metric)
        if signal is None or signal.known.anything:
            return 0
        matchers = {each.label: each for each in selector.matchers}
        services = signal.known.labels.get(names.SERVICE)
        if not services:
            return self._product(signal.known.labels, matchers)
        matcher = matchers.get(names.SERVICE)
        one = matcher is not None and _is_one(matcher)
        chosen = services if one or matcher is None else _narrowed(matcher, services)
        counts = [
            self._product(found.known.labels, matchers)
            for service in chosen or ()
            if (found := universe.signal(selector.metric, service)) is not None
        ]
        return max(counts, default=0) if one else sum(counts)

    def _product(self, labels: Mapping[str, Values], matchers: Mapping[str, Matcher]) -> float:
        count = 1.0
        if _TARGET & labels.keys() and not any(
            label in matchers and _is_one(matchers[label]) for label in _TARGET
        ):
            count *= self._targets(labels)
        # Open sets go together: a route has few status codes, a reason few tenants.
        is_open = False
        for label, values in labels.items():
            if label in _TARGET or label in _OF_THE_PLACE:
                continue
            matcher = matchers.get(label)
            if matcher is not None and (_is_one(matcher) or matcher.operator == "="):
                continue
            left = values if matcher is None else _narrowed(matcher, values)
            is_open |= left is None
            count *= _number(label, left)
        return count * self._cost.open_values if is_open else count

    def _targets(self, labels: Mapping[str, Values]) -> int:
        components = labels.get(names.COMPONENT)
        declared = self._context.catalog.platform.components
        replicas = [each.replicas for key, each in declared.items() if key in (components or ())]
        return max(replicas) if replicas else self._cost.pods

    def _series(self, known: Known, found: Scan) -> float:
        """How many series an answer has, by the labels that are left in it."""
        if known.anything:
            return 1
        if "alertname" in known.labels:
            return self._alerts
        count = self._product(known.labels, {})
        services = known.labels.get(names.SERVICE)
        chosen = [selector.matcher(names.SERVICE) for selector in found.selectors]
        if services and not any(each is not None and _is_one(each) for each in chosen):
            count *= len(services)
        return count


def _is_one(matcher: Matcher) -> bool:
    """Whether it asks for one value, which the reader of the dashboard chooses."""
    return matcher.operator == "=" and next(occurrences(matcher.value), None) is not None


def _narrowed(matcher: Matcher, values: Values) -> Values:
    if next(occurrences(matcher.value), None) is not None:
        return values
    return narrowed(matcher.operator, matcher.value, values)


def _number(label: str, values: Values) -> int:
    if values is None:
        return 1
    if label == names.LE:
        return len({float(value) for value in values if _is_number(value)})
    return max(1, len(values))


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
