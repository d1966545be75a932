"""The platform the services run on: components, limits, retention and environments."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from catalog.base import Model, Sourced
from catalog.canary import Canary
from catalog.expectations import Anomalies, Dependencies
from catalog.folder import Folder, FolderUse
from catalog.notify import DeadMan, QuietHours
from catalog.scalars import (
    Duration,
    Identifier,
    LabelName,
    LabelValue,
    Line,
    MisfitError,
    Port,
    PositiveInt,
    Size,
    Title,
    Url,
)
from catalog.service import Owner
from catalog.signals import Values
from catalog.spending import Spending
from catalog.tracing import Traces
from catalog.validation import Validation

ComponentId = Literal[
    "agent",
    "alertmanager",
    "jaeger",
    "kubernetes",
    "loki",
    "memcached",
    "prometheus",
    "syslog",
]
#: The components that Grafana asks; each one of the catalog has an address everywhere.
Address = Literal["alertmanager", "jaeger", "loki", "prometheus"]
EnvironmentId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=24)]


class System(Model):
    """What all of it is called; ``id`` is the prefix of every uid."""

    id: Annotated[Identifier, StringConstraints(max_length=12)]
    name: Title
    description: Line


class Links(Sourced):
    """Where people reach Grafana and the runbooks: alerts carry these addresses."""

    grafana_url: Url
    runbooks_url: Url


class Component(Sourced):
    """A server of the platform.

    ``releases`` are those we generate for, oldest first; ``ports`` by purpose (``span_metrics``
    of Jaeger is where its connector counts spans); ``metrics_port`` where it is scraped, None
    where it exposes none of its own.
    """

    name: Title
    releases: Annotated[tuple[Line, ...], Field(min_length=1)]
    replicas: PositiveInt
    ports: dict[LabelName, Port]
    metrics_port: Port | None = None


class Limits(Sourced):
    """Loki's limits, as the distributor is to enforce them."""

    lines_per_second: PositiveInt
    burst_lines: PositiveInt
    streams: PositiveInt
    labels_per_stream: PositiveInt
    monthly_bytes: Size


class LogRetention(Model):
    """How long a class of log lines is kept; of several that match, the first one holds."""

    match: Annotated[dict[LabelName, LabelValue], Field(min_length=1)]
    keep: Duration


class Retention(Sourced):
    """How long each signal is kept; ``traces`` only where Jaeger keeps some.

    Log overrides are in order of priority.
    """

    metrics: Duration
    logs: Duration
    traces: Duration | None = None
    log_overrides: tuple[LogRetention, ...] = ()


class Thresholds(Sourced):
    """When a platform or service alert fires; ratios are between 0 and 1.

    ``cache_hit_ratio_minimum`` belongs to Memcached and is there if that is. A ratio of fewer
    than ``minimum_events`` says nothing. ``error_lines_factor`` is how many times the error
    lines of an hour ago are a spike, ``traceless_ratio_maximum`` the share of error lines that
    may carry no trace id.
    """

    cache_hit_ratio_minimum: Annotated[float, Field(gt=0, lt=1)] | None = None
    error_ratio_maximum: Annotated[float, Field(gt=0, lt=1)]
    event_bad_ratio_maximum: Annotated[float, Field(gt=0, lt=1)]
    latency_p99_seconds: Annotated[float, Field(gt=0)]
    query_p99_seconds: Annotated[float, Field(gt=0)]
    limit_share_maximum: Annotated[float, Field(gt=0, lt=1)]
    agent_lag_bytes: Size
    silence: Duration
    minimum_events: PositiveInt
    error_lines_factor: Annotated[float, Field(gt=1)]
    traceless_ratio_maximum: Annotated[float, Field(gt=0, lt=1)]
    # Of the platform's own servers. More than ``cache_eviction_ratio_maximum`` of what a cache
    # takes in throws something else out; it belongs to Memcached, like the hit ratio.
    # A month's forecast may exceed its budget by the share ``forecast_margin``.
    cache_eviction_ratio_maximum: Annotated[float, Field(gt=0, lt=1)] | None = None
    service_streams_maximum: PositiveInt
    compaction_age_maximum: Duration
    retention_age_maximum: Duration
    forecast_margin: Annotated[float, Field(gt=0, lt=1)]


