"""What an incident is: how much happens, how much of it goes wrong, and what befalls the scrapes.

The incidents that ship are in incidents.yaml; anybody can write more of them. They are told of
any objective of any catalog: errors are a share of the events, or a multiple of what the
objective allows, and which series show them follows from what the catalog declares.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from catalog.base import Model
from catalog.errors import CatalogError, Problem
from catalog.files import load_model
from catalog.scalars import Duration, Identifier, Line, MisfitError, Title

SHIPPED: Final = Path(__file__).with_name("incidents.yaml")
#: Those that take a share of the traffic or a while; the others happen at one moment.
_LASTING: Final = frozenset({"canary", "duplicate", "gap", "late"})

SliType = Literal["availability", "freshness", "latency"]
Share = Annotated[float, Field(ge=0, le=1)]


class Errors(Model):
    """How much goes wrong: a ``ratio`` of the events, or ``burn`` times what is allowed."""

    ratio: Share | None = None
    burn: Annotated[float, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _is_one_of_two(self) -> Errors:
        if (self.ratio is None) == (self.burn is None):
            raise MisfitError(
                "needs either 'ratio' or 'burn'", "Write one of the two, as in {burn: 20}"
            )
        return self

    def of(self, budget: float) -> float:
        """The share of events that goes wrong; never more than all."""
        if self.ratio is not None:
            return self.ratio
        return min(1.0, (self.burn or 0.0) * budget)


NOTHING: Final = Errors(ratio=0.0)


class Phase(Model):
    """A part of the incident: ``traffic`` is a multiple of the usual, errors may rise ``until``."""

    lasts: Duration
    traffic: Annotated[float, Field(ge=0)] = 1.0
    errors: Errors = NOTHING
    until: Errors | None = None


class Fault(Model):
    """What befalls the counters, ``at`` some time after the incident begins, or at once.

    ``reset``: every counter starts again at 0. ``restart``: each pod is replaced by a new one,
    a minute apart. ``gap``: no scrape succeeds. ``late``: one pod is not scraped and comes back.
    ``duplicate``: a second scraper shows the same pods under another instance. ``canary``:
    another pod takes a ``share`` of the traffic, and all that the incident's errors are.
    """

    kind: Literal["canary", "duplicate", "gap", "late", "reset", "restart"]
    at: Duration | None = None
    lasts: Duration | None = None
    share: Annotated[float, Field(gt=0, lt=1)] | None = None

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Fault:
        if (self.kind in _LASTING) != (self.lasts is not None):
            if self.lasts is None:
                raise MisfitError(f"is a {self.kind} without 'lasts'", "Add how long it lasts")
            raise MisfitError(
                f"belongs to what takes a while, and a {self.kind} does not", "Remove it", "lasts"
            )
        if (self.kind == "canary") != (self.share is not None):
            if self.share is None:
                raise MisfitError("is a canary without a 'share'", "Add its share of the traffic")
            raise MisfitError(
                f"belongs to a canary, and this is a {self.kind}", "Remove it", "share"
            )
        return self

    def span(self, start: int) -> tuple[int, int]:
        """From when to when, in an incident that begins at ``start``."""
        since = start + (self.at or 0)
        return since, since + (self.lasts or 0)


class Incident(Model):
    """One incident: ``before`` it and ``after`` it only the ``background`` goes wrong.

    ``rate`` is events a second on average; with ``swing`` they follow the hours of the day and
    the days of the week, with ``chance`` their number is drawn, not even.
    """

    id: Identifier
    title: Title
    help: Line
    rate: Annotated[float, Field(gt=0)]
    swing: bool = False
    chance: bool = False
    background: Errors = NOTHING
    before: Duration
    course: Annotated[tuple[Phase, ...], Field(min_length=1)]
    after: Duration
    faults: tuple[Fault, ...] = ()
    slis: tuple[SliType, ...] = ()

    @property
    def start(self) -> int:
        """When it begins, in seconds from the beginning of the story."""
        return self.before

    @property
    def end(self) -> int:
        """When it is over."""
        return self.before + sum(phase.lasts for phase in self.course)

    @property
    def length(self) -> int:
        """The whole story."""
        return self.end + self.after

    def concerns(self, sli: str) -> bool:
        """Whether it can befall an objective of that kind."""
        return not self.slis or sli in self.slis


class Incidents(Model):
    """A file of incidents."""

    incidents: Annotated[tuple[Incident, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _ids_are_distinct(self) -> Incidents:
        seen: set[str] = set()
        for index, incident in enumerate(self.incidents):
            if incident.id in seen:
                raise MisfitError(
                    f"is '{incident.id}' a second time", "Rename it", "incidents", index, "id"
                )
            seen.add(incident.id)
        return self


def load_incidents(path: Path = SHIPPED) -> tuple[Incident, ...]:
    """The incidents of a file.

    :raises CatalogError: with everything that is wrong with it.
    """
    problems: list[Problem] = []
    found = load_model(path, Incidents, problems)
    if found is None:
        raise CatalogError(*problems)
    return found.incidents
