"""Rulers of Loki and Mimir, and what Prometheus has loaded."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
import yaml

from catalog.errors import UserError
from catalog.load import load_catalog
from delivery.cli import main
from delivery.publish import transport
from delivery.publish.kinds.durations import seconds
from delivery.publish.run import Wishes
from delivery.publish.run import publish as carry_out
from delivery.publish.servers import Reach
from delivery.publish.session import Source, servers
from tests.delivery.publish.conftest import CATALOG, Run
from tests.delivery.publish.fake_grafana import Broken, Fault
from tests.delivery.publish.fake_rulers import FakePrometheus, FakeRuler
from tests.delivery.publish.trees import read_once

ROOTS = {"loki": "/loki/api/v1/rules", "mimir": "/prometheus/config/v1/rules"}


@pytest.fixture(params=sorted(ROOTS))
def ruler(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeRuler]:
    fake = FakeRuler(ROOTS[request.param])
    for name in ("GRAFANA", "LOKI", "MIMIR", "PROMETHEUS"):
        monkeypatch.delenv(f"{name}_URL", raising=False)
    monkeypatch.setenv(f"{request.param.upper()}_URL", fake.url)
    monkeypatch.setattr(transport.time, "sleep", lambda _: None)
    yield fake
    fake.stop()


@pytest.fixture
def call(tree: Path) -> Run:
    def run(command: str, *arguments: str) -> int:
        return main([command, "--catalog", str(CATALOG), "--generated", str(tree), *arguments])

    return run


def test_groups_are_published_once_changed_and_pruned(ruler: FakeRuler, call: Run) -> None:
    assert call("publish") == 0
    assert ruler.spaces
    assert call("plan", "--exit-code") == 0
    whole = copy.deepcopy(ruler.spaces)
    space, groups = next(iter(ruler.spaces.items()))
    next(iter(groups.values()))["interval"] = "7m"
    ruler.spaces[space]["old"] = {"name": "old", "rules": [{"record": "a:b", "expr": "1"}]}
    ruler.spaces["theirs"] = {"x": {"name": "x", "rules": [{"record": "a:b", "expr": "1"}]}}
    assert call("publish") == 0
    assert "old" in ruler.spaces[space]
    assert call("publish", "--prune") == 0
    assert ruler.spaces == {**whole, "theirs": ruler.spaces["theirs"]}


def test_a_ruler_that_reads_files_is_left_alone(
    ruler: FakeRuler, call: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    ruler.local = True
    assert call("publish") == 0
    assert ruler.writes() == []
    capsys.readouterr()
    assert call("plan", "--exit-code") == 0
    told = capsys.readouterr().out
    assert "its ruler reads rules from files, and takes none over its API: mount generated/" in told
    ruler.tells = False
    assert call("publish") == 0
    assert "left + " in capsys.readouterr().out


def test_a_tenant_at_its_limit_is_told_so(
    ruler: FakeRuler, call: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    ruler.limit = 1
    assert call("publish") == 4
    told = capsys.readouterr().out
    assert "the tenant has as many as it may (per-user rule groups limit (limit: 1" in told
    assert "at the limit not even a group that is there can change" in told


def test_what_is_only_taken_is_waited_for(ruler: FakeRuler, call: Run) -> None:
    ruler.late = 2
    assert call("publish") == 0
    assert len(ruler.writes()) == sum(map(len, ruler.spaces.values()))
    assert call("plan", "--exit-code") == 0
    space, groups = next(iter(ruler.spaces.items()))
    groups["old"] = {"name": "old", "rules": [{"record": "a:b", "expr": "1"}]}
    assert call("publish", "--prune") == 0
    assert "old" not in ruler.spaces[space]


def test_what_was_taken_and_never_done_is_written_again(ruler: FakeRuler, call: Run) -> None:
    ruler.dropped = 1
    assert call("publish") == 0
    assert len(ruler.writes()) == sum(map(len, ruler.spaces.values())) + 1
    assert call("plan", "--exit-code") == 0


def test_a_ruler_that_only_ever_takes_has_failed(
    ruler: FakeRuler, call: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    ruler.dropped = 10**6
    assert call("publish") == 3
    told = capsys.readouterr().out
    assert ": it answers 202, and it is not so yet, again and again\n" in told
    assert "0 written" in told


def test_one_broken_request_never_changes_the_end(ruler: FakeRuler, tree: Path) -> None:
    """Groups that are new, differ, or are left over, and one of somebody else."""
    source = Source(load_catalog(CATALOG), tree)
    target = "loki" if ruler.root == ROOTS["loki"] else "mimir"
    where = Reach({target: ruler.url})

    def publish() -> int:
        try:
            with servers(source, [target], where, {}) as found:
                return carry_out(found, Wishes(prune=True, sure=True))
        except UserError as error:
            return error.exit_status

    with read_once(tree):
        assert publish() == 0
        space, groups = next(iter(ruler.spaces.items()))
        first, *_ = groups.values()
        first["interval"] = "7m"
        other = next(name for name in ruler.spaces if name != space)
        ruler.spaces[other].popitem()
        groups["old"] = {"name": "old", "rules": [{"record": "a:b", "expr": "1"}]}
        ruler.spaces["theirs"] = {"x": {"name": "x", "rules": [{"record": "a:b", "expr": "1"}]}}
        start = copy.deepcopy(ruler.spaces)
        ruler.seen.clear()
        assert publish() == 0
        wanted, methods = copy.deepcopy(ruler.spaces), [method for method, *_ in ruler.seen]
        assert len(ruler.writes()) == 3
        for at, method in enumerate(methods):
            for fault in get_args(Fault):
                if method == "GET" and fault in {"unanswered", "202", "502 done", "504 done"}:
                    continue
                ruler.spaces = copy.deepcopy(start)
                ruler.seen.clear()
                ruler.broken = Broken(at, fault)
                status = publish()
                ruler.broken = None
                assert status in {0, 3, 4}, (at, fault, status)
                assert len(ruler.writes()) <= 3 + 5, (at, fault)
                assert not status or publish() == 0, (at, fault)
                assert ruler.spaces == wanted, (at, fault)


@pytest.mark.parametrize(
    "page",
    [
        "a: &a []\nb: *a\n",
        "[" * 5000,
        "<html><title>Log in</title></html>",
        "<p>it: does: not</p>",
        "spaces: {a: [b]}",
        "[]",
    ],
)
def test_what_is_no_ruler_gets_one_clear_error(
    ruler: FakeRuler, call: Run, capsys: pytest.CaptureFixture[str], page: str
) -> None:
    ruler.page = page
    assert call("publish") == 3
    assert capsys.readouterr().err == (
        f"{ruler.url}{ruler.root}: answers with something else than groups of rules. "
        "Is it the server you meant?\n"
    )
    assert ruler.writes() == []


def test_where_grafana_alerts_the_ruler_records_only(ruler: FakeRuler, call: Run) -> None:
    assert call("publish") == 0
    assert call("publish", "--alerts", "grafana") == 1
    assert call("publish", "--alerts", "grafana", "--prune", "--yes") == 0
    rules = [
        rule
        for groups in ruler.spaces.values()
        for group in groups.values()
        for rule in group["rules"]
    ]
    assert rules
    assert all("record" in rule for rule in rules)


@pytest.fixture
def prometheus(tree: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakePrometheus]:
    files = {
        path.name: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted((tree / "prometheus/rules").glob("*.yaml"))
    }
    fake = FakePrometheus(files)
    for name in ("GRAFANA", "LOKI", "MIMIR"):
        monkeypatch.delenv(f"{name}_URL", raising=False)
    monkeypatch.setenv("PROMETHEUS_URL", fake.url)
    yield fake
    fake.stop()


def test_prometheus_reads_its_files_again_and_is_looked_at(
    prometheus: FakePrometheus, call: Run
) -> None:
    assert call("plan", "--exit-code") == 1
    assert call("publish") == 0
    assert [each[:2] for each in prometheus.writes()] == [("POST", "/-/reload")]
    assert call("plan", "--exit-code") == 0
    assert call("publish") == 0
    assert len(prometheus.writes()) == 1


def test_files_that_are_not_ours_are_named(
    prometheus: FakePrometheus, call: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    name = next(iter(prometheus.files))
    prometheus.files[name]["groups"][0]["rules"][0]["expr"] = "vector(1)"
    assert call("publish") == 3
    told = capsys.readouterr().out
    assert "it has read its files again, and they are not those of generated/prometheus/" in told


def test_a_prometheus_that_takes_no_reload_is_left_alone(
    prometheus: FakePrometheus, call: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    prometheus.lifecycle = False
    assert call("publish") == 0
    assert prometheus.writes() == []
    assert call("plan", "--exit-code") == 0
    assert "takes no request to read them again (--web.enable-lifecycle)" in capsys.readouterr().out


def test_a_configuration_that_cannot_be_read_fails(prometheus: FakePrometheus, call: Run) -> None:
    prometheus.broken = True
    assert call("publish") == 3


@pytest.mark.parametrize(
    ("text", "value"),
    [("5m", 300), ("5m0s", 300), ("1h30m", 5400), ("1d", 86400), (30, 30), ("100ms", 0.1)],
)
def test_durations(text: object, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["", "soon", "5", "5m and more"])
def test_what_is_no_duration_is_none_of_ours(text: str) -> None:
    assert seconds(text) < 0
