"""Grafana, provisioned from the generated files where they say that they are mounted."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from delivery.demo.machine import Machine
from delivery.demo.ports import HOST
from delivery.demo.servers import Server

#: Where the provisioning files say that the dashboards are.
MOUNTED = "/var/lib/grafana/dashboards"
#: Grafana's own defaults; nobody but this machine can reach it.
LOGIN = ("admin", "admin")


@dataclass(frozen=True)
class Start:
    """How it is started; ``note`` tells what differs from a mounted folder, if anything does."""

    command: list[str]
    env: dict[str, str]
    note: str


def prepare(server: Server, generated: Path, machine: Machine) -> Start:
    """The dashboards are mounted for it alone, or else it reads a copy of the provisioning."""
    if server.image:
        # The image's own script starts it, and the folder of dashboards is a volume.
        return Start([server.path], _variables(machine, generated / "grafana/provisioning"), "")
    command = [server.path, *(["server"] if Path(server.path).name == "grafana" else [])]
    command += ["--homepath", str(server.home)]
    dashboards = generated / "grafana/dashboards"
    provisioning = generated / "grafana/provisioning"
    note = ""
    if _may_mount(machine.folder):
        command = _with_mount(command, dashboards)
    else:
        provisioning = _copied(provisioning, machine.folder / "provisioning", dashboards)
        note = (
            f"no right to mount: Grafana reads a copy of the provisioning files in which "
            f"{MOUNTED} is {dashboards}"
        )
    return Start(command, _variables(machine, provisioning), note)


def _with_mount(command: list[str], dashboards: Path) -> list[str]:
    """Over a /var/lib of its own, so that nothing is made on this machine."""
    script = (
        f"mount -t tmpfs tmpfs /var/lib && mkdir -p {MOUNTED} && "
        f'mount --bind "$0" {MOUNTED} && exec "$@"'
    )
    return ["unshare", "-m", "sh", "-c", script, str(dashboards), *command]


def _may_mount(folder: Path) -> bool:
    """Whether this user may give Grafana a view of the files of its own."""
    if shutil.which("unshare") is None or Path("/var/lib") in folder.resolve().parents:
        return False
    tried = ["unshare", "-m", "sh", "-c", "mount -t tmpfs tmpfs /var/lib"]
    done = subprocess.run(tried, check=False, capture_output=True)  # noqa: S603 - our own words
    return done.returncode == 0


def _copied(provisioning: Path, target: Path, dashboards: Path) -> Path:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(provisioning, target)
    for path in target.glob("dashboards/*.yaml"):
        path.write_text(path.read_text(encoding="utf-8").replace(MOUNTED, str(dashboards)))
    return target


def _variables(machine: Machine, provisioning: Path) -> dict[str, str]:
    """All of its state in the folder, nothing asked of the internet, no login to look."""
    folder = machine.folder / "grafana"
    return {
        "GF_SERVER_HTTP_ADDR": HOST,
        "GF_SERVER_HTTP_PORT": str(machine.ports["grafana"]),
        "GF_PATHS_DATA": str(folder / "data"),
        "GF_PATHS_LOGS": str(folder / "log"),
        "GF_PATHS_PLUGINS": str(folder / "plugins"),
        "GF_PATHS_PROVISIONING": str(provisioning),
        "GF_ANALYTICS_REPORTING_ENABLED": "false",
        "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
        "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
        "GF_NEWS_NEWS_FEED_ENABLED": "false",
        "GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED": "true",
        "GF_PLUGINS_PLUGIN_ADMIN_ENABLED": "false",
        "GF_AUTH_ANONYMOUS_ENABLED": "true",
        "GF_AUTH_ANONYMOUS_ORG_ROLE": "Admin",
        "GF_USERS_DEFAULT_THEME": os.environ.get("GRAFANA_THEME", "dark"),
    }
