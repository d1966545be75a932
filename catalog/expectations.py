"""What the platform expects of volumes and of dependencies, before somebody is told."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from catalog.base import Sourced
from catalog.scalars import Duration


class Anomalies(Sourced):
    """When a volume is unusual for its hour of the week.

    ``score`` is how many spreads it may be away from what earlier weeks had; ``spread_minimum``
    is the least that a spread counts, as a share of what is expected; ``hold`` is how long it
    has to last.
    """

    score: Annotated[float, Field(gt=0)]
    spread_minimum: Annotated[float, Field(gt=0, lt=1)]
    hold: Duration


class Dependencies(Sourced):
    """When a dependency explains the errors of its caller.

    ``explained_minimum`` is the share of the caller's errors that have to come from its calls.
    """

    explained_minimum: Annotated[float, Field(gt=0, le=1)]
