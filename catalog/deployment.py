"""What Kubernetes is told to run the log pipeline: images, sizes, addresses, who reaches whom.

A catalog that deploys nothing has no deployment.yaml.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from catalog.base import Model, Sourced
from catalog.deployment_scalars import (
    Bucket,
    Day,
    Image,
    Key,
    Network,
    Networks,
    Quantity,
    Repository,
    amount,
)
from catalog.platform import EnvironmentId
from catalog.scalars import (
    Duration,
    Identifier,
    LabelName,
    Line,
    MisfitError,
    Port,
    PositiveInt,
    Title,
    Url,
)

#: What Loki's own spans travel by.
SpanPort = Literal["otlp_http", "thrift_http"]


class Tree(Sourced):
    """One set of files under generated/deploy, for the releases that it names.

    ``agent`` is one of the agent's releases in platform.yaml, whose first word is the program
    and the name of its pods. ``external_secrets`` is the version of that operator's API.
    """

    id: Identifier
    title: Title
    kubernetes: Line
    loki: Line
    agent: Line
    external_secrets: Line

    @property
    def agent_name(self) -> str:
        """``promtail`` or ``alloy``: the agent's program, and the label of its pods."""
        return self.agent.partition(" ")[0]

    @property
    def has_structured_metadata(self) -> bool:
        """Whether its Loki keeps fields beside the line: from 3.0 on, with its index of today."""
        return int(self.loki.partition(".")[0]) >= 3

    @property
    def span_port(self) -> SpanPort:
        """Loki 2.9 speaks Jaeger's own protocol, 3.x OTLP."""
        return "otlp_http" if self.has_structured_metadata else "thrift_http"


class Images(Sourced):
    """What is run; Loki's tag is the release of the tree."""

    loki: Repository
    memcached: Image | None = None
    memcached_exporter: Image | None = None


class Amounts(Model):
    """Of the processor and of memory."""

    cpu: Quantity
    memory: Quantity


class Container(Model):
    """What a container asks for and may take, and the number of the user it runs as."""

    requests: Amounts
    limits: Amounts
    user: PositiveInt

    @model_validator(mode="after")
    def _asks_for_no_more_than_it_may_have(self) -> Container:
        for what in ("cpu", "memory"):
            asked, most = getattr(self.requests, what), getattr(self.limits, what)
            if amount(asked) > amount(most):
                raise MisfitError(
                    f"is {asked}, more than the limit of {most}",
                    "Lower it, or raise the limit",
                    "requests",
                    what,
                )
        return self


class LokiPod(Container, Sourced):
    """Loki's pod and the volume of each; ``gossip_port`` is where the replicas find each other."""

    volume: Quantity
    gossip_port: Port


class MemcachedPod(Container, Sourced):
    """Memcached's pod: how much memory it is given in all, and the largest thing it keeps."""

    cache: Quantity
    item: Quantity
    exporter: Container


class StorageClass(Sourced):
    """The class of Loki's volumes: EBS, by its type and operations a second."""

    name: Identifier
    provisioner: Line
    type: Identifier
    iops: PositiveInt
    encrypted: bool


class ObjectStore(Sourced):
    """S3: its buckets, and the addresses that Loki may reach it at.

    Those of ``excluded`` lie within ``ranges`` and are out of reach all the same; ``endpoint``
    is for a store that is not Amazon's.
    """

    region: Identifier
    chunks: Bucket
    ruler: Bucket
    endpoint: Url | None = None
    port: Port
    ranges: Networks
    excluded: tuple[Network, ...] = ()


class Index(Sourced):
    """From which day on Loki keeps which index; Loki 3.x needs the second one.

    While ``migrating``, the older tree knows the second one too: see docs/deployment.md.
    """

    boltdb_since: Day
    tsdb_since: Day
    migrating: bool
    period: Duration

    @model_validator(mode="after")
    def _in_order(self) -> Index:
        if self.tsdb_since <= self.boltdb_since:
            raise MisfitError(
                f"is {self.tsdb_since}, not after 'boltdb_since'",
                f"Name a day after {self.boltdb_since}",
                "tsdb_since",
            )
        if self.period != 86400:
            raise MisfitError(
                "is not 24h, and Loki's retention and both of its indexes need just that",
                "Write 24h",
                "period",
            )
        return self


