"""What a query of the library is: how it is built, what its answer means, what it takes.

The command, the guide and the dashboard are three renderings of this one description. Which of
them fills a query in is the business of :mod:`queries.library.fill`: a builder takes what it is
given, be it a checked value or a dashboard's variable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from catalog.model import Catalog
from catalog.service import Service
from catalog.signals import Event
from catalog.validation import QueryClass
from queries.logql import LogQL
from queries.text import Matchers

Section = Literal["essential", "advanced", "debugging"]
#: What is answered: log lines, one figure a row, or one figure a row and a moment.
Answer = Literal["lines", "rows", "series"]
#: Whose lines are read: one service's, every service's, or those of Loki itself.
Subject = Literal["one", "every", "loki"]
Release = Literal["2.9", "3"]
KindName = Literal[
    "choice",
    "count",
    "duration",
    "levels",
    "number",
    "pattern",
    "regex",
    "regex_what",
    "text",
    "threshold",
    "trace_id",
]
#: The name of the part of a line that a pattern or an expression picks out.
WHAT = "what"


@dataclass(frozen=True, slots=True)
class About:
    """What a value is checked against: the catalog, and the service if there is just one."""

    catalog: Catalog
    service: Service | None
    event: Event | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that a query takes.

    One without a ``default`` must be given; ``example`` stands for it where nobody gave any.
    ``choices`` are those of a ``choice``. With ``label`` it is a variable of the dashboard, under
    that title; any other has its default there.
    """

    name: str
    kind: KindName
    help: str
    default: Callable[[About], str] | None = None
    example: str = ""
    choices: Callable[[About], tuple[str, ...]] | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a builder is given.

    ``matchers`` choose the streams, those of ``levels`` among them where a query is told some.
    ``words`` are values that decide how a query is built; ``tokens`` are all values as LogQL,
    quoted and escaped. ``window`` is the range that a figure is about.
    """

    catalog: Catalog
    service: Service | None
    matchers: Matchers
    window: str
    words: Mapping[str, str]
    tokens: Mapping[str, str]
    levels: Matchers = ()
    templated: bool = False

    @property
    def of(self) -> Service:
        """The one service."""
        assert self.service is not None  # noqa: S101 - fill.py asks no query of one without it
        return self.service

    @property
    def event(self) -> Event:
        """The event that was chosen."""
        event = self.of.event(self.words["event"])
        assert event is not None  # noqa: S101 - it is a choice among the service's events
        return event


@dataclass(frozen=True, slots=True)
class Made:
    """A query that can be sent: the labels that tell its rows apart, and their unit."""

    text: LogQL
    by: tuple[str, ...] = ()
    unit: str = "lines"


Build = Callable[[Asked], Made]


@dataclass(frozen=True, slots=True)
class LibraryQuery:
    """A query by its name.

    ``applies`` tells whether a service's lines hold what it reads, ``needs`` says that in words.
    ``next`` are queries of the library to ask then. ``faster`` are forms that one release of
    Loki alone can run, or for which the lines must be where that release keeps them.
    ``graph``: the dashboard draws it over time. ``oldest_first`` is the order of lines,
    ``by_label`` that of rows which are told in the order of their labels, not of their figures.
    ``own_window``: it looks at a range of its own, whatever range is looked at. Of fewer than
    ``least_services`` it could answer nothing.
    """

    name: str
    title: str
    section: Section
    subject: Subject
    answer: Answer
    cost: QueryClass
    meaning: str
    next: tuple[str, ...]
    hint: str
    build: Build
    parameters: tuple[Parameter, ...] = ()
    applies: Callable[[Service], bool] = lambda _: True
    needs: str = "log lines"
    faster: Mapping[Release, Build] | None = None
    graph: bool = False
    oldest_first: bool = False
    by_label: bool = False
    own_window: bool = False
    least_services: int = 1

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of that name, or None."""
        return next((each for each in self.parameters if each.name == name), None)

    def services(self, catalog: Catalog) -> tuple[Service, ...]:
        """The services whose lines hold what it reads; of Loki's own lines it is none."""
        if self.subject == "loki":
            return ()
        return tuple(service for service in catalog.services if self.applies(service))

    def is_offered(self, catalog: Catalog) -> bool:
        """Whether there are such lines at all: Loki's own are those of no declared service."""
        if self.subject == "loki":
            daemons = catalog.agent is not None and catalog.agent.kubernetes is not None
            return daemons and "kubernetes" in catalog.platform.components
        return len(self.services(catalog)) >= self.least_services
