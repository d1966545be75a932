"""Finds the servers that are on this machine, and starts and stops them by process id."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import requests

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


@dataclass(frozen=True)
class Server:
    """A program and the release it says it is; ``home`` is Grafana's folder."""

    kind: str
    path: str
    release: str
    home: Path | None = None

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


def missing(kind: str) -> str:
    """Why a test of that server is skipped."""
    variable, name = BINARIES[kind]
    extra = " or GRAFANA_HOME" if kind == "grafana" else ""
    return f"no {kind}: {name} is not on the PATH, and {variable}{extra} names none"


def _release(path: str) -> str:
    """The first version number that the program tells of itself, however it is asked."""
    for ask in ("--version", "-version", "version"):
        with suppress(OSError, subprocess.TimeoutExpired):
            told = subprocess.run(
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


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process:
    """A server that runs, with its log."""

    def __init__(
        self, name: str, command: list[str], folder: Path, env: dict[str, str] | None = None
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name, self.command, self.log = name, command, folder / f"{name}.log"
        self._sink = self.log.open("ab")
        self._process = subprocess.Popen(
            command,
            stdout=self._sink,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
        )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def ready(self, url: str, seconds: float = 90) -> None:
        """Wait until the address answers with success.

        :raises RuntimeError: it ended, or did not answer in time.
        """
        until(lambda: _answers(url) or self._died(), seconds, f"{self.name} at {url}", self.tail)
        if self._process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self._process.returncode}: {self.tail()}")

    def _died(self) -> bool:
        return self._process.poll() is not None

    def tail(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-2000:]

    def stop(self) -> None:
        """Ask it to end, and end it if it does not."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(10)
        self._sink.close()


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:
        return False


def until(
    holds: Callable[[], bool], seconds: float, what: str, detail: Callable[[], str] = str
) -> None:
    """Wait until something holds.

    :raises RuntimeError: it did not within the time.
    """
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what}: not within {seconds:g} s. {detail()}")
        time.sleep(0.5)
