"""Where the agents find lines, told once for both: discovery and the labels it gives.

Relabelling is Prometheus', and the same in both agents.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from catalog import names
from catalog.log_agent import LogAgent, Syslog
from catalog.model import Catalog
from catalog.platform import Environment
from catalog.service import Service
from pipeline.agent import lines
from pipeline.agent.lines import CONTAINER, Reading
from pipeline.agent.stages import Stage
from pipeline.agent.templates import literal

_META = "__meta_kubernetes_"
_POD = f"{_META}pod_"
_PATH = "__path__"
_LOGS = "/var/log/pods"
#: For Prometheus, and for whoever sends syslog, from other pods and containers.
_ANYWHERE = "0.0.0.0"  # noqa: S104
_HOSTNAME, _APP = "hostname", "app_name"


@dataclass(frozen=True, slots=True)
class Relabel:
    """One rule; without ``source`` it writes the replacement, without ``target`` it filters."""

    source: tuple[str, ...] = ()
    regex: str = ""
    target: str = ""
    replacement: str = ""
    separator: str = ""
    action: str = ""

    def settings(self) -> dict[str, str | list[str]]:
        """What is not left to the agent's default, as both agents call it."""
        told: dict[str, str | list[str]] = {
            "source_labels": list(self.source),
            "separator": self.separator,
            "regex": self.regex,
            "target_label": self.target,
            "replacement": self.replacement,
            "action": self.action,
        }
        return {key: value for key, value in told.items() if value}


@dataclass(frozen=True, slots=True)
class Pods:
    """The containers on the agent's own node that the rules leave over."""

    id: str
    rules: tuple[Relabel, ...]
    stages: tuple[Stage, ...]
    namespaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LogFiles:
    """Files of this host, with labels that all of their lines have."""

    id: str
    path: str
    labels: dict[str, str]
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Messages:
    """A listener for syslog, RFC 5424 over UDP."""

    id: str
    address: str
    labels: dict[str, str]
    rules: tuple[Relabel, ...]
    stages: tuple[Stage, ...]


Source = Pods | LogFiles | Messages


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that one agent in one place does.

    ``after_promtail`` says that Promtail may have read here before, with the same ``state``.
    """

    environment: Environment
    state: str
    http_port: int
    address: str
    sources: tuple[Source, ...]
    after_promtail: bool


def in_kubernetes(catalog: Catalog, agent: LogAgent, *, structured: bool) -> Plan | None:
    """One agent on each node; None where nothing runs in Kubernetes."""
    daemon = agent.kubernetes
    if daemon is None:
        return None
    where = _environment(catalog, daemon.environment)
    reading = Reading(catalog, agent, "kubernetes", structured)
    sources: list[Source] = [_pods_of(each, reading, where) for each in catalog.services]
    if "kubernetes" in catalog.platform.components:
        sources.append(_any_pod(reading, where))
    sources += _messages(reading, where)
    return _plan(catalog, where, daemon.state, sources)


def on_host(
    catalog: Catalog, agent: LogAgent, environment: str, *, structured: bool
) -> Plan | None:
    """One agent that reads files, for an environment without Kubernetes."""
    if agent.files is None:
        return None
    where = _environment(catalog, environment)
    reading, root = Reading(catalog, agent, "files", structured), agent.files.root
    sources: list[Source] = [_files_of(each, reading, where, root) for each in catalog.services]
    sources += _messages(reading, where)
    return _plan(catalog, where, agent.files.state, sources)


def _plan(catalog: Catalog, where: Environment, state: str, sources: list[Source]) -> Plan:
    releases = catalog.platform.components["agent"].releases
    before = any(each.split()[0] == "promtail" for each in releases)
    return Plan(where, state, _port(catalog), _ANYWHERE, tuple(sources), before)


def _environment(catalog: Catalog, identifier: str) -> Environment:
    return next(each for each in catalog.platform.environments if each.id == identifier)


def _port(catalog: Catalog) -> int:
    """Where the agent shows its metrics: 0 is any port, where nobody is told of one."""
    agent = catalog.platform.components["agent"]
    return agent.metrics_port or agent.ports.get("http", 0)


def _scope(where: Environment) -> dict[str, str]:
    return {names.CLUSTER: where.cluster, names.ENVIRONMENT: where.environment}


def _container(service: Service) -> tuple[str, ...] | None:
    """The containers whose lines are the service's; None: all of the pod's."""
    return service.stream_labels.get(CONTAINER)


def _container_label(service: Service) -> dict[str, str]:
    """Where there are no containers: the first that is declared, or the pod's ``app``."""
    if CONTAINER not in service.stream_labels:
        return {}
    return {CONTAINER: (_container(service) or (service.workload.app,))[0]}


# Kubernetes


def _pods_of(service: Service, reading: Reading, where: Environment) -> Pods:
    workload = service.workload
    container = _container(service)
    rules = [
        Relabel((f"{_META}namespace",), literal(workload.namespace), action="keep"),
        Relabel((f"{_POD}label_app",), literal(workload.app), action="keep"),
        *(
            [Relabel((f"{_POD}container_name",), _any_of(container), action="keep")]
            if container
            else []
        ),
        *_of_the_node(where, container=CONTAINER in service.stream_labels),
        Relabel(target=names.SERVICE, replacement=service.id),
        *(
            Relabel(target=label, replacement=value)
            for label, value in lines.fixed_labels(service, reading).items()
        ),
        *_track(reading),
        *(
            _of_the_pod(service, label)
            for label in lines.said_labels(service, reading)
            if label != names.LEVEL
        ),
    ]
    stages = lines.of_service(service, reading)
    return Pods(f"service-{service.id}", tuple(rules), stages, (workload.namespace,))


