"""What publishing 1,000 dashboards costs on a real Grafana, beside plain GETs of the same ones."""

from __future__ import annotations

import contextlib
import io
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from catalog.load import load_catalog
from delivery.publish.run import Wishes, publish
from delivery.publish.servers import Reach
from delivery.publish.session import Source, servers
from delivery.publish.transport import CONCURRENCY, Transport
from tests.delivery.publish.trees import board_files, changed, with_boards
from tests.live.alone import alone
from tests.live.servers import find, missing

ROOT = Path(__file__).resolve().parents[2]
CATALOG = ROOT / "tests" / "fixtures" / "minimal"
COUNT = 1000
ROUNDS = 3


def measure_publishing(work: Path, count: int = COUNT) -> None:
    """First time, no change and one changed, as multiples of GETs measured in between."""
    print()
    grafana = next(iter(find("grafana")), None)
    if grafana is None:
        print(f"Publishing {count} dashboards: skipped, {missing('grafana')}")
        return
    from delivery.cli import main

    work.mkdir(parents=True)
    small, tree = work / "small", work / "many"
    with contextlib.redirect_stdout(io.StringIO()):
        if main(["build", "--catalog", str(CATALOG), "--out", str(small)]):
            raise SystemExit("the small catalog does not build")
    with_boards(small, tree, count)
    uid, path = next(iter(board_files(tree).items()))
    other = changed(tree, work / "other", {path: lambda board: board.update(description="new")})
    with alone(grafana, work / "grafana") as running:
        token = running.token("Admin", "bench")
        seen: list[str] = []
        source = Source(load_catalog(CATALOG), tree)

        def run(of: Path = tree) -> tuple[float, int, int]:
            seen.clear()
            again = Source(source.catalog, of)
            seconds = _timed(lambda: _publish(again, running.url, token))
            return seconds, len(seen), sum(method != "GET" for method in seen)

        with _counted(seen):
            first = run()
            gets, same = [], []
            for _ in range(ROUNDS):
                gets.append(_timed(lambda: _get_all(running.url, token, board_files(tree))))
                same.append(run())
            one = run(other)
    base = statistics.median(gets)
    print(f"Publishing {count} dashboards on {grafana}; aim: no change within 1.3 times the GETs")
    print(f"  {CONCURRENCY} at a time, plain GETs of them    1.00   ({base:.2f} s here)")
    unchanged = sorted(same)[len(same) // 2]
    for name, (seconds, requested, written) in (
        ("first time", first),
        ("no change", unchanged),
        (f"one changed ({uid})", one),
    ):
        print(f"  {name:32} {seconds / base:8.2f}   {requested} requests, {written} writes")


def _timed(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _publish(source: Source, url: str, token: str) -> None:
    said = io.StringIO()
    with (
        contextlib.redirect_stdout(said),
        servers(source, ["grafana"], Reach({"grafana": url}), {"GRAFANA_TOKEN": token}) as found,
    ):
        if publish(found, Wishes()):
            raise SystemExit(f"the publish failed: {said.getvalue()[-2000:]}")


def _get_all(url: str, token: str, uids: Any) -> None:
    with requests.Session() as session, ThreadPoolExecutor(CONCURRENCY) as pool:
        session.mount("http://", HTTPAdapter(pool_maxsize=CONCURRENCY))
        session.headers["Authorization"] = f"Bearer {token}"
        for answer in pool.map(
            lambda uid: session.get(f"{url}/api/dashboards/uid/{uid}", timeout=60), uids
        ):
            answer.raise_for_status()
            answer.json()


@contextlib.contextmanager
def _counted(seen: list[str]) -> Any:
    """Every request of ours by its method."""
    send = Transport._send

    def counting(self: Transport, method: str, *arguments: Any, **more: Any) -> Any:
        seen.append(method)
        return send(self, method, *arguments, **more)  # type: ignore[arg-type]

    Transport._send = counting  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        Transport._send = send  # type: ignore[method-assign]
