"""What a declaration may say of its own limits: from where on somebody is told.

None is required: what declares no bound has no alert on it. Each says where its number comes
from, since a number that nobody promised is the first that a team has to confirm.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from catalog.base import Sourced
from catalog.scalars import Identifier, LabelName, LabelValue, Line, Title


class Bound(Sourced):
    """A limit in the unit of what declares it; at the limit all is well, above it is not."""

    above: Annotated[float, Field(gt=0)]


class Watch(Sourced):
    """Outcomes that are looked at apart from the others, with a limit of their own.

    ``above`` is their share of all events, between 0 and 1. They count no longer among what
    FailedEvents adds up: a refusal and a fault are two things to look into. ``meaning`` tells
    whoever is told what many of them mean.
    """

    id: Identifier
    title: Title
    meaning: Line
    label: LabelName
    values: Annotated[tuple[LabelValue, ...], Field(min_length=1)]
    above: Annotated[float, Field(gt=0, lt=1)]
    severity: Literal["page", "ticket"]
