"""What has to be there before a verdict is fair, told by servers that we make up."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from catalog.load import load_catalog
from delivery.demo import fair
from simulate.fleet.http_server import Answer, Request, Server

ROOT = Path(__file__).resolve().parents[3]
UP = {"health": "up", "labels": {"job": "services", "instance": "a:1"}, "lastError": ""}
GOOD = {"name": "r", "health": "ok"}


class Told:
    """Answers each path with what it is told to."""

    def __init__(self) -> None:
        self.targets: list[dict[str, Any]] = [UP]
        self.rules: list[dict[str, Any]] = [GOOD]
        self.services: list[str] = []
        self.headers: list[dict[str, str]] = []

    def answer(self, asked: Request) -> Answer:
        self.headers.append(dict(asked.headers))
        path = asked.path.partition("?")[0]
        if path.endswith("/targets"):
            data: Any = {"activeTargets": self.targets}
        elif path.endswith("/rules"):
            data = {"groups": [{"name": "g", "rules": self.rules}]}
        else:
            data = {"result": [{"metric": {"service": each}} for each in self.services]}
        return Answer(200, json.dumps({"data": data}).encode(), "application/json")


@pytest.fixture
def told() -> Iterator[tuple[Told, SimpleNamespace]]:
    known = Told()
    server = Server(0, known.answer)
    url = f"http://127.0.0.1:{server.port}"
    catalog = load_catalog(ROOT / "catalog")
    known.services = [each.id for each in catalog.services]
    yield (
        known,
        SimpleNamespace(urls={"prometheus": url, "loki": url}, catalog=catalog, began=time.time()),
    )
    server.close()


def test_when_everything_is_in_nothing_is_missing(told: Any) -> None:
    assert list(fair.missing(told[1])) == []


def test_what_is_not_scraped_evaluated_or_logged_is_named(told: Any) -> None:
    known, stack = told
    known.targets = [{**UP, "health": "down", "lastError": "refused"}]
    known.rules = [GOOD, {"name": "new", "health": "unknown"}]
    gone = known.services.pop(0)
    assert list(fair.missing(stack)) == [
        "services at a:1 was not scraped: refused",
        "Prometheus's rule new in g: not evaluated yet",
        "Loki's rule new in g: not evaluated yet",
        f"no line of {gone} arrived in Loki within two minutes",
    ]


def test_a_loki_with_tenants_is_asked_for_ours(told: Any) -> None:
    known, stack = told
    stack.catalog = load_catalog(ROOT / "tests/fixtures/second")
    known.services = [each.id for each in stack.catalog.services]
    assert list(fair.missing(stack)) == []
    assert known.headers[-1]["x-scope-orgid"] == "port-authority"


def test_a_server_that_is_away_is_named(told: Any) -> None:
    _, stack = told
    stack.urls = {"prometheus": "http://127.0.0.1:1"}
    [found] = fair.missing(stack)
    assert found.startswith("a server does not answer: ")


def test_it_waits_for_the_time_and_then_for_what_is_slow(
    told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, stack = told
    known.rules = [{"name": "new", "health": "unknown"}]
    now = SimpleNamespace(seconds=1000.0, slept=[])

    def sleep(seconds: float) -> None:
        now.seconds += seconds
        now.slept.append(seconds)
        if now.seconds > 1060:
            known.rules = [GOOD]

    monkeypatch.setattr(fair, "time", SimpleNamespace(time=lambda: now.seconds, sleep=sleep))
    stack.began = 980.0
    said: list[str] = []
    assert fair.wait(stack, 60, said.append) == []
    assert 1060 < now.seconds < 1080, "telemetry for a minute, and a rule that was late"
    known.rules = [{"name": "never", "health": "unknown"}]
    stack.began = now.seconds
    monkeypatch.setattr(fair, "missing", lambda _: iter(["never"]))
    assert fair.wait(stack, 130, said.append) == ["never"]
    assert said == ["70 s until there is enough to judge", "10 s until there is enough to judge"]
