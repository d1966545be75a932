"""What an audit finds: a verdict for each question and link, what a refresh costs, how fast it is.

The JSON report (``version`` 1) is read by other commands: fields are added, never renamed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from catalog.validation import QueryClass

Kind = Literal["panel", "variable", "annotation", "rule"]
Verdict = Literal["OK", "LAZY", "EMPTY", "ERROR", "SLOW", "UNREACHABLE"]
LinkVerdict = Literal["OK", "LAZY", "BROKEN", "UNREACHABLE"]
VERDICTS: tuple[Verdict, ...] = ("UNREACHABLE", "ERROR", "EMPTY", "SLOW", "LAZY", "OK")
LINK_VERDICTS: tuple[LinkVerdict, ...] = ("UNREACHABLE", "BROKEN", "LAZY", "OK")
#: What is as it ought to be.
WELL = frozenset({"OK", "LAZY"})


@dataclass(frozen=True, slots=True)
class Result:
    """One question: whose it is, the verdict, and what it rests on.

    ``place`` is the file below generated/. ``milliseconds`` is the median of all times that it
    was asked.
    """

    kind: Kind
    dashboard: str | None
    panel: int | None
    title: str
    ref: str | None
    service: str
    place: str
    verdict: Verdict
    reason: str
    series: int = 0
    points: int = 0
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Link:
    """One link: where it stands, what was opened, and whether anything was there."""

    kind: str
    title: str
    place: str
    service: str
    target: str
    verdict: LinkVerdict
    reason: str


@dataclass(frozen=True, slots=True)
class Cost:
    """What one refresh of a dashboard reads, as the servers count it.

    ``samples`` are Prometheus' (``stats=all``), ``bytes`` and ``lines`` Loki's; None where that
    server told nothing.
    """

    dashboard: str
    title: str
    service: str
    queries: int
    series: int
    points: int
    samples: int | None
    bytes: int | None
    lines: int | None


@dataclass(frozen=True, slots=True)
class Timing:
    """A class of queries beside its targets, in milliseconds."""

    kind: QueryClass
    queries: int
    p50: float
    p99: float
    p50_target: float
    p99_target: float

    @property
    def verdict(self) -> Literal["OK", "SLOW"]:
        """Whether both targets are met."""
        return "OK" if self.p50 <= self.p50_target and self.p99 <= self.p99_target else "SLOW"


@dataclass(frozen=True, slots=True)
class Audit:
    """All of it. ``at`` is when it began, in UTC, ``unreachable`` the servers that were lost."""

    at: str
    results: Sequence[Result]
    links: Sequence[Link] = ()
    costs: Sequence[Cost] = ()
    timings: Sequence[Timing] = ()
    unreachable: Sequence[str] = field(default=())

    @property
    def status(self) -> int:
        """The exit status: 3 where a server could not be asked, whatever the others say."""
        verdicts: set[str] = {each.verdict for each in self.results}
        verdicts |= {each.verdict for each in self.links}
        if self.unreachable or "UNREACHABLE" in verdicts:
            return 3
        slow = any(each.verdict != "OK" for each in self.timings)
        return 1 if slow or verdicts - WELL else 0

    def counts(self) -> dict[str, int]:
        """How many questions have each verdict."""
        return _counted((each.verdict for each in self.results), VERDICTS)

    def link_counts(self) -> dict[str, int]:
        """How many links have each verdict."""
        return _counted((each.verdict for each in self.links), LINK_VERDICTS)


def _counted(found: Iterable[str], known: Sequence[str]) -> dict[str, int]:
    all_of_them = list(found)
    return {each: all_of_them.count(each) for each in known}
