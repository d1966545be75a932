"""Which traces are kept, where not all of them are."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from catalog.base import Model, Sourced
from catalog.scalars import PositiveInt

HostName = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", max_length=120)
]


class Sampling(Sourced):
    """What traces may cost, and how many there are to choose from.

    A trace with an error, and one in which a service was slower than it promises, is kept
    whatever it costs. ``spans_per_second`` is the budget of all others. ``lines_per_trace`` is how
    many log lines there are for each trace, so that the declared volumes tell how many traces
    begin; ``spans_per_trace`` how many spans one has. ``gateway`` is the host of a collector of
    its own that samples before Jaeger: Prometheus then scrapes the counts of spans there, where
    all of them are. None where Jaeger samples itself, or nothing samples.
    """

    spans_per_second: PositiveInt
    spans_per_trace: Annotated[float, Field(ge=1)]
    lines_per_trace: Annotated[float, Field(gt=0)]
    gateway: HostName | None = None


class Traces(Model):
    """The traces' part of platform.yaml."""

    sampling: Sampling
