"""What the platform expects of volumes and of dependencies, before somebody is told."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from catalog.base import Sourced
from catalog.scalars import Duration, MisfitError

#: How many earlier weeks a volume is held against, and how many of them there have to be.
WEEKS = 5
WEEKS_MINIMUM = 3
#: Some days more than the weeks: their level is found over two days.
HISTORY_DAYS = WEEKS * 7 + 3


class Anomalies(Sourced):
    """When a volume is unusual for its hour of the week.

    ``score`` is how many spreads it may be away from what earlier weeks had; ``spread_minimum``
    is the least that a spread counts, as a share of what is expected; ``hold`` is how long it
    has to last.
    """

    score: Annotated[float, Field(gt=0)]
    spread_minimum: Annotated[float, Field(gt=0, lt=1)]
    hold: Duration

    @model_validator(mode="after")
    def _a_fall_can_be_seen(self) -> Anomalies:
        if self.score * self.spread_minimum >= 1:
            raise MisfitError(
                f"is {self.spread_minimum:g}, and {self.score:g} times that is all there is: not "
                "even silence would be unusual",
                f"Make it less than {1 / self.score:.2g}",
                "spread_minimum",
            )
        return self


class Dependencies(Sourced):
    """When a dependency explains the errors of its caller.

    ``explained_minimum`` is the share of the caller's errors that have to come from its calls.
    """

    explained_minimum: Annotated[float, Field(gt=0, le=1)]
