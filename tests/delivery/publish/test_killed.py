"""Killed at any request, or beside another publisher: the same command then ends where it must."""

from __future__ import annotations

import copy
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.delivery.publish.conftest import CATALOG
from tests.delivery.publish.fake_grafana import FakeGrafana
from tests.delivery.publish.test_failures import (
    add_foreign,
    essence,
    foreign,
    in_the_way,
    left_over,
    older,
    small,
)
from tests.delivery.publish.trees import board_files, changed

__all__ = ["small"]
#: The publisher as its own process, which reads the catalog once and then waits for each go.
_PROGRAM = f"""
import os, sys
from pathlib import Path
from catalog.load import load_catalog
from catalog.errors import UserError
from delivery.publish.run import Wishes, publish
from delivery.publish.servers import Reach
from delivery.publish.session import Source, servers
source = Source(load_catalog(Path({str(CATALOG)!r})), Path(sys.argv[1]))
wishes = Wishes(adopt=True, overwrite=True, prune=True, sure=True)
def run():
    try:
        with servers(source, ["grafana"], Reach({{}}), os.environ) as found:
            return publish(found, wishes)
    except UserError as error:
        print(error, file=sys.stderr)
        return error.exit_status
for line in sys.stdin:
    child = os.fork()
    if not child:
        os._exit(run())
    print("began", child, file=sys.stderr, flush=True)
    _, status = os.waitpid(child, 0)
    print("ended", os.waitstatus_to_exitcode(status), file=sys.stderr, flush=True)
"""


class Publisher:
    """Forks one publish at a time, so that hundreds of them cost no start of Python each."""

    def __init__(self, grafana: FakeGrafana, tree: Path) -> None:
        environ = {**os.environ, "GRAFANA_URL": grafana.url, "GRAFANA_TOKEN": grafana.token}
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, str(tree)],
            cwd=ROOT,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.child = 0

    def begin(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        self.child = int(self._line("began"))

    def end(self) -> int:
        """The exit status; minus the signal's number if one ended it."""
        return int(self._line("ended"))

    def run(self) -> int:
        self.begin()
        return self.end()

    def _line(self, word: str) -> str:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if line.startswith(word):
                return line.removeprefix(word)
        raise AssertionError("the publisher ended")

    def close(self) -> None:
        self._process.stdin.close()  # type: ignore[union-attr]
        self._process.wait(30)
        self._process.stderr.close()  # type: ignore[union-attr]


@pytest.mark.parametrize("situation", ["first", "later"])
def test_killed_at_any_request_it_ends_in_the_same_place(
    grafana: FakeGrafana, small: Path, situation: str
) -> None:
    add_foreign(grafana.state)
    theirs = foreign(grafana.state)
    publisher = Publisher(grafana, small)
    try:
        if situation == "later":
            assert publisher.run() == 0
            for spoil in (older, left_over, in_the_way):
                spoil(grafana)
        start = copy.deepcopy(grafana.state)
        grafana.seen.clear()
        assert publisher.run() == 0
        wanted, methods = essence(grafana.state), [method for method, _ in grafana.seen]
        assert len(methods) > 10
        # A write is killed before it is carried out, and after; for a read that is the same.
        for at, done in [
            (at, done)
            for at, method in enumerate(methods)
            for done in ((False,) if method == "GET" else (False, True))
        ]:
            grafana.state = copy.deepcopy(start)
            grafana.seen.clear()
            publisher.child = 0
            hook = _kill(publisher, at, grafana)
            grafana.meddle, grafana.after = (None, hook) if done else (hook, None)
            publisher.begin()
            status = publisher.end()
            grafana.meddle = grafana.after = None
            assert status == -signal.SIGKILL, at
            _quiet(grafana)
            assert publisher.run() == 0, at
            assert essence(grafana.state) == wanted, at
            assert foreign(grafana.state) == theirs, at
    finally:
        publisher.close()


def _kill(publisher: Publisher, at: int, grafana: FakeGrafana) -> Callable[[str, str], None]:
    def hook(method: str, path: str) -> None:
        if len(grafana.seen) == at + 1:
            while not publisher.child:
                time.sleep(0)
            os.kill(publisher.child, signal.SIGKILL)

    return hook


def _quiet(grafana: FakeGrafana) -> None:
    """Requests that were on their way when it was killed are still carried out."""
    seen = -1
    while seen != len(grafana.seen):
        seen = len(grafana.seen)
        os.sched_yield()


@pytest.mark.parametrize("same", [True, False], ids=["the same tree", "different trees"])
def test_of_two_at_once_one_wins_each_object(
    grafana: FakeGrafana, small: Path, tmp_path: Path, same: bool
) -> None:
    other = small
    if not same:

        def differently(document: dict[str, object]) -> None:
            document["description"] = "as the other one wants it"

        edits = dict.fromkeys(board_files(small).values(), differently)
        other = changed(small, tmp_path / "other", edits)
    add_foreign(grafana.state)
    theirs = foreign(grafana.state)
    pair = Publisher(grafana, small), Publisher(grafana, other)
    try:
        alone = set()
        for each in pair:
            assert each.run() == 0
            alone.add(str(sorted(essence(grafana.state)[1].items())))
        boards = essence(grafana.state)[1].keys()
        for _ in range(6):
            for kind in ("folders", "dashboards", "datasources", "correlations"):
                held = getattr(grafana.state, kind)
                for key in [key for key in held if key != "theirs"]:
                    del held[key]
            for each in pair:
                each.begin()
            statuses = {each.end() for each in pair}
            assert statuses <= {0, 1, 3, 4}, statuses
            found = essence(grafana.state)
            assert found[1].keys() == boards
            labels = [(source, label) for source, label, _ in found[3]]
            assert len(labels) == len(set(labels)), labels
            assert foreign(grafana.state) == theirs
        assert pair[0].run() == 0
        assert str(sorted(essence(grafana.state)[1].items())) in alone
    finally:
        for each in pair:
            each.close()
