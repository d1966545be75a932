"""One stack for all tests of a pair of releases, and what is known of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live.ask import Grafana
from tests.live.deployed_loki import Place, memcached, moto, store
from tests.live.servers import Server, find, missing
from tests.live.stack import Runner, Stack, found

Json = dict[str, Any]
_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs a server."""
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.live)


def pairs() -> list[tuple[Server | None, Server | None]]:
    """Grafana and Loki: each release of the one with the newest of the other."""
    grafanas = sorted(find("grafana"), key=lambda each: each.version) or [None]
    lokis = sorted(find("loki"), key=lambda each: each.version) or [None]
    chosen = [(each, lokis[-1]) for each in grafanas] + [(grafanas[-1], each) for each in lokis]
    return sorted(set(chosen), key=lambda pair: (str(pair[1]), str(pair[0])))


@pytest.fixture(
    scope="session",
    params=pairs(),
    ids=lambda pair: "-".join(str(each).replace(" ", "_") for each in pair if each) or "none",
)
def stack(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """Everything that this machine has, provisioned and fed; skipped without a Grafana."""
    grafana, loki = request.param
    if grafana is None:
        pytest.skip(missing("grafana"))
    hours = float(os.environ.get("LIVE_HOURS", "6"))
    plan = found(grafana=grafana, loki=loki, hours=hours)
    folder = tmp_path_factory.mktemp("stack")
    with Runner(plan, folder) as running:
        for note in (*plan.missing, *running.notes):
            print(note)
        yield running


@pytest.fixture(scope="session")
def grafana(stack: Stack) -> Grafana:
    """Asks that Grafana."""
    return Grafana(stack.grafana, stack)


def dashboard_files(generated: Path) -> dict[str, Json]:
    """Every generated dashboard by its file's path below the folder."""
    folder = generated / "grafana/dashboards"
    return {
        path.relative_to(folder).as_posix(): json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.rglob("*.json"))
    }


@pytest.fixture(scope="session")
def dashboards(stack: Stack) -> dict[str, Json]:
    """Every generated dashboard of the stack."""
    return dashboard_files(stack.generated)


@pytest.fixture(params=find("loki") or [None], ids=str)
def loki(request: pytest.FixtureRequest) -> Server:
    """Each release of Loki that there is."""
    if request.param is None:
        pytest.skip(missing("loki"))
    server: Server = request.param
    return server


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A place for one Loki, with a store and a cache beside it."""
    if not find("memcached"):
        pytest.skip(missing("memcached"))
    if not moto():
        pytest.skip("no S3: moto_server is not on the PATH, and MOTO_BIN names none")
    with store(tmp_path / "store") as url, memcached(tmp_path / "memcached") as cache:
        yield Place(tmp_path / "loki", url, cache)