def _of_the_pod(service: Service, label: str) -> Relabel:
    """A label that the line may say: until then the pod's own, if it has a declared value."""
    values = service.stream_labels[label]
    regex = _any_of(values) if values else "(.+)"
    return Relabel((f"{_POD}label_{label}",), regex, label, "$1")


def _of_the_node(where: Environment, *, container: bool) -> Iterator[Relabel]:
    """What every container has: where its files are, and the labels that say where it is."""
    # Promtail reads only targets whose __host__ is its own host name, Alloy asks for no others.
    yield Relabel((f"{_POD}node_name",), target="__host__")
    yield Relabel(
        (f"{_POD}uid", f"{_POD}container_name"), "(.+)/(.+)", _PATH, f"{_LOGS}/*$1/$2/*.log", "/"
    )
    # The files of a static pod are named after its configuration, not after its mirror's uid.
    annotation = "annotation_kubernetes_io_config_hash"
    yield Relabel(
        (f"{_POD}{annotation}", f"{_POD}container_name"),
        "(.+)/(.+)",
        _PATH,
        f"{_LOGS}/*$1/$2/*.log",
        "/",
    )
    for label, value in _scope(where).items():
        yield Relabel(target=label, replacement=value)
    yield Relabel((f"{_META}namespace",), target=names.NAMESPACE)
    yield Relabel((f"{_POD}name",), target=names.POD)
    if container:
        yield Relabel((f"{_POD}container_name",), target=CONTAINER)


def _track(reading: Reading) -> Iterator[Relabel]:
    """A pod that says nothing is the stable release."""
    canary = reading.catalog.platform.canary
    if canary is None:
        return
    label = f"{_POD}label_{canary.pod_label}"
    yield Relabel(target=names.TRACK, replacement=canary.stable)
    yield Relabel((label,), literal(canary.canary), names.TRACK, canary.canary)


def _any_pod(reading: Reading, where: Environment) -> Pods:
    """Every container that is no declared service's, under the name its pod goes by."""
    services = reading.catalog.services
    ours = "|".join(_declared(each) for each in services)
    # A sidecar goes by its own name: the service's is for lines of the declared form.
    pods = "|".join(
        f"{literal(each.workload.namespace)};{literal(each.workload.app)}" for each in services
    )
    app, container = f"{_POD}label_app", f"{_POD}container_name"
    known = {*lines.found_labels(reading), names.LEVEL}
    labelled = any(CONTAINER in each.stream_labels for each in services)
    further = dict.fromkeys(
        label for each in services for label in each.stream_labels if label not in known
    )
    rules = [
        Relabel((f"{_META}namespace", app, container), ours, separator=";", action="drop"),
        *_of_the_node(where, container=labelled),
        Relabel((container,), target=names.SERVICE),
        Relabel((f"{_POD}label_app_kubernetes_io_name",), "(.+)", names.SERVICE, "$1"),
        Relabel((app,), "(.+)", names.SERVICE, "$1"),
        Relabel(
            (f"{_META}namespace", app, container),
            f"(?:{pods});(.+)",
            names.SERVICE,
            "$1",
            separator=";",
        ),
        *(Relabel((f"{_POD}label_{label}",), "(.+)", label, "$1") for label in further),
    ]
    kept = (
        *_scope(where),
        *(names.NAMESPACE, names.POD, names.SERVICE),
        *((CONTAINER,) if labelled else ()),
        *further,
        names.LEVEL,
    )
    return Pods("kubernetes", tuple(rules), lines.of_any_pod(reading, kept))


def _declared(service: Service) -> str:
    container = _container(service)
    workload = service.workload
    names_ = _any_of(container) if container else ".+"
    return f"{literal(workload.namespace)};{literal(workload.app)};{names_}"


def _any_of(values: tuple[str, ...] | None) -> str:
    return f"({'|'.join(literal(value) for value in values or ())})"


# Files


def _files_of(service: Service, reading: Reading, where: Environment, root: str) -> LogFiles:
    labels = {
        **_scope(where),
        names.NAMESPACE: service.workload.namespace,
        names.SERVICE: service.id,
        **_container_label(service),
        **lines.fixed_labels(service, reading),
    }
    folders = "*/" if reading.catalog.platform.canary else ""
    path = f"{root}/{service.id}/{folders}*.log"
    return LogFiles(f"service-{service.id}", path, labels, lines.of_service(service, reading))


# Syslog


def _messages(reading: Reading, where: Environment) -> Iterator[Messages]:
    declared, syslog = reading.catalog.platform.components.get("syslog"), reading.agent.syslog
    if declared is None or syslog is None:
        return
    labels = {**_scope(where), names.SERVICE: "syslog"}
    metadata = (_HOSTNAME, _APP) if reading.structured else ()
    yield Messages(
        "syslog",
        f"{_ANYWHERE}:{declared.ports['udp']}",
        labels,
        (
            *_levels(syslog),
            *(Relabel((f"__syslog_message_{name}",), target=name) for name in metadata),
        ),
        lines.of_syslog(reading, (*labels, names.LEVEL), metadata),
    )


def _levels(syslog: Syslog) -> Iterator[Relabel]:
    for level, severities in syslog.levels.items():
        yield Relabel(
            ("__syslog_message_severity",), f"(?:{'|'.join(severities)})", names.LEVEL, level
        )
