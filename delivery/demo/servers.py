"""Finds the servers that are on this machine, and says of each missing one what is left out."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

#: The variable that names a server, and what it is called on the PATH.
BINARIES = {
    "grafana": ("GRAFANA_BIN", "grafana"),
    "loki": ("LOKI_BIN", "loki"),
    "promtail": ("PROMTAIL_BIN", "promtail"),
    "jaeger": ("JAEGER_BIN", "jaeger"),
    "alloy": ("ALLOY_BIN", "alloy"),
    "prometheus": ("PROMETHEUS_BIN", "prometheus"),
    "promtool": ("PROMTOOL_BIN", "promtool"),
    "alertmanager": ("ALERTMANAGER_BIN", "prometheus-alertmanager"),
    "chromium": ("CHROMIUM_BIN", "chromium"),
    "memcached": ("MEMCACHED_BIN", "memcached"),
    "memcached_exporter": ("MEMCACHED_EXPORTER_BIN", "prometheus-memcached-exporter"),
}

#: The log agents, the one that is supported first.
AGENTS = ("alloy", "promtail")
#: What is not there where a server is missing.
LEFT_OUT = {
    "grafana": "there is no dashboard to look at",
    "loki": "there are no log lines, no agent and no rules on lines",
    "agent": "lines are pushed to Loki with the labels that the agent would have set",
    "jaeger": "there are no traces, and links to traces lead nowhere",
    "prometheus": "there are no metrics and no alerts on them",
    "promtool": "there is no history of metrics: curves begin now",
    "alertmanager": "alerts are evaluated and reach nobody",
    "memcached": "Loki reads its files anew for every question",
    "memcached_exporter": "what it would tell of the cache is made up",
}


@dataclass(frozen=True)
class Server:
    """A program and the release it says it is; ``home`` is Grafana's folder.

    One with an ``image`` runs in a container, and its path is that of docker.
    """

    kind: str
    path: str
    release: str
    home: Path | None = None
    image: str | None = None

    def __str__(self) -> str:
        return f"{self.kind} {self.release}"

    @property
    def version(self) -> tuple[int, ...]:
        """The release as numbers: 2.9.4 is (2, 9, 4)."""
        return tuple(int(number) for number in re.findall(r"\d+", self.release)[:3])


def find(kind: str) -> list[Server]:
    """Every server of that kind: those that the variables name, else the one on the PATH."""
    variable, name = BINARIES[kind]
    listed = [path for path in os.environ.get(variable, "").split(":") if path]
    homes = [path for path in os.environ.get("GRAFANA_HOME", "").split(":") if path]
    found: list[Server] = []
    if kind == "grafana":
        for home in map(Path, homes):
            binaries = [home / "bin" / each for each in ("grafana", "grafana-server")]
            path = next((str(each) for each in binaries if each.exists()), None)
            if path:
                found.append(Server(kind, path, _grafana_release(home, path), home))
        for path in listed:
            home = Path(path).parent.parent
            found.append(Server(kind, path, _grafana_release(home, path), home))
        if not found and (path := shutil.which(name)):
            home = Path("/usr/share/grafana")
            found.append(Server(kind, path, _grafana_release(home, path), home))
        return found
    paths = listed or ([path] if (path := shutil.which(name)) else [])
    return [Server(kind, path, _release(path)) for path in paths]


def first(kind: str) -> Server | None:
    """The server of that kind that is used; an agent is Alloy, or Promtail where only that is."""
    kinds = AGENTS if kind == "agent" else (kind,)
    return next((server for each in kinds for server in find(each)), None)


def missing(kind: str) -> str:
    """Which server is not here, and where it was looked for."""
    if kind == "agent":
        return " and ".join(missing(each) for each in AGENTS)
    variable, name = BINARIES[kind]
    extra = " or GRAFANA_HOME" if kind == "grafana" else ""
    return f"no {kind}: {name} is not on the PATH, and {variable}{extra} names none"


def _release(path: str) -> str:
    """The first version number that the program tells of itself, however it is asked."""
    for ask in ("--version", "-version", "version"):
        with suppress(OSError, subprocess.TimeoutExpired):
            told = subprocess.run(  # noqa: S603 - as found on the PATH or named by the user
                [path, ask], check=False, capture_output=True, text=True, timeout=20
            )
            if told.returncode == 0:
                match = re.search(r"\bv?(\d+\.\d+\.\d+)", told.stdout + told.stderr)
                if match:
                    return match[1]
    return "unknown"


def _grafana_release(home: Path, path: str) -> str:
    for name in ("VERSION", "package.json"):
        with suppress(OSError):
            match = re.search(r"(\d+\.\d+\.\d+)", (home / name).read_text())
            if match:
                return match[1]
    return _release(path)
