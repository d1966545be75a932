"""Alertmanager with the configuration that ships; its secrets lead to our own receiver."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

from alerts.receivers import SECRETS, SLACK_SECRET
from delivery.demo.machine import Machine
from delivery.demo.servers import Server

#: What stands for the tokens of webhooks: the receiver takes any.
_ANY = "any\n"


def command(server: Server, machine: Machine, config: Path) -> list[str]:
    """Alone: it gossips with nobody."""
    return [
        server.path,
        f"--config.file={config}",
        f"--storage.path={config.parent / 'data'}",
        f"--web.listen-address={machine.address('alertmanager')}",
        # Else its messages lead to this machine's name, which no browser need know.
        f"--web.external-url={machine.url('alertmanager')}",
        "--cluster.listen-address=",
    ]


def write_config(generated: Path, machine: Machine) -> Path:
    """The file and its templates, with secrets of this machine's."""
    folder = machine.folder / "alertmanager"
    secrets = folder / "secrets"
    secrets.mkdir(parents=True, exist_ok=True)
    content = yaml.safe_load((generated / "alertmanager/alertmanager.yml").read_text("utf-8"))
    told = set(_secrets(content))
    for path in told:
        chat = f"{machine.url('receiver')}/slack"
        text = chat if path == SLACK_SECRET else _ANY
        (secrets / path.rpartition("/")[2]).write_text(text, encoding="utf-8")
    shutil.copytree(generated / "alertmanager/templates", folder / "templates", dirs_exist_ok=True)
    config = folder / "alertmanager.yml"
    config.write_text(yaml.safe_dump(_moved(content, secrets), sort_keys=False), encoding="utf-8")
    return config


def _secrets(content: Any) -> list[str]:
    """Every path of a secret."""
    if isinstance(content, dict):
        return [path for value in content.values() for path in _secrets(value)]
    if isinstance(content, list):
        return [path for value in content for path in _secrets(value)]
    return [content] if isinstance(content, str) and content.startswith(f"{SECRETS}/") else []


def _moved(content: Any, secrets: Path) -> Any:
    """The same with the secrets in another folder."""
    if isinstance(content, dict):
        return {key: _moved(value, secrets) for key, value in content.items()}
    if isinstance(content, list):
        return [_moved(value, secrets) for value in content]
    if isinstance(content, str) and content.startswith(f"{SECRETS}/"):
        return str(secrets / content.rpartition("/")[2])
    return content