class Scrape(Model):
    """How Prometheus scrapes and evaluates; no rule range may be under four intervals."""

    interval: Duration
    evaluation: Duration


class Cost(Model):
    """What a dashboard may cost, and what no declaration says of its series.

    ``pods`` are those of a service, ``open_values`` the combinations that the labels with
    open sets of a metric have together.
    ``samples`` is what Prometheus loads for one query and no more (``query.max-samples``);
    ``points`` are 500 lines of 500 points, and Loki answers no more than 500 series.
    """

    pods: PositiveInt = 3
    open_values: PositiveInt = 50
    samples: PositiveInt = 50_000_000
    points: PositiveInt = 250_000


class Environment(Sourced):
    """One place the system runs in, and the facts that differ from place to place.

    ``cluster`` and ``environment`` become labels of every series and stream; ``tenant``
    is what Loki calls us: ``fake`` where it runs without authentication. ``replicas`` are those
    of components of which it runs another number than usual.
    """

    id: EnvironmentId
    title: Title
    cluster: Identifier
    environment: Identifier
    auth_enabled: bool
    tenant: Identifier
    addresses: dict[Address, Url]
    replicas: dict[ComponentId, PositiveInt] = {}

    @model_validator(mode="after")
    def _tenant_is_loki_s(self) -> Environment:
        if not self.auth_enabled and self.tenant != "fake":
            raise MisfitError(
                f"is '{self.tenant}', and without authentication Loki's only tenant is 'fake'",
                "Write 'tenant: fake', or 'auth_enabled: true'",
                "tenant",
            )
        return self


class Platform(Model):
    """platform.yaml."""

    system: System
    owner: Owner
    links: Links
    folders: Annotated[tuple[Folder, ...], Field(min_length=1)]
    levels: Values
    error_levels: Values
    scrape: Scrape
    cost: Cost = Cost()
    components: Annotated[dict[ComponentId, Component], Field(min_length=1)]
    limits: Limits
    spending: Spending | None = None
    retention: Retention
    thresholds: Thresholds
    quiet_hours: QuietHours | None = None
    dead_man: DeadMan | None = None
    anomalies: Anomalies
    dependencies: Dependencies
    canary: Canary | None = None
    validation: Validation | None = None
    traces: Traces | None = None
    environments: Annotated[tuple[Environment, ...], Field(min_length=1)]

    def folder(self, use: FolderUse) -> Folder:
        """The folder of that use; the catalog's own check makes sure that there is one."""
        return next(folder for folder in self.folders if folder.use == use)


class Window(Model):
    """A pair of burn windows and the share of the period's budget that it may burn.

    Of fewer than ``minimum_events``, or fewer than ``minimum_errors`` among them, within the
    long window nobody is told: a ratio of a few says nothing.
    """

    severity: Literal["page", "ticket"]
    long: Duration
    short: Duration
    budget: Annotated[float, Field(gt=0, le=100)]
    minimum_events: PositiveInt
    minimum_errors: PositiveInt
    hold: Duration | None = None

    def factor(self, period: int) -> float:
        """The burn rate above which the window burns its share of a period's budget.

        Never below 1: whoever burns slower keeps the promise, however short the period.
        """
        return max(1.0, round(self.budget / 100 * period / self.long, 10))


class Windows(Model):
    """windows.yaml: the burn-rate windows and where their numbers come from.

    Of a period's budget ``low_budget`` percent are so little that somebody is told.
    """

    source: Line
    url: Url
    low_budget: Annotated[float, Field(gt=0, lt=100)]
    windows: Annotated[tuple[Window, ...], Field(min_length=1)]
