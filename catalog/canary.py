"""How a canary is told from the stable release, and when it is worse.

A canary is a few pods of a new release beside those of the stable one. Every series that is
scraped from a pod and every stream of its lines carries the label ``track``, which says which
of the two it belongs to.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from catalog.base import Model, Sourced
from catalog.scalars import (
    Duration,
    Identifier,
    LabelName,
    LabelValue,
    MisfitError,
    PositiveInt,
    Url,
)


class Patterns(Model):
    """When an error message is new.

    There are at least ``lines`` of it on the canary within ``window``, and there is none on the
    stable release within ``lookback``.
    """

    window: Duration
    lookback: Duration
    lines: PositiveInt

    @model_validator(mode="after")
    def _looks_back_further(self) -> Patterns:
        if self.lookback < self.window:
            raise MisfitError(
                "is shorter than 'window', so that what both say would be new",
                "Make it several times as long",
                "lookback",
            )
        return self


class Canary(Sourced):
    """The canary's part of platform.yaml.

    ``environment`` is the id of the one in which releases are rolled out. ``pod_label`` is the
    label of a Kubernetes pod that says which track it is on, ``stable``
    and ``canary`` are its values. Of all rollouts of a release that is no worse, at most
    ``false_rollback_ratio`` are called worse by one comparison within ``horizon``, however
    often one looks. Fewer than ``minimum_events`` on the canary say nothing, and a share of bad
    events that is less than ``minimum_factor`` times or less than ``minimum_difference`` above
    the stable release's is no reason to roll back, however sure it is.
    """

    environment: Identifier
    pod_label: LabelName
    stable: LabelValue
    canary: LabelValue
    false_rollback_ratio: Annotated[float, Field(gt=0, le=0.2)]
    horizon: Duration
    minimum_events: PositiveInt
    minimum_factor: Annotated[float, Field(ge=1)]
    minimum_difference: Annotated[float, Field(gt=0, lt=1)]
    patterns: Patterns
    webhook: Url

    @model_validator(mode="after")
    def _tracks_differ(self) -> Canary:
        if self.stable == self.canary:
            raise MisfitError(
                f"is '{self.canary}', as 'stable' is", "Give the two different values", "canary"
            )
        return self

    @property
    def tracks(self) -> tuple[str, str]:
        """Both values of the label ``track``, the stable one first."""
        return self.stable, self.canary

    @property
    def evidence(self) -> float:
        """The evidence at which a canary is worse: by Ville's inequality, one over the ratio."""
        return round(1 / self.false_rollback_ratio, 6)
