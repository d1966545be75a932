"""A service: who answers for it, what it emits and what is promised of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from catalog.base import Model, Sourced
from catalog.scalars import (
    Duration,
    Identifier,
    LabelName,
    Line,
    MetricName,
    MisfitError,
    Percentage,
    Port,
    PositiveInt,
    Size,
    Title,
)
from catalog.signals import Event, Logs, Metric, Role, Values, distinct


class Owner(Model):
    """The team that is paged, whom it calls next, and where its pages go."""

    team: Identifier
    escalation: Identifier
    channel: Line


class Workload(Model):
    """Where it runs: the Kubernetes namespace, the ``app`` label, where it is scraped."""

    namespace: Identifier
    app: Identifier
    metrics_port: Port


class Volume(Sourced):
    """Log volume, before compression. The peak is in lines a second."""

    lines_per_minute: PositiveInt
    peak_lines_per_second: PositiveInt
    bytes_per_day: Size


class Sli(Model):
    """What is measured, of exactly one ``metric`` or of one event of the ``log``.

    ``availability`` is the share of the events that are good, as the metric or the event's
    ``outcome`` tells good from bad. ``latency`` calls an event good that took at most
    ``threshold``, in the metric's or the measured field's unit; of a metric it is one of its
    bounds. ``freshness`` is the share of the time in which the newest of what the metric tells
    is at most ``threshold`` seconds old.
    """

    type: Literal["availability", "freshness", "latency"]
    metric: MetricName | None = None
    log: Identifier | None = None
    threshold: Annotated[float, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _reads_one_source(self) -> Sli:
        if self.metric is not None and self.log is not None:
            raise MisfitError(
                "stands beside 'metric'", "Keep one of the two: an indicator has one source", "log"
            )
        if self.metric is None and self.log is None:
            raise MisfitError(
                "names neither a 'metric' nor a 'log'",
                "Add the metric that counts the events, or the id of an event of the logs",
            )
        if self.type == "freshness" and self.log is not None:
            raise MisfitError(
                "is an event of the logs, and a freshness is read from a metric",
                "Name the metric that counts them: a line that is not written tells nothing",
                "log",
            )
        return self

    @model_validator(mode="after")
    def _threshold_fits_the_type(self) -> Sli:
        if self.type == "latency" and self.threshold is None:
            raise MisfitError(
                "is a latency without a 'threshold'",
                "Add the bound within which an event is good"
                + ("" if self.log else ", one of the metric's buckets"),
            )
        if self.type == "freshness" and self.threshold is None:
            raise MisfitError(
                "is a freshness without a 'threshold'",
                "Add the age in seconds up to which it is fresh",
            )
        if self.type == "availability" and self.threshold is not None:
            raise MisfitError(
                "belongs to a latency or a freshness, and this is an availability",
                "Remove it, or write 'type: latency'",
                "threshold",
            )
        return self


class Objective(Sourced):
    """A promise: this share of events, in percent, is good over the period."""

    id: Identifier
    title: Title
    sli: Sli
    target: Percentage
    period: Duration

    @property
    def ratio(self) -> float:
        """The target as a ratio: 99.9 is 0.999 (rounded, or 0.999 would not be)."""
        return round(self.target / 100, 10)

    @property
    def budget(self) -> float:
        """The share of events that may be bad."""
        return round(1 - self.ratio, 10)


class Service(Model):
    """One YAML file under catalog/services.

    An id has at most 20 characters: with the system's (12) and ``-logs-`` between them it
    still fits a Grafana uid (40). ``depends_on`` are the ids of the services it calls.
    """

    id: Annotated[Identifier, StringConstraints(max_length=20)]
    name: Title
    description: Line
    owner: Owner
    workload: Workload
    folder: Identifier | None = None
    depends_on: Annotated[tuple[Identifier, ...], AfterValidator(distinct)] = ()
    stream_labels: dict[LabelName, Values | None]
    volume: Volume
    logs: Logs
    metrics: Annotated[tuple[Metric, ...], Field(min_length=1)]
    objectives: tuple[Objective, ...] = ()

    def metric(self, name: str) -> Metric | None:
        """The metric of that name, or None."""
        return next((metric for metric in self.metrics if metric.name == name), None)

    def event(self, identifier: str) -> Event | None:
        """The event of the logs that has that id, or None."""
        return next((event for event in self.logs.events if event.id == identifier), None)

    def by_role(self, role: Role) -> Metric | None:
        """The metric that plays a role in what all services share, or None."""
        return next((metric for metric in self.metrics if metric.role == role), None)
