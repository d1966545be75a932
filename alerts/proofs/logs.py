"""What proves the alerts of Loki's ruler: lines that a service writes, or should not."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from alerts.logs import INTERVAL
from alerts.model import Alert
from alerts.proof import Firing, Lines, LogIncident, Moment, Proof, Prove
from alerts.proofs.shown import percentage
from alerts.proofs.stories import ANY, HERE, Clock, Labels, seconds, share_above, two_of
from catalog import names
from catalog.model import Catalog
from catalog.service import Service
from catalog.signals import Event
from queries import log_alerts
from queries.text import quote

#: Every line is written a little after its minute, so that none stands on a window's edge.
_APART = 1
#: Nothing happens for so long, and then there is trouble for so long.
_LEAD, _TROUBLE = 120, 1200
_PLAIN = re.compile(r'[^\s="]+')


@dataclass(frozen=True, slots=True)
class Writer:
    """A service that writes lines of its format on its streams."""

    service: Service

    def stream(self, fields: Labels) -> Labels:
        """The labels of the stream on which such a line is written."""
        declared = {
            label: values[0] if values else ANY
            for label, values in self.service.stream_labels.items()
        }
        chosen = {name: value for name, value in fields.items() if name in declared}
        return {**declared, **HERE, names.SERVICE: self.service.id, **chosen}

    def line(self, fields: Labels) -> str:
        """What is written: the fields that no stream label holds."""
        own = {name: value for name, value in fields.items() if name not in self.streams}
        told = {self.service.logs.message: "line {n}", **own}
        if self.service.logs.format == "json":
            return json.dumps(told, ensure_ascii=False)
        return " ".join(
            f"{name}={value if _PLAIN.fullmatch(value) else quote(value)}"
            for name, value in told.items()
        )

    @property
    def streams(self) -> frozenset[str]:
        """The labels of its streams."""
        return frozenset(self.service.stream_labels)

    def lines(self, fields: Labels, count: int, minutes: int, start: int = _LEAD) -> Lines:
        """So many such lines in each of so many minutes."""
        return self.raw(self.line(fields), fields, count, minutes, start)

    def raw(self, line: str, fields: Labels, count: int, minutes: int, start: int) -> Lines:
        """The same with a line that is given."""
        return Lines(self.stream(fields), line, start + _APART, 60 / count, count * minutes)


@dataclass(frozen=True, slots=True)
class Shares:
    """So many lines a minute that a share of them is told exactly, over or under a limit."""

    maximum: float
    minimum: int

    @property
    def total(self) -> int:
        """Twice as many as it takes to judge, and enough to come near the limit."""
        return max(2 * self.minimum, math.ceil(4 / self.maximum))

    @property
    def above(self) -> int:
        """How many of them are too many."""
        return math.ceil(share_above(self.maximum) * self.total)

    @property
    def below(self) -> int:
        """How many of them are not."""
        return math.floor(0.8 * self.maximum * self.total)

    @property
    def handful(self) -> int:
        """Lines that are too few to judge by."""
        return math.floor(0.8 * self.minimum)

    def firing(self, labels: Labels) -> Firing:
        """The alert over the limit."""
        return Firing(labels, percentage(self.above / self.total))


def _moments(alert: Alert, window: int, *firing: Firing) -> tuple[Moment, ...]:
    """Lines of the first minute of trouble are seen at its end."""
    time = Clock(INTERVAL)
    since = _LEAD + 60
    over = _LEAD + _TROUBLE + window + 60
    if not firing:
        return time.silent(alert.hold, since=since + 60, over=since + alert.hold + 300)
    return time.moments(alert.hold, firing, since=since, over=over)


def just_enough(
    alert: Alert, window: int, minimum: int, each: Lines, firing: Firing
) -> LogIncident:
    """Such lines alone, and one and a half times as many in a window as it takes to judge."""
    every = window / (1.5 * minimum)
    lasts = window + alert.hold + 300
    lines = replace(each, start=_LEAD + _APART, every=every, count=math.floor(lasts / every))
    moments = Clock(INTERVAL).moments(
        alert.hold,
        (firing,),
        since=_LEAD + _APART + (minimum - 1) * every,
        over=_LEAD + lasts + window + 60,
    )
    return LogIncident("just enough lines to judge by", (lines,), moments)


def _service(catalog: Catalog, alert: Alert) -> Service:
    return next(service for service in catalog.services if service.id == alert.service)


def _said(share: float) -> str:
    return percentage(share).replace("%", " %")


def failed_events(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    """Events that go wrong and that no metric counts."""
    service = _service(catalog, alert)
    event = next(each for each in service.logs.events if each.id == alert.labels["event"])
    limits = catalog.platform.thresholds
    shares = Shares(limits.event_bad_ratio_maximum, limits.minimum_events)
    window = seconds(log_alerts.EVENTS_WINDOW)
    writer, minutes = Writer(service), _TROUBLE // 60
    rest = window // 60 + 2
    by = log_alerts.counted_by(service, event)
    part, other = two_of({name: _values(service, name) for name in by})
    good, bad = _outcomes(service, event)
    fired = shares.firing({**HERE, names.SERVICE: service.id, **part})
    ends = _LEAD + _TROUBLE

    def told(wrong: int, total: int) -> tuple[Lines, ...]:
        mixed = [
            writer.lines({**fields, **part}, count, minutes)
            for fields, count in ((bad, wrong), (good, total - wrong))
            if count
        ]
        return (*mixed, writer.lines({**good, **part}, total, rest, ends))

    aside = (
        () if other is None else (writer.lines({**good, **other}, shares.total, minutes + rest),)
    )
    yield LogIncident(
        f"{_said(shares.above / shares.total)} of the events go wrong"
        + (", all is well in another part" if aside else ""),
        (*told(shares.above, shares.total), *aside),
        _moments(alert, window, fired),
    )
    wrong = writer.lines({**bad, **part}, 1, 1)
    yield just_enough(alert, window, shares.minimum, wrong, fired)
    quiet = _moments(alert, window)
    yield LogIncident(
        f"{_said(shares.below / shares.total)} of them go wrong, which is under the limit",
        told(shares.below, shares.total),
        quiet,
    )
    if shares.handful:
        yield LogIncident(
            "a handful of events, all of them wrong: too few to judge by",
            (writer.lines({**bad, **part}, shares.handful, 1),),
            quiet,
        )


def _values(service: Service, name: str) -> tuple[str, ...] | None:
    field = service.logs.field(name)
    return field.values if field else None


def _outcomes(service: Service, event: Event) -> tuple[Labels, Labels]:
    """The fields of a line that reports the event's good end, and a bad one."""
    if event.outcome is None:
        raise LookupError(f"the event {event.id} has no outcome")
    field, wrong = event.outcome.field, event.outcome.bad
    match = {name: values[0] for name, values in event.match.items()}
    fine = [value for value in _values(service, field) or (ANY,) if value not in wrong]
    return {**match, field: fine[0]}, {**match, field: wrong[0]}


