"""What every model of the catalog shares: immutable, strict, and deaf to unknown keys."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from catalog.scalars import Line, MisfitError


class Model(BaseModel):
    """A frozen record; an unknown key or a value of another type is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Sourced(Model):
    """A fact that says where it comes from, so that a team knows what to confirm.

    ``seed`` is written in the description of the system; ``assumed`` is ours and needs
    a reason.
    """

    source: Literal["seed", "assumed"]
    reason: Line | None = None

    @model_validator(mode="after")
    def _assumption_has_a_reason(self) -> Sourced:
        if self.source == "assumed" and self.reason is None:
            raise MisfitError(
                "is 'assumed' and no 'reason' says why",
                "Add a 'reason' that tells a team what to confirm",
                "source",
            )
        return self
