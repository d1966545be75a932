"""The whole catalog, as every generator receives it."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.base import Model
from catalog.deployment import Deployment
from catalog.log_agent import LogAgent
from catalog.platform import Environment, Platform, Windows
from catalog.service import Service
from catalog.signals import Metric, Role


class Catalog(Model):
    """The platform, the burn windows, and the services in the order of their ids.

    ``agent`` is None where the log agents are configured elsewhere, ``deployment`` where nothing
    is deployed.
    """

    platform: Platform
    windows: Windows
    services: tuple[Service, ...]
    agent: LogAgent | None = None
    deployment: Deployment | None = None

    @property
    def prefix(self) -> str:
        """What every uid begins with."""
        return self.platform.system.id

    @property
    def default_environment(self) -> Environment:
        """The environment whose addresses stand in provisioning/: the first one."""
        return self.platform.environments[0]

    @property
    def has_objectives(self) -> bool:
        """Whether anything is promised at all."""
        return any(service.objectives for service in self.services)

    @property
    def span_metrics_port(self) -> int | None:
        """Where Jaeger counts spans, if it does: what the calls between services are known by."""
        jaeger = self.platform.components.get("jaeger")
        return jaeger.ports.get("span_metrics") if jaeger else None

    def service(self, identifier: str) -> Service:
        """The service of that id; the catalog's own check makes sure that there is one."""
        return next(service for service in self.services if service.id == identifier)

    def metrics_of_role(self, role: Role) -> tuple[Metric, ...]:
        """The distinct metrics of a role: one, where all services use one convention."""
        return tuple({metric.name: metric for _, metric in self.with_role(role)}.values())

    def with_role(self, role: Role) -> Iterator[tuple[Service, Metric]]:
        """Each service that has a metric of that role, with the metric."""
        for service in self.services:
            metric = service.by_role(role)
            if metric is not None:
                yield service, metric
