"""Alertmanager's configuration is accepted, and every alert that ships finds its way."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts.present import alert_labels
from alerts.registry import rule_files
from alerts.routes import Branch, configuration
from catalog.model import Catalog
from catalog.notify import DeadMan, QuietHours
from delivery.render import encode
from tests.alerts import alertmanager
from tests.alerts.alertmanager import alert, wait

Json = dict[str, Any]
Amtool = Callable[..., subprocess.CompletedProcess[str]]


def made(catalog: Catalog, **changes: Any) -> Json:
    """The configuration of a catalog whose platform says something else."""
    platform = catalog.platform.model_copy(update=changes)
    changed = catalog.model_copy(update={"platform": platform})
    return configuration(changed, alert_labels(rule_files(catalog)))


def strings(content: Any) -> list[str]:
    if isinstance(content, dict):
        return [text for value in content.values() for text in strings(value)]
    if isinstance(content, list):
        return [text for value in content for text in strings(value)]
    return [str(content)]


def routes(route: Json) -> Iterator[Json]:
    yield route
    for below in route.get("routes", ()):
        yield from routes(below)


@pytest.fixture
def amtool(need_binary: Callable[[str], str]) -> Amtool:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [need_binary("amtool"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return run


def receivers_of(amtool: Amtool, file: Path, labels: Mapping[str, str]) -> str:
    pairs = [f"{name}={value}" for name, value in labels.items()]
    done = amtool("config", "routes", "test", f"--config.file={file}", *pairs)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("source", ["shipped", "second"])
def test_every_alert_reaches_its_team_and_every_receiver_is_reached(
    source: str, request: pytest.FixtureRequest, amtool: Amtool, tmp_path: Path
) -> None:
    """With all its labels, as they are generated."""
    catalog: Catalog = request.getfixturevalue(source)
    alerts = alert_labels(rule_files(catalog))
    content = configuration(catalog, alerts)
    file = alertmanager.write(tmp_path, content, catalog.prefix, "http://127.0.0.1:1/")
    done = amtool("check-config", str(file))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 templates" in done.stdout
    reached = set()
    for labels in alerts:
        heartbeat = labels["alertname"] == "Watchdog"
        expected = "watchdog" if heartbeat else f"{labels['team']}-{labels['severity']}"
        placed = {**labels, "cluster": "quay", "environment": "production"}
        assert receivers_of(amtool, file, placed) == expected, labels
        reached.add(expected)
    assert reached == {receiver["name"] for receiver in content["receivers"]}


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        ({"team": "nobody", "severity": "page"}, "platform-page"),
        ({"severity": "page"}, "platform-page"),
        ({"team": "nobody", "severity": "ticket"}, "platform-ticket"),
        ({}, "platform-ticket"),
    ],
)
def test_what_nobody_owns_goes_to_the_platform(
    amtool: Amtool, shipped: Catalog, tmp_path: Path, labels: dict[str, str], receiver: str
) -> None:
    file = alertmanager.write(tmp_path, made(shipped), shipped.prefix, "http://127.0.0.1:1/")
    assert receivers_of(amtool, file, labels) == receiver


def test_a_machine_is_told_before_the_team_and_not_instead(
    amtool: Amtool, shipped: Catalog, tmp_path: Path
) -> None:
    hook = {"url": "http://127.0.0.1:1/rollback"}
    branch = Branch(
        {"receiver": "rollback", "matchers": ['action="rollback"']},
        {"name": "rollback", "webhook_configs": [hook]},
    )
    content = configuration(
        shipped, alert_labels(rule_files(shipped)), before_teams=(lambda _: (branch,),)
    )
    file = alertmanager.write(tmp_path, content, shipped.prefix, "http://127.0.0.1:1/")
    labels = {"team": "vault", "severity": "page"}
    told = receivers_of(amtool, file, {**labels, "action": "rollback"})
    assert told == "rollback,vault-page"
    assert receivers_of(amtool, file, labels) == "vault-page"


def test_no_secret_stands_in_it(shipped: Catalog, second: Catalog) -> None:
    content = made(shipped)
    assert content["global"]["slack_api_url_file"].startswith("/")
    assert not [text for text in strings(content) if "hooks.slack.com" in text or "://" in text]
    [address] = [text for text in strings(made(second)) if "://" in text]
    assert second.platform.dead_man is not None
    assert address == second.platform.dead_man.url


def test_every_team_is_told_of_pages_and_of_tickets(second: Catalog) -> None:
    content = made(second)
    teams = {second.platform.owner.team, *(service.owner.team for service in second.services)}
    receivers = {each["name"] for each in content["receivers"]}
    assert receivers == {"watchdog"} | {
        f"{team}-{severity}" for team in teams for severity in ("page", "ticket")
    }
    channels = {
        slack["channel"] for each in content["receivers"] for slack in each.get("slack_configs", [])
    }
    assert {service.owner.channel for service in second.services} <= channels


def test_one_message_tells_of_one_service(shipped: Catalog) -> None:
    route = made(shipped)["route"]
    assert route["group_by"] == ["cluster", "environment", "service"]
    others = [each for each in routes(route) if each is not route and "group_by" in each]
    assert [each["receiver"] for each in others] == ["watchdog"]


def test_the_watchdog_without_anybody_outside(shipped: Catalog) -> None:
    content = made(shipped, dead_man=None)
    assert content["receivers"][0] == {"name": "watchdog"}
    assert content["route"]["routes"][0]["group_interval"] == "30s"


def test_the_watchdog_with_somebody_outside(shipped: Catalog) -> None:
    outside = DeadMan(url="https://outside.example/beat", every="2m", source="seed")
    content = made(shipped, dead_man=outside)
    route = content["route"]["routes"][0]
    assert (route["group_wait"], route["group_interval"], route["repeat_interval"]) == (
        "0s",
        "1m",
        "1m",
    )
    assert content["receivers"][0] == {
        "name": "watchdog",
        "webhook_configs": [
            {
                "url": "https://outside.example/beat",
                "send_resolved": False,
                "http_config": {
                    "authorization": {
                        "type": "Bearer",
                        "credentials_file": "/etc/alertmanager/secrets/dead_man_token",
                    }
                },
            }
        ],
    }


def test_without_quiet_hours_nothing_is_muted(shipped: Catalog) -> None:
    content = made(shipped, quiet_hours=None)
    assert "time_intervals" not in content
    assert not [each for each in routes(content["route"]) if "mute_time_intervals" in each]


def test_only_tickets_are_muted(shipped: Catalog) -> None:
    muted = {
        each["receiver"] for each in routes(made(shipped)["route"]) if "mute_time_intervals" in each
    }
    teams = {shipped.platform.owner.team, *(each.owner.team for each in shipped.services)}
    assert muted == {f"{team}-ticket" for team in teams}


@pytest.mark.parametrize("binary", alertmanager.releases(), ids=lambda path: Path(path).name)
def test_a_quiet_ticket_waits_and_a_page_does_not(
    binary: str, need_binary: Callable[[str], str], shipped: Catalog, tmp_path: Path
) -> None:
    """On a real Alertmanager, today being quiet: one ticket is sent, which no quiet hour holds."""
    now = datetime.now(UTC)
    days = tuple({f"{each:%A}".lower() for each in (now, now + timedelta(hours=1))})
    quiet = QuietHours(location="UTC", days=days, source="seed")
    content = alertmanager.quickened(made(shipped, quiet_hours=quiet))
    for team in content["route"]["routes"]:
        if team["receiver"] == "vault-ticket":
            del team["mute_time_intervals"]
    with alertmanager.listening() as chat:
        config = alertmanager.write(tmp_path, content, shipped.prefix, f"{chat.url}/slack")
        with alertmanager.running(need_binary(binary), config, tmp_path) as server:
            for service, team, severity in (
                ("ryot", "inference", "ticket"),
                ("agents", "agents", "page"),
                ("sigmavault", "vault", "ticket"),
            ):
                labels = {"alertname": "X", "service": service, "team": team, "severity": severity}
                server.post([alert(labels, {"summary": "x", "dashboard_url": "http://x/"})])
            # The ticket that is not muted is posted last: what is muted had its turn before.
            wait(lambda: len(chat.told) >= 2, "two messages")
            suppressed = server.alerts()
    told = sorted(each["channel"] for each in chat.slack())
    assert told == ["#agents-pages", "#vault-pages"]
    assert len(suppressed) == 3


def test_it_is_plain_data(shipped: Catalog, written: Path) -> None:
    content = made(shipped)
    assert yaml.safe_load(yaml.safe_dump(content)) == content
    text = (written / "alertmanager/alertmanager.yml").read_text("utf-8")
    assert yaml.safe_load(text) == content


def test_the_templates_ship_beside_it(shipped: Catalog, written: Path) -> None:
    """They name the annotations that alerts carry."""
    text = (written / f"alertmanager/templates/{shipped.prefix}.tmpl").read_text("utf-8")
    annotated = {
        name
        for file in rule_files(shipped)
        for group in yaml.safe_load(encode(file))["groups"]
        for rule in group["rules"]
        for name in rule.get("annotations", ())
    }
    read = {part.split("}")[0].split()[0] for part in text.split(".Annotations.")[1:]}
    assert read == annotated