class Chunks(Sourced):
    """How long lines are collected before they are stored, and how long caches keep anything."""

    idle: Duration
    age: Duration
    cached: Duration

    @model_validator(mode="after")
    def _idle_before_it_is_old(self) -> Chunks:
        if self.idle >= self.age:
            raise MisfitError(
                "is not shorter than 'age', so that no chunk would ever be idle",
                "Shorten it, or raise 'age'",
                "idle",
            )
        return self


class Secret(Model):
    """A Secret by name, the keys in it, and what its values are called in the store of secrets."""

    name: Identifier
    remote: Line
    keys: Annotated[tuple[LabelName, ...], Field(min_length=1)]


class SecretStore(Model):
    """Where the External Secrets operator finds the values."""

    kind: Literal["ClusterSecretStore", "SecretStore"]
    name: Identifier


class Secrets(Sourced):
    """Where the credentials are; none stands here.

    The first key of ``object_store`` is its user, the second the password.
    """

    store: SecretStore
    refresh: Duration
    object_store: Secret
    api_token: Secret

    @model_validator(mode="after")
    def _has_a_pair(self) -> Secrets:
        if len(self.object_store.keys) != 2:
            raise MisfitError(
                "has not two items, and S3 wants a user and a password",
                "Name the keys of the two, the user's first",
                "object_store",
                "keys",
            )
        return self


class LoadBalancer(Sourced):
    """The way in from outside the cluster: who may use it, and what makes it internal."""

    source_ranges: Networks
    annotations: Annotated[dict[Key, Line], Field(min_length=1)]


class Tracing(Sourced):
    """Where Loki's own spans go, and the share of requests that have some."""

    address: Url
    ports: dict[SpanPort, Port]
    sampled: Annotated[float, Field(gt=0, le=1)]


class Pods(Model):
    """Pods by namespace and labels."""

    namespace: Identifier
    labels: Annotated[dict[Key, Line], Field(min_length=1)]


class Peers(Sourced):
    """Who else is in the cluster, as network policies name them."""

    alertmanager: Pods
    grafana: Pods
    jaeger: Pods | None = None
    prometheus: Pods
    dns: Pods


class PodNetwork(Sourced):
    """The addresses that the cluster gives its pods."""

    ranges: Networks


class Reach(Sourced):
    """Addresses outside the cluster's own pods, and ports there."""

    ports: Annotated[tuple[Port, ...], Field(min_length=1)]
    ranges: Networks


class Senders(Sourced):
    """Who may send syslog: addresses outside the cluster's own pods."""

    source_ranges: Networks


class Growth(Sourced):
    """What the values for larger systems are sized for, beside the platform's limits."""

    queries_per_second: PositiveInt


class Mounts(Sourced):
    """By what Grafana's sidecar and Prometheus' operator know what is theirs to read."""

    dashboard_label: Key
    folder_annotation: Key
    rule_labels: Annotated[dict[Key, Line], Field(min_length=1)]


class Deployment(Model):
    """deployment.yaml."""

    environment: EnvironmentId
    trees: Annotated[tuple[Tree, ...], Field(min_length=1)]
    images: Images
    loki: LokiPod
    memcached: MemcachedPod | None = None
    storage_class: StorageClass
    object_store: ObjectStore
    index: Index
    chunks: Chunks
    secrets: Secrets
    load_balancer: LoadBalancer
    tracing: Tracing | None = None
    pod_network: PodNetwork
    peers: Peers
    api_server: Reach
    syslog: Senders | None = None
    growth: Growth
    mounts: Mounts
