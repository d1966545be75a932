"""What a system that runs is held against before it goes live, beyond what alerts watch."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from catalog.base import Model, Sourced
from catalog.scalars import MisfitError

#: Kinds of queries: by labels alone, through a parser, counted, and searched by a pattern.
QueryClass = Literal["simple", "json", "aggregation", "complex"]


class Latency(Model):
    """How long the median and the slowest of a hundred queries may take, in seconds."""

    p50_seconds: Annotated[float, Field(gt=0)]
    p99_seconds: Annotated[float, Field(gt=0)]

    @model_validator(mode="after")
    def _is_a_distribution(self) -> Latency:
        if self.p99_seconds < self.p50_seconds:
            raise MisfitError(
                f"is {self.p99_seconds:g}, and the median is {self.p50_seconds:g}",
                "Write at least as much as p50_seconds",
                "p99_seconds",
            )
        return self


class Validation(Sourced):
    """``availability_minimum`` is the share of scrapes that a component's targets answer."""

    availability_minimum: Annotated[float, Field(gt=0, lt=1)]
    latencies: Annotated[dict[QueryClass, Latency], Field(min_length=1)]
