"""The servers of one run, each with its kinds, and the plans made from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from catalog import names
from catalog.errors import Problem, UsageError
from catalog.model import Catalog
from catalog.platform import Environment
from catalog.signals import one_of
from delivery.publish import plan as planner
from delivery.publish.kinds import dashboard_resources
from delivery.publish.kinds.alerting import Alerting
from delivery.publish.kinds.contact_points import ContactPoints
from delivery.publish.kinds.correlations import Correlations
from delivery.publish.kinds.dashboards import Dashboards
from delivery.publish.kinds.datasources import Datasources
from delivery.publish.kinds.folder_permissions import FolderPermissions
from delivery.publish.kinds.folders import FILE, Folders
from delivery.publish.kinds.kind import Kind
from delivery.publish.kinds.loaded_rules import LoadedRules
from delivery.publish.kinds.managed_rules import ManagedRules
from delivery.publish.kinds.named_alerting import MuteTimings, Templates
from delivery.publish.kinds.policies import Policies
from delivery.publish.kinds.rulers import Ruler
from delivery.publish.kinds.secrets import Secrets
from delivery.publish.model import Plan
from delivery.publish.servers import TARGETS, Reach, access
from delivery.publish.shipped import Shipped, unescaped
from delivery.publish.transport import Transport

LOKI_RULES = ("loki", "api", "v1", "rules")
MIMIR_RULES = ("prometheus", "config", "v1", "rules")


@dataclass(frozen=True, slots=True)
class Server:
    """One server: how it is spoken to, and what is published there."""

    target: str
    transport: Transport
    kinds: Sequence[Kind]

    def plan(self) -> Plan:
        """What it would take to make it match."""
        return planner.plan(self.target, self.kinds)

    def by_name(self) -> Mapping[str, Kind]:
        """Its kinds, by name."""
        return {kind.name: kind for kind in self.kinds}


@dataclass(frozen=True, slots=True)
class Source:
    """What is published: the facts, the files, and whose addresses and tenant."""

    catalog: Catalog
    generated: Path
    environment: str | None = None
    alerts: Literal["grafana", "ruler"] = "ruler"


@dataclass(frozen=True, slots=True)
class Place:
    """What an environment decides, and who alerts in it.

    ``header`` is the tenant as requests name it, if they do.
    """

    prefix: str
    datasources: str
    tenant: str
    header: str | None
    grafana_alerts: bool
    secrets: Secrets


def place(
    catalog: Catalog, environment: Environment, *, grafana_alerts: bool, secrets: Secrets
) -> Place:
    """Where an environment's files are, and whom its rulers know us as."""
    default = environment is catalog.default_environment
    root = "grafana/provisioning" if default else f"grafana/environments/{environment.id}"
    header = environment.tenant if environment.auth_enabled else None
    folder = f"{root}/datasources/"
    return Place(catalog.prefix, folder, environment.tenant, header, grafana_alerts, secrets)


@contextmanager
def servers(
    source: Source, targets: Sequence[str], reach: Reach, environ: Mapping[str, str]
) -> Iterator[Sequence[Server]]:
    """The servers that are named, or all that have an address; closed in the end.

    :raises UsageError: one that was asked for has no address, or none has.
    """
    where = place(
        source.catalog,
        chosen(source.catalog, source.environment),
        grafana_alerts=source.alerts == "grafana",
        secrets=Secrets(environ),
    )
    shipped = Shipped.read(source.generated)
    with ExitStack() as stack:
        made = []
        for target in targets or TARGETS:
            found = access(target, reach, environ)
            if found is None:
                if targets:
                    raise _no_address(target)
                continue
            transport = Transport(found)
            stack.callback(transport.close)
            made.append(Server(target, transport, _kinds(target, transport, shipped, where)))
        if not made:
            raise _no_address("grafana")
        yield made


def chosen(catalog: Catalog, environment: str | None) -> Environment:
    """The environment of that name, or the default one."""
    if environment is None:
        return catalog.default_environment
    known = {each.id: each for each in catalog.platform.environments}
    if environment not in known:
        raise UsageError(
            Problem(
                "--environment",
                f"the catalog has no environment '{environment}'",
                one_of(environment, known),
            )
        )
    return known[environment]


def _no_address(target: str) -> UsageError:
    name = TARGETS[target]
    return UsageError(
        Problem(target, "nothing says where it is", f"Set {name}_URL, or add --{target}-url")
    )


def _kinds(target: str, transport: Transport, shipped: Shipped, where: Place) -> Sequence[Kind]:
    prefix = where.prefix
    if target == "grafana":
        alerting = Alerting(transport, shipped, prefix, where.grafana_alerts)
        homes = _homes_of_rules(alerting)
        listed = _titles(shipped).values()
        further = {uid: title for title, uid in homes.items() if uid not in listed}
        return (
            Folders(transport, shipped, prefix, further if where.grafana_alerts else {}),
            FolderPermissions(transport, shipped),
            Datasources(transport, shipped, prefix, where.datasources),
            Correlations(transport, shipped, prefix, where.datasources),
            _dashboards(transport, shipped, prefix),
            Templates(alerting),
            ContactPoints(alerting, where.secrets),
            MuteTimings(alerting),
            Policies(alerting),
            ManagedRules(alerting, homes),
        )
    if target == "loki":
        return (
            Ruler(
                transport,
                shipped,
                prefix,
                name="log rules",
                root=LOKI_RULES,
                files=f"loki/rules/{where.tenant}/",
                tenant=where.header,
                alerts=not where.grafana_alerts,
            ),
        )
    if target == "mimir":
        return (
            Ruler(
                transport,
                shipped,
                prefix,
                name="metric rules",
                root=MIMIR_RULES,
                files="prometheus/rules/",
                tenant=where.header,
                alerts=not where.grafana_alerts,
            ),
        )
    return (LoadedRules(transport, shipped, alerts=not where.grafana_alerts),)


def _titles(shipped: Shipped) -> Mapping[str, str]:
    """The uids of the folders by their titles."""
    files = [shipped.load(entry.path) for entry in shipped.of_kind(FILE)]
    return {each["title"]: each["uid"] for file in files for each in file["folders"]}


def _homes_of_rules(alerting: Alerting) -> dict[str, str]:
    """The uids of the folders that rules name by their titles: ours, or one of their own."""
    known, own = _titles(alerting.shipped), names.alerts_folder_uid(alerting.prefix)
    titles = [unescaped(group["folder"]) for _, group in alerting.entries("groups")]
    return {title: known.get(title, own) for title in titles}


def _dashboards(transport: Transport, shipped: Shipped, prefix: str) -> Kind:
    """The dashboards by the API that the server has, asked once."""
    version = dashboard_resources.served(transport)
    if version is None:
        return Dashboards(transport, shipped, prefix)
    space = dashboard_resources.namespace(transport)
    return dashboard_resources.DashboardResources(transport, shipped, prefix, version, space)