def _missing_trace_ids(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    service = _service(catalog, alert)
    trace = next(field.name for field in service.logs.fields if field.type == "trace_id")
    limits = catalog.platform.thresholds
    shares = Shares(limits.traceless_ratio_maximum, limits.minimum_events)
    window = seconds(log_alerts.ERRORS_WINDOW)
    writer, minutes = Writer(service), _TROUBLE // 60
    level = {names.LEVEL: catalog.platform.error_levels[0]}
    calm = next(each for each in catalog.platform.levels if each not in level.values())
    traced = {**level, trace: "{trace}"}
    rest, ends = window // 60 + 2, _LEAD + _TROUBLE

    def told(without: int, total: int) -> tuple[Lines, ...]:
        mixed = [
            writer.lines(fields, count, minutes)
            for fields, count in ((level, without), (traced, total - without))
            if count
        ]
        return (*mixed, writer.lines(traced, total, rest, ends))

    fired = shares.firing({**HERE, names.SERVICE: service.id})
    yield LogIncident(
        f"{_said(shares.above / shares.total)} of the error lines carry none",
        told(shares.above, shares.total),
        _moments(alert, window, fired),
    )
    yield just_enough(alert, window, shares.minimum, writer.lines(level, 1, 1), fired)
    quiet = _moments(alert, window)
    yield LogIncident(
        f"{_said(shares.below / shares.total)} of them carry none, which is under the limit",
        told(shares.below, shares.total),
        quiet,
    )
    if shares.handful:
        yield LogIncident(
            "a handful of error lines without: too few to judge by",
            (writer.lines(level, shares.handful, 1),),
            quiet,
        )
    yield LogIncident(
        "lines that are no errors need none",
        (
            writer.lines({names.LEVEL: calm}, shares.total, minutes),
            writer.lines(traced, shares.total, minutes),
        ),
        quiet,
    )
    yield LogIncident(
        "error lines that cannot be read are another alert's",
        (writer.raw(_UNREADABLE, level, shares.total, minutes, _LEAD),),
        quiet,
    )


#: A line of neither format: logfmt, told to be strict, wants the end of the quoted text.
_UNREADABLE = 'panic: number={n} of "'


def _unreadable(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    service = _service(catalog, alert)
    limits = catalog.platform.thresholds
    shares = Shares(limits.event_bad_ratio_maximum, limits.minimum_events)
    window = seconds(log_alerts.RATE_WINDOW)
    writer, minutes = Writer(service), _TROUBLE // 60
    rest, ends = window // 60 + 2, _LEAD + _TROUBLE

    def told(odd: int, total: int) -> tuple[Lines, ...]:
        broken = [writer.raw(_UNREADABLE, {}, odd, minutes, _LEAD)] if odd else []
        well = [writer.lines({}, total - odd, minutes)] if total - odd else []
        return (*broken, *well, writer.lines({}, total, rest, ends))

    fired = shares.firing({**HERE, names.SERVICE: service.id})
    yield LogIncident(
        f"{_said(shares.above / shares.total)} of the lines cannot be read",
        told(shares.above, shares.total),
        _moments(alert, window, fired),
    )
    odd_one = writer.raw(_UNREADABLE, {}, 1, 1, _LEAD)
    yield just_enough(alert, window, shares.minimum, odd_one, fired)
    quiet = _moments(alert, window)
    yield LogIncident(
        f"{_said(shares.below / shares.total)} of them cannot, which is under the limit",
        told(shares.below, shares.total),
        quiet,
    )
    if shares.handful:
        yield LogIncident(
            "a handful of such lines: too few to judge by",
            (writer.raw(_UNREADABLE, {}, shares.handful, 1, _LEAD),),
            quiet,
        )


PROOFS: Mapping[str, Prove] = {
    "MissingTraceIds": lambda catalog, alert: tuple(_missing_trace_ids(catalog, alert)),
    "UnreadableLogLines": lambda catalog, alert: tuple(_unreadable(catalog, alert)),
}
