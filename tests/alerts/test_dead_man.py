"""The watchdog arrives outside again and again, and stops when any link of the chain does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts.present import alert_labels
from alerts.registry import rule_files
from alerts.routes import configuration
from catalog.model import Catalog
from catalog.notify import DeadMan
from catalog.platform import Scrape
from delivery.render import encode
from tests.alerts import alertmanager
from tests.alerts.alertmanager import Listener, wait
from tests.live.servers import Process, free_port

Json = dict[str, Any]

#: Seconds: what the catalog of this test promises, and what this machine may be late.
EVERY, LATE = 2, 1.5


def hurried(catalog: Catalog, url: str) -> Catalog:
    """The catalog with somebody outside, and evaluations every second."""
    changes = {
        "dead_man": DeadMan(url=url, every=f"{EVERY}s", source="seed"),
        "scrape": Scrape(interval="1s", evaluation="1s"),
    }
    return catalog.model_copy(update={"platform": catalog.platform.model_copy(update=changes)})


@contextmanager
def prometheus(binary: str, folder: Path, rules: Json, alertmanagers: str) -> Iterator[Process]:
    """A Prometheus that scrapes itself and evaluates the rules as they ship."""
    address = f"127.0.0.1:{free_port()}"
    (folder / "rules.yaml").write_text(yaml.safe_dump(rules), encoding="utf-8")
    place = {"cluster": "quay", "environment": "production"}
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": ["rules.yaml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanagers]}]}]},
        "scrape_configs": [
            {"job_name": "prometheus", "static_configs": [{"targets": [address], "labels": place}]}
        ],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    command = [
        binary,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address={address}",
        # An Alertmanager that has just started hears of an alert as late as this.
        "--rules.alert.resend-delay=1s",
    ]
    process = Process("prometheus", command, folder)
    try:
        process.ready(f"http://{address}/-/ready", 30)
        yield process
    finally:
        process.stop()


def watchdog(catalog: Catalog) -> Json:
    """The rule file that holds it, with its group alone."""
    for file in rule_files(catalog):
        groups = [
            group
            for group in yaml.safe_load(encode(file))["groups"]
            if any(rule.get("alert") == "Watchdog" for rule in group["rules"])
        ]
        if groups:
            return {"groups": groups}
    raise AssertionError("no watchdog ships")


def beats_after(outside: Listener, moment: float) -> int:
    return sum(each.at > moment for each in outside.told)


def silent(outside: Listener, seconds: float) -> bool:
    """Whether nothing arrives for so long."""
    began = time.monotonic()
    time.sleep(seconds)
    return not beats_after(outside, began)


@pytest.mark.parametrize("binary", alertmanager.releases(), ids=lambda path: Path(path).name)
def test_it_arrives_until_something_stops(
    binary: str, need_binary: Callable[[str], str], shipped: Catalog, tmp_path: Path
) -> None:
    with alertmanager.listening() as outside:
        catalog = hurried(shipped, f"{outside.url}/beat")
        content = configuration(catalog, alert_labels(rule_files(catalog)))
        config = alertmanager.write(tmp_path, content, catalog.prefix, "http://127.0.0.1:1/")
        port, server = free_port(), need_binary(binary)
        rules, address = watchdog(catalog), f"127.0.0.1:{port}"
        with prometheus(need_binary("prometheus"), tmp_path, rules, address) as scraping:
            with alertmanager.running(server, config, tmp_path, port):
                wait(lambda: len(outside.told) >= 4, "four heartbeats")
            stopped = time.monotonic()
            gaps = [
                later.at - earlier.at
                for earlier, later in zip(outside.told, outside.told[1:], strict=False)
            ]
            assert max(gaps) <= EVERY + LATE, gaps
            assert silent(outside, EVERY + LATE), "it arrived although Alertmanager is down"
            assert not beats_after(outside, stopped)

            again = time.monotonic()
            with alertmanager.running(server, config, tmp_path, port):
                wait(lambda: beats_after(outside, again) >= 2, "heartbeats after a restart")
                # Without Prometheus the alert lasts for four resends more, and nobody is told
                # that it is over: that would be a sign of life.
                scraping.stop()
                time.sleep(4 + EVERY + LATE)
                assert silent(outside, EVERY + LATE), "it arrived although Prometheus is down"
        for each in outside.told:
            assert each.headers["Authorization"] == "Bearer a-token-of-ours"
            assert each.body["status"] == "firing"
            assert each.body["groupLabels"] == {"cluster": "quay", "environment": "production"}
            assert [alert["labels"]["alertname"] for alert in each.body["alerts"]] == ["Watchdog"]
