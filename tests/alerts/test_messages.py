"""What a real Alertmanager sends to a chat, to the letter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.message import SHOWN
from alerts.present import alert_labels
from alerts.registry import rule_files
from alerts.routes import configuration
from catalog.model import Catalog
from tests.alerts import alertmanager
from tests.alerts.alertmanager import Alertmanager, Listener, alert, wait

Json = dict[str, Any]

GRAFANA = "http://grafana.example"
RUNBOOK = "https://runbooks.example/ErrorBudgetBurnFast"
#: A whole number of milliseconds, and no local time that is the same.
START = datetime(2026, 3, 4, 5, 6, 7, 890000, tzinfo=UTC)
END = START + timedelta(minutes=20)
#: START - 5 min, START - 1 h and END + 5 min, in milliseconds since the epoch.
LOGS_FROM, DASHBOARD_FROM, UNTIL = 1772600467890, 1772597167890, 1772602267890


def ms(moment: datetime) -> int:
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000


def test_the_figures_above_are_right() -> None:
    assert ms(START - timedelta(minutes=5)) == LOGS_FROM
    assert ms(START - timedelta(hours=1)) == DASHBOARD_FROM
    assert ms(END + timedelta(minutes=5)) == UNTIL


@pytest.fixture
def chat() -> Iterator[Listener]:
    with alertmanager.listening() as listener:
        yield listener


@pytest.fixture(params=alertmanager.releases(), ids=lambda path: Path(path).name)
def server(
    request: pytest.FixtureRequest,
    need_binary: Callable[[str], str],
    shipped: Catalog,
    chat: Listener,
    tmp_path: Path,
) -> Iterator[Alertmanager]:
    """One with the configuration that ships, but for its waits and its quiet hours."""
    awake = shipped.model_copy(
        update={"platform": shipped.platform.model_copy(update={"quiet_hours": None})}
    )
    content = configuration(awake, alert_labels(rule_files(shipped)))
    config = alertmanager.write(
        tmp_path, alertmanager.quickened(content), shipped.prefix, f"{chat.url}/slack"
    )
    with alertmanager.running(need_binary(request.param), config, tmp_path) as running:
        yield running


def burning(**changes: str) -> tuple[dict[str, str], dict[str, str]]:
    """The labels and annotations of a page, as Prometheus would fill them in."""
    labels = {
        "alertname": "ErrorBudgetBurnFast",
        "cluster": "quay",
        "environment": "production",
        "service": "ryot",
        "team": "inference",
        "severity": "page",
        **changes,
    }
    scope = "var-cluster=quay&var-environment=production&from=now-1h&to=now"
    annotations = {
        "summary": "Ryot burns the error budget of 'Requests' 20.5 times too fast",
        "description": "Look first at which part of the service fails.",
        "value": "20.5",
        "objective": "Requests: 99.9 % of 30d",
        "budget_left": "45.2%",
        "runbook_url": RUNBOOK,
        "dashboard_url": f"{GRAFANA}/d/slo-ryot?{scope}",
        "logs_url": f"{GRAFANA}/d/logs-ryot?{scope}",
    }
    return labels, annotations


def links(until: str = "now") -> str:
    scope = "var-cluster=quay&var-environment=production"
    return (
        f"<{RUNBOOK}|Runbook> "
        f"<{GRAFANA}/d/slo-ryot?{scope}&from={DASHBOARD_FROM}&to={until}|Dashboard> "
        f"<{GRAFANA}/d/logs-ryot?{scope}&from={LOGS_FROM}&to={until}|Logs from then on>"
    )


FIRING = f"""*Ryot burns the error budget of 'Requests' 20.5 times too fast*
Look first at which part of the service fails.
Value: 20.5
Objective: Requests: 99.9 % of 30d
Budget left: 45.2%
Since 2026-03-04 05:06:07 UTC
{links()}"""
OVER = (
    FIRING.replace("05:06:07 UTC", "05:06:07 UTC, over 2026-03-04 05:26:07 UTC")
    .replace("to=now", f"to={UNTIL}")
)  # fmt: skip

#: An alert that has no value, no objective and no logs.
BARE = f"""*Ryot is slow*
Look first at which part of the service fails.
Since 2026-03-04 05:06:07 UTC
{links().rpartition(" <")[0]}"""


def told(chat: Listener, number: int) -> Json:
    """The last of so many messages."""
    wait(lambda: len(chat.told) >= number, f"{number} messages", lambda: str(chat.slack()))
    assert len(chat.told) == number
    return chat.slack()[-1]


def test_a_page_and_its_end(server: Alertmanager, chat: Listener) -> None:
    labels, annotations = burning()
    server.post([alert(labels, annotations, start=START)])
    page = told(chat, 1)
    assert page["channel"] == "#inference-pages"
    assert page["color"] == "danger"
    assert page["title"] == "[FIRING] page: ryot in quay/production, ErrorBudgetBurnFast"
    assert page["title_link"] == (
        f"{GRAFANA}/d/slo-ryot?var-cluster=quay&var-environment=production"
        f"&from={DASHBOARD_FROM}&to=now"
    )
    assert page["text"] == FIRING

    server.post([alert(labels, annotations, start=START, end=END)])
    over = told(chat, 2)
    assert over["color"] == "good"
    assert over["title"] == "[RESOLVED] page: ryot in quay/production, ErrorBudgetBurnFast"
    assert over["text"] == OVER


def test_all_of_a_service_is_one_message(server: Alertmanager, chat: Listener) -> None:
    first, annotations = burning()
    second, _ = burning(alertname="HighLatency")
    bare = {key: annotations[key] for key in ("description", "runbook_url", "dashboard_url")}
    bare["summary"] = "Ryot is slow"
    server.post([alert(first, annotations, start=START)])
    told(chat, 1)
    server.post([alert(second, bare, start=START)])
    both = told(chat, 2)
    assert both["title"] == "[FIRING:2] page: ryot in quay/production, 2 alerts"
    assert sorted(both["text"].split("\n\n")) == sorted([FIRING, BARE])

    server.post([alert(first, annotations, start=START, end=END)])
    mixed = told(chat, 3)
    assert mixed["title"] == "[FIRING] page: ryot in quay/production, 2 alerts"
    firing, over = mixed["text"].split("\n\n*Over:*\n")
    assert firing == BARE
    assert over == OVER


def test_many_are_not_all_told_in_full(server: Alertmanager, chat: Listener) -> None:
    _, annotations = burning()
    made = [burning(instance=f"pod-{number}")[0] for number in range(SHOWN + 3)]
    server.post([alert(labels, annotations, start=START) for labels in made])
    page = told(chat, 1)
    assert page["text"].count("|Runbook>") == SHOWN
    assert page["text"].endswith("\n\n... and more: 13 in all")


def test_a_label_calls_nobody(server: Alertmanager, chat: Listener) -> None:
    labels, annotations = burning()
    annotations |= {"summary": "The route /x/<!channel>?a&b fails", "value": "<1 s"}
    server.post([alert(labels, annotations, start=START)])
    text = told(chat, 1)["text"]
    assert "*The route /x/&lt;!channel&gt;?a&amp;b fails*" in text
    assert "Value: &lt;1 s\n" in text
    assert "<!channel>" not in text


def test_a_ticket_says_that_it_is_one(server: Alertmanager, chat: Listener) -> None:
    labels, annotations = burning(alertname="LogErrorSpike", severity="ticket")
    server.post([alert(labels, annotations, start=START)])
    ticket = told(chat, 1)
    assert ticket["color"] == "warning"
    assert ticket["title"] == "[FIRING] ticket: ryot in quay/production, LogErrorSpike"
