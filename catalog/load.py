"""From a folder of YAML files to a :class:`~catalog.model.Catalog`, or to all its faults.

Every file is read before anything is refused, so that one run names everything that is
wrong with every file.
"""

from __future__ import annotations

from pathlib import Path

from catalog.agent_coherence import agent_faults
from catalog.coherence import incoherences
from catalog.deployment import Deployment
from catalog.deployment_coherence import FILE as DEPLOYMENT
from catalog.deployment_coherence import deployment_faults
from catalog.errors import CatalogError, Problem
from catalog.faults import Fault
from catalog.files import Kind, by_place, load_model, place, yaml_files
from catalog.log_agent import LogAgent
from catalog.model import Catalog
from catalog.platform import Platform, Windows
from catalog.service import Service
from catalog.yaml_file import locate

SERVICES = "services"
PLATFORM = "platform.yaml"
WINDOWS = "windows.yaml"
#: Without it no agent is configured by us.
AGENT = "agent.yaml"

_SERVICE = Kind("service", "<id>.yaml")


def load_catalog(folder: Path) -> Catalog:
    """The catalog in ``folder``: platform.yaml, windows.yaml and every YAML file of services/.

    agent.yaml may be missing, where the log agents are configured elsewhere, and deployment.yaml,
    where nothing is deployed.

    :raises CatalogError: with every problem of every file, sorted by place.
    """
    if not folder.is_dir():
        raise CatalogError(
            Problem(str(folder), "there is no such folder", "Name the folder of the catalog")
        )
    problems: list[Problem] = []
    platform = load_model(folder / PLATFORM, Platform, problems)
    windows = load_model(folder / WINDOWS, Windows, problems)
    has_agent = (folder / AGENT).exists()
    agent = load_model(folder / AGENT, LogAgent, problems) if has_agent else None
    deployment = None
    if (folder / DEPLOYMENT).exists():
        deployment = load_model(folder / DEPLOYMENT, Deployment, problems)
    services: dict[Path, Service] = {}
    for path in yaml_files(folder / SERVICES, _SERVICE, problems):
        service = load_model(path, Service, problems)
        if service is not None:
            services[path] = service
    if platform is not None and windows is not None:
        faults = incoherences(
            platform, windows, tuple(services.values()), all_services=not problems
        )
        if agent is not None:
            faults += agent_faults(agent, platform)
        if deployment is not None:
            faults += deployment_faults(deployment, platform)
        problems.extend(_problem(fault, folder, tuple(services)) for fault in faults)
    if problems or platform is None or windows is None:
        raise CatalogError(*sorted(problems, key=by_place))
    ordered = sorted(services.values(), key=lambda service: service.id)
    return Catalog(
        platform=platform,
        windows=windows,
        services=tuple(ordered),
        agent=agent,
        deployment=deployment,
    )


def _problem(fault: Fault, folder: Path, order: tuple[Path, ...]) -> Problem:
    path = folder / fault.file if fault.service is None else order[fault.service]
    text = fault.fault
    if fault.rival is not None:
        index, location = fault.rival
        text = f"{text} {place(order[index], locate(order[index]), location)}"
    return Problem(place(path, locate(path), fault.location), text, fault.remedy)
