"""Each server as a container that docker compose runs, with the image that our compose file pins.

The containers share the machine's own network, so that everything is on the loopback address
at the same free ports, and see the folder of the run under its own name: a server is told the
same words whether it is a program or a container. Each is a compose file of its own, and `up`
in the foreground is the process that is watched and ended as a program would be.
"""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from delivery import places
from delivery.demo.grafana import MOUNTED
from delivery.demo.servers import Server

Json = dict[str, Any]

COMPOSE_FILE = places.ROOT / "examples" / "compose" / "compose.yaml"
#: What our compose file calls each server.
_SERVICES = {
    "grafana": "grafana",
    "loki": "loki",
    "agent": "agent",
    "jaeger": "jaeger",
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "alertmanager": "alertmanager",
    "memcached": "memcached",
    "memcached_exporter": "memcached-exporter",
}
_ASK_SECONDS = 20


def docker() -> str | None:
    """The docker on the PATH, if it answers and brings compose."""
    path = shutil.which("docker")
    if path is None:
        return None
    for words in (["compose", "version"], ["info"]):
        with suppress(OSError, subprocess.TimeoutExpired):
            asked = [path, *words]
            done = subprocess.run(  # noqa: S603 - docker as found on the PATH
                asked, check=False, capture_output=True, timeout=_ASK_SECONDS
            )
            if done.returncode == 0:
                continue
        return None
    return path


def images() -> dict[str, str]:
    """The pinned image of each kind of server."""
    services = yaml.safe_load(COMPOSE_FILE.read_text(encoding="utf-8"))["services"]
    return {kind: services[name]["image"] for kind, name in _SERVICES.items()}


def servers(docker: str, folder: Path) -> dict[str, Server]:
    """A server of each kind; promtool is a script that runs it in Prometheus' image."""
    found = {kind: _server(kind, docker, image) for kind, image in images().items()}
    told = found["promtool"]
    promtool = Server("promtool", str(_promtool(folder)), told.release, None, told.image)
    return {**found, "promtool": promtool}


def _server(kind: str, docker: str, image: str) -> Server:
    name, _, tag = image.rpartition(":")
    release = tag.removeprefix("v").partition("-")[0]
    program = name.rpartition("/")[2] if kind == "agent" else kind
    return Server(program, docker, release, None, image)


def _promtool(folder: Path) -> Path:
    return folder / "containers" / "promtool"


@dataclass(frozen=True)
class Containers:
    """Docker, and the folder that every container sees."""

    docker: str
    folder: Path

    def write_promtool(self) -> None:
        """The script that stands for it."""
        path, image = _promtool(self.folder), images()["promtool"]
        path.parent.mkdir(parents=True, exist_ok=True)
        words = [self.docker, "run", "--rm", "--network", "host", "--user", _user()]
        words += ["--volume", f"{self.folder}:{self.folder}", "--entrypoint", "promtool", image]
        path.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n', encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def command(
        self, name: str, words: list[str], env: Mapping[str, str], server: Server
    ) -> list[str]:
        """What runs the server of that name; the first of its words is the image's own affair."""
        path = self.folder / "containers" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        written = compose(self.folder, name, words[1:], env, server)
        path.write_text(yaml.safe_dump(written, sort_keys=False), encoding="utf-8")
        return [self.docker, "compose", "--file", str(path), "up", "--no-log-prefix"]

    def remove(self, name: str) -> None:
        """A container that has ended leaves nothing behind."""
        path = self.folder / "containers" / f"{name}.yaml"
        asked = [self.docker, "compose", "--file", str(path), "down", "--timeout", "20"]
        subprocess.run(asked, check=False, capture_output=True)  # noqa: S603 - our own words


def compose(
    folder: Path, name: str, words: list[str], env: Mapping[str, str], server: Server
) -> Json:
    """The compose file of one server."""
    # The folder's own name tells two demos on one machine apart.
    project = f"{folder.name.lower()}-{name}".replace("_", "-").strip("-.")
    return {
        "name": project,
        "services": {
            name.replace("_", "-"): {
                "image": server.image,
                "command": [_literal(word) for word in words],
                "network_mode": "host",
                # Files of the folder are to be the user's, not the image's.
                "user": _user(),
                "working_dir": str(folder),
                "environment": {key: _literal(value) for key, value in env.items()},
                "volumes": [f"{folder}:{folder}", *_mounts(folder, server)],
            }
        },
    }


def _mounts(folder: Path, server: Server) -> list[str]:
    """Grafana's dashboards are where the provisioning files say that they are."""
    if server.kind != "grafana":
        return []
    return [f"{folder / 'generated/grafana/dashboards'}:{MOUNTED}:ro"]


def _user() -> str:
    return f"{os.getuid()}:{os.getgid()}"


def _literal(text: str) -> str:
    """Compose would replace what looks like a variable."""
    return text.replace("$", "$$")
