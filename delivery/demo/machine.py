"""The catalog as it is on this machine: other addresses, ports and folders, and nothing else.

Everything that ships is generated from it, so that no generated file has to be patched.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from catalog.errors import Problem, UsageError
from delivery.demo.ports import HOST
from delivery.places import runbooks_of

Json = dict[str, Any]

#: Which of our ports a component's are, by what platform.yaml calls them.
_PORTS: dict[tuple[str, str], str] = {
    ("loki", "http"): "loki",
    ("loki", "grpc"): "loki_grpc",
    ("agent", "http"): "agent",
    ("agent", "syslog"): "syslog",
    ("syslog", "udp"): "syslog",
    ("memcached", "memcache"): "memcached",
    ("memcached", "exporter"): "memcached_exporter",
    ("prometheus", "http"): "prometheus",
    ("alertmanager", "http"): "alertmanager",
    ("jaeger", "query"): "jaeger",
    ("jaeger", "otlp_http"): "otlp",
    ("jaeger", "otlp_grpc"): "otlp_grpc",
    ("jaeger", "metrics"): "jaeger_metrics",
    ("jaeger", "span_metrics"): "span_metrics",
}
#: Where each component is scraped.
_SCRAPED = {
    "loki": "loki",
    "agent": "agent",
    "memcached": "memcached_exporter",
    "prometheus": "prometheus",
    "alertmanager": "alertmanager",
    "jaeger": "jaeger_metrics",
}
#: Ports that no catalog file speaks of.
_OURS = ("grafana", "jaeger_grpc", "jaeger_health", "memcached_exporter", "receiver")
PORTS = tuple(dict.fromkeys((*_PORTS.values(), *_OURS)))
#: What catalog.log_agent takes as a folder.
_FOLDER = re.compile(r"(/[A-Za-z0-9._-]+)+")
_FOLDER_LENGTH = 120


@dataclass(frozen=True)
class Machine:
    """Where everything is here: the folder of the run, and a port for each purpose."""

    folder: Path
    ports: Mapping[str, int]

    def url(self, name: str) -> str:
        """The address of the port of that name."""
        return f"http://{HOST}:{self.ports[name]}"

    def address(self, name: str) -> str:
        """Host and port."""
        return f"{HOST}:{self.ports[name]}"

    @property
    def logs(self) -> Path:
        """Below it are the services' log files: SERVICE/TRACK/POD.log."""
        return self.folder / "telemetry" / "logs"

    @property
    def agent_state(self) -> Path:
        """Where the agent keeps how far it has read."""
        return self.folder / "agent" / "state"


def on_this_machine(source: Path, target: Path, machine: Machine) -> Path:
    """A copy of the catalog whose first environment is this machine.

    That is the environment called ``host``, or the first one.

    :raises UsageError: the folder's name fits no agent's configuration.
    """
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    here = runbooks_of(source) is not None
    _edit(target / "platform.yaml", lambda platform: _place(platform, machine, here))
    agent = target / "agent.yaml"
    if agent.exists():
        _refuse_odd(machine.folder)
        _edit(agent, lambda settings: _read_here(settings, machine))
    return target


def _edit(path: Path, change: Any) -> None:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")


def _place(platform: Json, machine: Machine, runbooks_here: bool) -> None:
    environments = platform["environments"]
    chosen = next((each for each in environments if each["id"] == "host"), environments[0])
    chosen["addresses"] = {name: machine.url(name) for name in chosen["addresses"]}
    platform["environments"] = [chosen, *(each for each in environments if each is not chosen)]
    platform["links"]["grafana_url"] = machine.url("grafana")
    if runbooks_here:
        platform["links"]["runbooks_url"] = f"{machine.url('receiver')}/runbooks"
    for component, settings in platform["components"].items():
        for purpose in settings["ports"]:
            if (component, purpose) in _PORTS:
                settings["ports"][purpose] = machine.ports[_PORTS[component, purpose]]
        if settings.get("metrics_port") is not None and component in _SCRAPED:
            settings["metrics_port"] = machine.ports[_SCRAPED[component]]
    # Whoever is told of alerts, other than the chat.
    if "canary" in platform:
        platform["canary"]["webhook"] = f"{machine.url('receiver')}/rollback"
    if "dead_man" in platform:
        platform["dead_man"]["url"] = f"{machine.url('receiver')}/dead-man"


def _read_here(settings: Json, machine: Machine) -> None:
    if "files" in settings:
        settings["files"]["root"] = str(machine.logs)
        settings["files"]["state"] = str(machine.agent_state)


def _refuse_odd(folder: Path) -> None:
    longest = f"{folder}/telemetry/logs"
    if _FOLDER.fullmatch(longest) and len(longest) <= _FOLDER_LENGTH:
        return
    raise UsageError(
        Problem(
            f"--data {folder}",
            f"the log agent's configuration takes folders of letters, digits, '.', '_' and '-', "
            f"and up to {_FOLDER_LENGTH - len('/telemetry/logs')} characters here",
            "Name another folder",
        )
    )
