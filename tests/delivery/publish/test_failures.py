"""Every request goes wrong once, in every way: the end is the same."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, get_args

import pytest

from catalog.errors import UserError
from catalog.load import load_catalog
from delivery.publish.run import Wishes
from delivery.publish.run import publish as carry_out
from delivery.publish.servers import Reach
from delivery.publish.session import Source, servers
from tests.delivery.publish.conftest import CATALOG
from tests.delivery.publish.fake_grafana import Broken, FakeGrafana, Fault, State


@pytest.fixture(scope="module")
def source(tree: Path) -> Source:
    return Source(load_catalog(CATALOG), tree)


def publish(grafana: FakeGrafana, source: Source) -> int:
    """As the command does it, less the reading of the catalog; the exit status."""
    reach = Reach({"grafana": grafana.url})
    try:
        with servers(source, ["grafana"], reach, {"GRAFANA_TOKEN": grafana.token}) as found:
            return carry_out(found, Wishes(prune=True))
    except UserError as error:
        return error.exit_status


def essence(state: State) -> Any:
    """What it holds, without numbers that count saves."""
    return (
        {uid: each["title"] for uid, each in state.folders.items()},
        {
            uid: (
                {k: v for k, v in each["dashboard"].items() if k not in {"id", "version"}},
                each["folderUid"],
                each["message"],
            )
            for uid, each in state.dashboards.items()
        },
        {
            uid: {k: v for k, v in each.items() if k != "version"}
            for uid, each in state.datasources.items()
        },
        sorted(
            (each["sourceUID"], each["label"], str(each["config"]))
            for each in state.correlations.values()
        ),
    )


def prepared(grafana: FakeGrafana, situation: str) -> None:
    """The state before the publish that is broken."""
    state = grafana.state
    if situation == "empty":
        state.folders.clear()
        state.dashboards.clear()
        state.datasources.clear()
        state.correlations.clear()
        return
    uid = next(iter(state.dashboards))
    state.dashboards[uid]["dashboard"]["description"] = "as we published it before"
    if grafana.generation == 2:
        from delivery.publish.kinds.shipped_dashboards import normal
        from delivery.publish.model import digest

        each = state.dashboards[uid]
        mark = each["message"].rpartition(" ")[0]
        each["message"] = f"{mark} {digest(normal(each['dashboard']))}"
    old = copy.deepcopy(state.dashboards[uid])
    old["dashboard"].update(title="Old", uid=f"{uid}-old")
    state.dashboards[f"{uid}-old"] = old


@pytest.mark.parametrize("situation", ["empty", "changed"])
def test_one_broken_request_never_changes_the_end(
    grafana: FakeGrafana, source: Source, situation: str
) -> None:
    assert publish(grafana, source) == 0
    wanted = essence(grafana.state)
    whole = copy.deepcopy(grafana.state)
    prepared(grafana, situation)
    start = copy.deepcopy(grafana.state)
    grafana.seen.clear()
    assert publish(grafana, source) == 0
    assert essence(grafana.state) == wanted
    requests = len(grafana.seen)
    assert requests > len(whole.dashboards)
    for fault in get_args(Fault):
        for at in range(requests):
            grafana.state = copy.deepcopy(start)
            grafana.seen.clear()
            grafana.broken = Broken(at, fault)
            status = publish(grafana, source)
            grafana.broken = None
            assert status in {0, 3, 4}, (fault, at, status)
            if status:
                assert publish(grafana, source) == 0, (fault, at)
            assert essence(grafana.state) == wanted, (fault, at)
