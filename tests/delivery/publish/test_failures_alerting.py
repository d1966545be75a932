"""The same for Grafana's own alerting and the folders' permissions: each request breaks once."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from catalog.errors import UserError
from catalog.load import load_catalog
from delivery.publish.run import Wishes
from delivery.publish.run import publish as carry_out
from delivery.publish.servers import Reach
from delivery.publish.session import Source, servers
from tests.delivery.publish.conftest import CATALOG
from tests.delivery.publish.fake_alerting import AlertingState
from tests.delivery.publish.fake_grafana import Broken, FakeGrafana, Fault, State
from tests.delivery.publish.trees import board_files, read_once, rewritten

OF_WRITES = {"unanswered", "202", "502 done", "504 done"}
ALL = Wishes(adopt=True, overwrite=True, prune=True, sure=True)
SECRET = "https://hooks.example/T0/very-secret"  # noqa: S105 - it opens nothing
FILES = "grafana/alerting-managed"


@pytest.fixture(scope="module")
def source(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    """Two groups of two rules, a closed folder, no dashboard: as many requests as are kinds."""
    target = tmp_path_factory.mktemp("alerting") / "generated"
    kept = 0

    def thin(text: str) -> str:
        nonlocal kept
        document = yaml.safe_load(text)
        if "groups" not in document:
            return text
        groups = document["groups"][: max(0, 2 - kept)]
        kept += len(groups)
        for group in groups:
            group["rules"] = group["rules"][:2]
        return yaml.safe_dump({**document, "groups": groups}, allow_unicode=True)

    def close(text: str) -> str:
        document = json.loads(text)
        document["folders"][-1]["permissions"] = {"Viewer": "none", "Editor": "view"}
        return json.dumps(document)

    files = sorted(path.relative_to(tree).as_posix() for path in (tree / FILES).glob("*.yaml"))
    edits = dict.fromkeys(files, thin) | {"grafana/folders.json": close}
    rewritten(tree, target, edits, gone=tuple(board_files(tree).values()))
    with read_once(target):
        yield Source(load_catalog(CATALOG), target, alerts="grafana")


@pytest.fixture
def grafana() -> Iterator[FakeGrafana]:
    """Alerting is the same in both generations."""
    fake = FakeGrafana(1)
    yield fake
    fake.stop()


def publish(grafana: FakeGrafana, source: Source, wishes: Wishes = ALL) -> int:
    environ = {"GRAFANA_TOKEN": grafana.token, "SLACK_API_URL": SECRET}
    try:
        with servers(source, ["grafana"], Reach({"grafana": grafana.url}), environ) as found:
            return carry_out(found, wishes)
    except UserError as error:
        return error.exit_status


def essence(state: AlertingState) -> str:
    return json.dumps(
        [
            state.templates,
            state.timings,
            state.points,
            state.secrets,
            state.tree,
            state.rules,
            sorted(
                (*place, each) for place, each in state.intervals.items() if _used(state, place)
            ),
            state.permissions,
        ],
        sort_keys=True,
    )


def _used(state: AlertingState, place: tuple[str, str]) -> bool:
    return any((each["folderUID"], each["ruleGroup"]) == place for each in state.rules.values())


def empty(grafana: FakeGrafana) -> None:
    grafana.state = State()


def edited(grafana: FakeGrafana) -> None:
    """Somebody changes one of each kind, and removes a rule."""
    state = grafana.state.alerting
    first, *_, last = state.rules
    state.rules[first]["for"] = "59m"
    del state.rules[last]
    next(iter(state.points.values()))["disableResolveMessage"] = True
    next(iter(state.templates.values()))["template"] = "{{ mine }}"
    state.tree = {**state.tree, "group_wait": "17s"}


def opened(grafana: FakeGrafana) -> None:
    """Somebody lets all viewers into every folder."""
    grafana.state.alerting.permissions.clear()


def left_over(grafana: FakeGrafana) -> None:
    """A group, a contact point and a template that generated/ no longer holds."""
    state = grafana.state.alerting
    rule = copy.deepcopy(next(iter(state.rules.values())))
    place = (rule["folderUID"], "old")
    state.rules["market-old"] = {**rule, "uid": "market-old", "title": "Old", "ruleGroup": "old"}
    state.intervals[place] = 60
    point = copy.deepcopy(next(iter(state.points.values())))
    state.points["market-old"] = {**point, "uid": "market-old", "name": "market old"}
    state.templates["market-old"] = {"name": "market-old", "template": "{{ old }}"}


def in_the_way(grafana: FakeGrafana) -> None:
    """A contact point of somebody else has the name of one of ours."""
    state = grafana.state.alerting
    uid, point = next(iter(state.points.items()))
    del state.points[uid]
    state.points["rival"] = {**point, "uid": "rival"}
    state.secrets["rival"] = state.secrets.pop(uid)


SITUATIONS: Mapping[str, Callable[[FakeGrafana], None]] = {
    each.__name__: each for each in (empty, edited, opened, left_over, in_the_way)
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_one_broken_request_never_changes_the_end(
    grafana: FakeGrafana, source: Source, situation: str
) -> None:
    assert publish(grafana, source) == 0
    SITUATIONS[situation](grafana)
    start = copy.deepcopy(grafana.state)
    grafana.seen.clear()
    assert publish(grafana, source) == 0
    methods = [method for method, _ in grafana.seen]
    wanted, writes = essence(grafana.state.alerting), len(grafana.writes())
    assert writes
    for broken in _faults(methods):
        grafana.state = copy.deepcopy(start)
        grafana.seen.clear()
        grafana.broken = broken
        status = publish(grafana, source)
        grafana.broken = None
        assert status in {0, 3, 4}, (broken, status)
        assert len(grafana.writes()) <= writes + 5, broken
        if status:
            assert publish(grafana, source) == 0, broken
        assert essence(grafana.state.alerting) == wanted, broken
    grafana.seen.clear()
    assert publish(grafana, source, Wishes()) == 0
    assert grafana.writes() == []


def _faults(methods: list[str]) -> Iterator[Broken]:
    for at, method in enumerate(methods):
        for fault in get_args(Fault):
            if method != "GET" or fault not in OF_WRITES:
                yield Broken(at, fault)


def test_what_gives_way_is_gone_although_an_answer_was_lost(
    grafana: FakeGrafana, source: Source
) -> None:
    """The rival goes after ours is there, and ours alone is not the end."""
    assert publish(grafana, source) == 0
    in_the_way(grafana)
    grafana.seen.clear()
    start: Any = copy.deepcopy(grafana.state)
    assert publish(grafana, source) == 0
    at = [method for method, _ in grafana.seen].index("POST")
    grafana.state, grafana.broken = start, Broken(at, "unanswered")
    grafana.seen.clear()
    grafana.broken = Broken(at, "unanswered")
    assert publish(grafana, source) == 0
    assert "rival" not in grafana.state.alerting.points


@pytest.mark.parametrize("situation", [empty, left_over, in_the_way])
def test_what_was_cut_off_anywhere_is_finished_without_a_word_of_edits(
    grafana: FakeGrafana, source: Source, situation: Callable[[FakeGrafana], None]
) -> None:
    """As if the publisher had been killed: from some request on, nothing reaches the server."""
    wishes = Wishes(adopt=True, prune=True, sure=True)
    assert publish(grafana, source) == 0
    situation(grafana)
    start = copy.deepcopy(grafana.state)
    grafana.seen.clear()
    assert publish(grafana, source, wishes) == 0
    requests, wanted = len(grafana.seen), essence(grafana.state.alerting)
    for at in range(requests):
        grafana.state = copy.deepcopy(start)
        grafana.seen.clear()
        grafana.broken = Broken(at, "lost", times=10**6)
        assert publish(grafana, source, wishes) in {3, 4}, at
        grafana.broken = None
        assert publish(grafana, source, wishes) == 0, at
        assert essence(grafana.state.alerting) == wanted, at
