"""Incidents that happen to a running stack, and what was alerted and told of each.

They run side by side, one after another at each service, since every one takes some twenty
minutes until it is found, told and over.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import requests

from catalog import names
from catalog.load import load_catalog
from delivery.audit.links.follow import Follow
from delivery.audit.model import LinkVerdict
from delivery.audit.opening import Wishes
from delivery.audit.run import opened
from delivery.places import RUNBOOKS
from delivery.publish.servers import Reach
from delivery.publish.session import Source
from simulate.fleet.expected import Due, Expectation, expected
from simulate.fleet.incidents import Incident, Kind
from tests.live.stack import Stack

Json = dict[str, Any]

_LINK = re.compile(r"<([^|>\s]+)\|([^>]+)>")
_POLL_SECONDS = 5.0
#: Until the last alert is over and told so: half an hour of error lines, or the quarter of an hour
#: over which a volume is averaged, and the quarter of an hour that a group waits.
_OVER_SECONDS = 2700.0


@dataclass(frozen=True, slots=True)
class Case:
    """An incident that begins so many seconds after the first one and lasts so long."""

    kind: Kind
    service: str
    after: float
    seconds: float


@dataclass
class Alerted:
    """An alert as Alertmanager has it: times in seconds since 1970, ``over`` None while active."""

    labels: Mapping[str, str]
    starts: float
    over: float | None = None

    @property
    def name(self) -> tuple[str, str]:
        """The alert and the service that it is about."""
        return self.labels["alertname"], self.labels.get(names.SERVICE, "")


@dataclass(frozen=True, slots=True)
class Told:
    """One alert within a message to the chat: its runbook tells which it is."""

    at: float
    title: str
    alert: str
    links: Mapping[str, str]


@dataclass
class Happened:
    """A case and what came of it; ``expectation`` follows from the catalog."""

    case: Case
    incident: Incident
    expectation: Expectation
    ended: float

    @property
    def since(self) -> float:
        """When it began, in seconds since 1970."""
        return self.incident.since


@dataclass
class Record:
    """Everything that was alerted and told, from a moment before the first incident on."""

    stack: Stack
    began: float
    happened: list[Happened] = field(default_factory=list)
    alerts: dict[tuple[tuple[str, str], ...], Alerted] = field(default_factory=dict)

    def look(self) -> None:
        """Take down what Alertmanager has now; what it has no more is over."""
        url = f"{self.stack.urls['alertmanager']}/api/v2/alerts"
        answer = requests.get(url, timeout=30)
        answer.raise_for_status()
        now, active = time.time(), set()
        for each in answer.json():
            key = tuple(sorted(each["labels"].items()))
            active.add(key)
            known = self.alerts.get(key)
            if known is None or known.over is not None:
                self.alerts[key] = Alerted(each["labels"], _moment(each["startsAt"]))
        for key, alerted in self.alerts.items():
            if key not in active and alerted.over is None:
                alerted.over = now

    def first(self, alert: str, service: str, since: float) -> Alerted | None:
        """The first such alert that started after a moment."""
        found = [
            each
            for each in self.alerts.values()
            if each.name == (alert, service) and each.starts >= since
        ]
        return min(found, key=lambda each: each.starts, default=None)

    def told(self) -> list[Told]:
        """Each alert of each message that the chat got, oldest first."""
        return [
            told
            for message in self.stack.receiver.received
            if message.path == "/slack"
            for told in _alerts_of(message.at, message.body)
        ]

    def messages(self) -> list[tuple[float, str]]:
        """When each message came, and its title."""
        return [
            (each.at, str(attachment["title"]))
            for each in self.stack.receiver.received
            if each.path == "/slack" and isinstance(each.body, dict)
            for attachment in each.body["attachments"]
        ]


def _alerts_of(at: float, body: object) -> Iterator[Told]:
    assert isinstance(body, dict), body
    for attachment in body["attachments"]:
        for part in str(attachment["text"]).split("\n\n"):
            links = {text: url for url, text in _LINK.findall(part)}
            if "Runbook" in links:
                alert = links["Runbook"].rpartition("/")[2]
                yield Told(at, str(attachment["title"]), alert, links)


def run(stack: Stack, cases: list[Case], said: Path) -> Record:
    """Let all of it happen, until the last alert of it is over and told so."""
    record = Record(stack, time.time())
    waiting = sorted(cases, key=lambda case: case.after)
    deadline = record.began + max(case.after + case.seconds for case in cases) + _OVER_SECONDS
    while time.time() < deadline:
        while waiting and time.time() >= record.began + waiting[0].after:
            record.happened.append(_begin(stack, waiting.pop(0)))
        record.look()
        said.write_text("\n".join(_summary(record)) + "\n", encoding="utf-8")
        if not waiting and _all_over(record):
            break
        time.sleep(_POLL_SECONDS)
    return record


def _begin(stack: Stack, case: Case) -> Happened:
    asked: Json = {"kind": case.kind, "service": case.service, "seconds": case.seconds}
    answer = requests.post(f"{stack.control}/incidents", json=asked, timeout=30)
    assert answer.ok, answer.text
    incident = Incident(**answer.json())
    ended = incident.since + incident.seconds
    return Happened(case, incident, expected(stack.catalog, incident), ended)


def _all_over(record: Record) -> bool:
    """Whether each alert that was due has come and gone, and the chat knows it."""
    now = time.time()
    for happened in record.happened:
        if now < happened.ended:
            return False
        for due in happened.expectation.fires:
            alerted = record.first(due.alert, due.service, happened.since)
            # A canary is compared by the evidence of hours: that is not waited for.
            if alerted is None or due.seconds is None:
                continue
            if alerted.over is None:
                return False
            silent = inhibited(happened, due) or (
                due.severity != names.PAGE and tickets_wait(record)
            )
            if not silent and not resolved(record, due, alerted.over):
                return False
    return True


def inhibited(happened: Happened, due: Due) -> bool:
    """Whether a page of the same service tells of it already: one message is enough then."""
    return due.severity != names.PAGE and any(
        each.severity == names.PAGE and each.service == due.service
        for each in happened.expectation.fires
    )


def resolved(record: Record, due: Due, over: float) -> bool:
    """Whether whoever was told of it has been told since that it is over.

    The next message of its group tells so, be it of others that go on.
    """
    group = f"] {due.severity}: {due.service} in "
    return any(at > over - 3 * _POLL_SECONDS and group in title for at, title in record.messages())


def followed(stack: Stack, urls: Iterable[str]) -> dict[str, tuple[LinkVerdict, str]]:
    """What the audit says of each address when it is opened as a browser does."""
    folder = stack.folder / "catalog"
    source = Source(load_catalog(folder), stack.generated)
    reach = Reach({kind: url for kind, url in stack.urls.items() if kind in stack.processes})
    with opened(source, reach, {}, Wishes(catalog=folder, runbooks=RUNBOOKS)) as asked:
        follow = Follow(asked)
        return {url: follow(url) for url in urls}


def tickets_wait(record: Record) -> bool:
    """Whether tickets were kept back at some moment of it: nobody was to be told of them then."""
    quiet = record.stack.catalog.platform.quiet_hours
    if quiet is None:
        return False
    zone = ZoneInfo(quiet.location)
    for moment in (record.began, time.time()):
        local = datetime.fromtimestamp(moment, zone)
        if local.strftime("%A").lower() in quiet.days:
            return True
        if quiet.night:
            clock = local.strftime("%H:%M")
            begins, ends = str(quiet.night.begins), str(quiet.night.ends)
            late = clock >= begins or clock < ends
            if late if begins > ends else begins <= clock < ends:
                return True
    return False


def _summary(record: Record) -> Iterator[str]:
    """What has come so far, for whoever waits; and after it failed."""
    yield f"{(time.time() - record.began) / 60:.1f} min"
    for happened in record.happened:
        yield f"{happened.case.kind} at {happened.case.service} since {_clock(happened.since)}"
        for due in happened.expectation.fires:
            alerted = record.first(due.alert, due.service, happened.since)
            came = f"after {alerted.starts - happened.since:.0f} s" if alerted else "not yet"
            over = f", over at {_clock(alerted.over)}" if alerted and alerted.over else ""
            least = "by evidence" if due.seconds is None else f"due within {due.seconds:.0f} s"
            yield f"  {due.severity} {due.alert} {came} ({least}){over}"
    yield "alerts:"
    for each in sorted(record.alerts.values(), key=lambda alerted: alerted.starts):
        over = f" - {_clock(each.over)}" if each.over else ""
        severity = each.labels.get("severity", "")
        yield f"  {_clock(each.starts)}{over} {severity} {' '.join(each.name)}"
    yield "messages:"
    yield from (f"  {_clock(at)} {title}" for at, title in record.messages())


def _clock(moment: float) -> str:
    return time.strftime("%H:%M:%S", time.gmtime(moment))


def _moment(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
