"""One tree of manifests with all that its files ask for, resolved once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from catalog.deployment import Deployment, Tree
from catalog.deployment_coherence import SERVICE_HOST
from catalog.model import Catalog
from catalog.platform import Component, ComponentId, Environment

Json = dict[str, Any]

#: The labels that Kubernetes recommends. NAME tells Loki's pods from Memcached's.
NAME = "app.kubernetes.io/name"
PART_OF = "app.kubernetes.io/part-of"
VERSION = "app.kubernetes.io/version"
#: The label that the seed's commands select by.
APP = "app"


@dataclass(frozen=True, slots=True)
class Target:
    """A tree, and the environment that it runs in."""

    catalog: Catalog
    deployment: Deployment
    tree: Tree

    @property
    def folder(self) -> str:
        """Where its files are, under the folder of all that is generated."""
        return f"deploy/{self.tree.id}"

    @property
    def owner(self) -> str:
        """The team that is asked about it."""
        return self.catalog.platform.owner.team

    @property
    def environment(self) -> Environment:
        """The environment that it is; the catalog's own check makes sure that there is one."""
        environments = self.catalog.platform.environments
        return next(each for each in environments if each.id == self.deployment.environment)

    @property
    def service(self) -> str:
        """The Service that the environment's address of Loki names."""
        return self._host[0]

    @property
    def namespace(self) -> str:
        """The namespace in the environment's address of Loki: that of the whole pipeline."""
        return self._host[1]

    @property
    def _host(self) -> tuple[str, str]:
        match = SERVICE_HOST.fullmatch(urlsplit(self.environment.addresses["loki"]).hostname or "")
        if match is None:
            raise ValueError(self.environment.addresses["loki"])
        return match[1], match[2]

    @property
    def domain(self) -> str:
        """What follows the name of a Service of this namespace."""
        host = urlsplit(self.environment.addresses["loki"]).hostname or ""
        return host.partition(".")[2]

    def component(self, component: ComponentId) -> Component:
        """What the catalog says of a server that it has."""
        return self.catalog.platform.components[component]

    def replicas(self, component: ComponentId) -> int:
        """How many of it run in this environment."""
        usual = self.component(component).replicas
        return self.environment.replicas.get(component, usual)

    def labels(self, name: str, version: str) -> dict[str, str]:
        """The labels of an object and of its pods."""
        system = self.catalog.platform.system.id
        return {APP: name, NAME: name, PART_OF: system, VERSION: version}

    def meta(self, name: str, labels: dict[str, str] | None = None, **more: object) -> Json:
        """The metadata of an object in this namespace."""
        return {
            "name": name,
            "namespace": self.namespace,
            **({"labels": labels} if labels else {}),
            **more,
        }
