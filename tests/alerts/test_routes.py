"""Alertmanager's configuration is accepted, and every alert finds its way."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts.routes import configuration
from catalog.model import Catalog


def strings(content: Any) -> list[str]:
    if isinstance(content, dict):
        return [text for value in content.values() for text in strings(value)]
    if isinstance(content, list):
        return [text for value in content for text in strings(value)]
    return [str(content)]


@pytest.fixture
def amtool(
    written: Path, need_binary: Callable[[str], str]
) -> Callable[..., subprocess.CompletedProcess[str]]:
    file = str(written / "alertmanager/alertmanager.yml")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [need_binary("amtool"), *arguments]
        command = [file if each == "FILE" else each for each in command]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return run


def test_amtool_accepts_it(amtool: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = amtool("check-config", "FILE")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        ({"team": "vault", "severity": "page"}, "vault-page"),
        ({"team": "vault", "severity": "ticket"}, "vault-ticket"),
        ({"team": "agents", "severity": "page"}, "agents-page"),
        ({"team": "platform", "severity": "page"}, "platform-page"),
        ({"team": "nobody", "severity": "page"}, "platform-ticket"),
        ({"alertname": "Watchdog", "team": "platform", "severity": "none"}, "watchdog"),
    ],
)
def test_it_goes_to_its_team(
    amtool: Callable[..., subprocess.CompletedProcess[str]], labels: dict[str, str], receiver: str
) -> None:
    pairs = [f"{name}={value}" for name, value in labels.items()]
    done = amtool("config", "routes", "test", "--config.file", "FILE", *pairs)
    assert done.stdout.strip() == receiver, done.stderr


def test_no_secret_stands_in_it(shipped: Catalog) -> None:
    content = configuration(shipped)
    assert content["global"]["slack_api_url_file"].startswith("/")
    assert not [text for text in strings(content) if "hooks.slack.com" in text or "://" in text]


def test_every_team_is_told_of_pages_and_of_tickets(second: Catalog) -> None:
    content = configuration(second)
    teams = {second.platform.owner.team, *(service.owner.team for service in second.services)}
    receivers = {each["name"] for each in content["receivers"]}
    assert receivers == {"watchdog"} | {
        f"{team}-{severity}" for team in teams for severity in ("page", "ticket")
    }
    channels = {
        slack["channel"] for each in content["receivers"] for slack in each.get("slack_configs", [])
    }
    assert {service.owner.channel for service in second.services} <= channels


def test_a_page_silences_the_tickets_of_its_service_and_cluster_only(shipped: Catalog) -> None:
    [rule] = configuration(shipped)["inhibit_rules"]
    assert rule["equal"] == ["cluster", "environment", "service"]


def test_it_is_plain_data(shipped: Catalog) -> None:
    content = configuration(shipped)
    assert yaml.safe_load(yaml.safe_dump(content)) == content
