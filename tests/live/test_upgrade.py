"""docs/upgrading.md, done: 2.9.4 to 3.x, boltdb-shipper to tsdb, Promtail to Alloy, all lines kept.

One folder, one bucket and one set of log files go through all steps. Lines of three days ago lie
under the older index, those around the midnight between both under either, and those of the
agents in the log files: every one is looked for in the end, by listing it and by counting it.
Nobody asks Loki to flush the agents' lines: it is ended and started as a rollout does.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from catalog.model import Catalog
from simulate.log_lines import WrittenLine
from tests.live import agents
from tests.live.agent_samples import SHIPPED, altered, written
from tests.live.deployed_loki import (
    Place,
    catalog_with,
    flush,
    here,
    lines_of,
    push,
    rendered,
    running,
    verdict,
)
from tests.live.servers import Process, Server, find, free_port, missing, until
from tests.pipeline.planted import PLANTED

Json = dict[str, Any]
DAY = 86400
#: Lines told by hand: a quarter of an hour on either side of midnight, one every five seconds.
SIDE, EVERY = 900, 5


@dataclass(frozen=True)
class Releases:
    """What is upgraded, and to what."""

    older: Server
    newer: Server
    promtail: Server
    alloy: Server


@pytest.fixture(scope="module")
def releases() -> Releases:
    lokis = sorted(find("loki"), key=lambda each: each.version)
    if not lokis or lokis[0].version >= (3,):
        pytest.skip("no Loki 2.x: LOKI_BIN names none")
    if lokis[-1].version < (3,):
        pytest.skip("no Loki 3.x: LOKI_BIN names none")
    chosen = []
    for kind in ("promtail", "alloy"):
        server = next(iter(find(kind)), None)
        if server is None:
            pytest.skip(missing(kind))
        chosen.append(server)
    return Releases(lokis[0], lokis[-1], *chosen)


def midnight(days: int) -> datetime:
    """The midnight, in UTC, that so many days from now began with or will."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=days)


def catalog_of(folder: Path, since: datetime, *, migrating: bool) -> Catalog:
    """The committed catalog with the day of the newer index."""
    return catalog_with(
        folder,
        ("deployment.yaml", 'tsdb_since: "2025-01-01"', f'tsdb_since: "{since.date()}"'),
        ("deployment.yaml", "migrating: false", f"migrating: {str(migrating).lower()}"),
    )


def settings(catalog: Catalog, server: Server, place: Place) -> Json:
    """What ships for that release, here; one tenant, as a host's agent knows of none.

    Nobody else is in the ring, so nobody has to be waited for.
    """
    found = here(rendered(catalog, server.release), place) | {"auth_enabled": False}
    found["ingester"]["lifecycler"] = {"min_ready_duration": "0s"}
    return found


def told(first: float, last: float) -> list[tuple[float, str]]:
    """A line every few seconds between two moments, each with its own text; none on either."""
    return [
        (moment, f"at {moment:.0f}")
        for moment in (first + 1 + EVERY * step for step in range(int((last - first) // EVERY)))
    ]


def put(url: str, lines: list[tuple[float, str]], **metadata: str) -> None:
    """As the stream that no agent writes; what is older than three hours is asked of the store."""
    answer = push(url, {"service": "by-hand"}, lines, **metadata)
    assert answer.status_code == 204, answer.text


def found(url: str, first: float, last: float) -> list[str]:
    """The texts of that stream, doubles included."""
    return lines_of(url, '{service="by-hand"}', first, last)


def counted(url: str, moment: float, seconds: int) -> int:
    """What a query that counts says of that stream in the seconds before a moment."""
    return agents.counted(url, '{service="by-hand"}', int(moment * 1e9), seconds)


def texts(lines: list[tuple[float, str]]) -> list[str]:
    return sorted(text for _, text in lines)


def as_they_are(lines: list[WrittenLine]) -> list[WrittenLine]:
    """Those that an agent passes on as they were written: the ones with secrets it changes."""
    secrets = {each.message for each in PLANTED}
    return [line for line in lines if line.values[line.pod.service.logs.message] not in secrets]


@dataclass
class Files:
    """The log files, what was written into them, and who reads them."""

    at: agents.Address
    folder: Path
    began: float
    lines: list[WrittenLine]

    def write(self, more: list[WrittenLine]) -> None:
        agents.write(self.at.root, more)
        self.lines += more

    @contextmanager
    def read_by(self, server: Server) -> Iterator[Process]:
        """An agent that goes on where the one before it stopped; the release decides its file."""
        config = agents.configuration(
            server.kind, server, SHIPPED, self.at, self.folder / f"{server.kind}-{free_port()}"
        )
        process = agents.start(server, config, self.at)
        try:
            yield process
        finally:
            process.stop()

    def arrived(self, process: Process) -> None:
        """Until Loki has each line that was written."""
        try:
            until(lambda: not self.lost(), 90, "each line of the files", process.tail)
        except RuntimeError:
            print(f"{sum(self.lost().values())} of {len(self.lines)} are missing")
            raise

    def _wanted(self) -> Counter[str]:
        return Counter(line.text for line in self.lines)

    def _stored(self) -> Counter[str]:
        return Counter(
            each.text for each in agents.stored(self.at.loki, self.selector, *self.window)
        )

    def lost(self) -> Counter[str]:
        """What was written and is not in Loki."""
        return self._wanted() - self._stored()

    def twice(self) -> int:
        """How many lines Loki holds a second time; all of them must be there."""
        wanted, have = self._wanted(), self._stored()
        assert not wanted - have
        assert not have.keys() - wanted.keys(), "a line that nobody wrote"
        return sum((have - wanted).values())

    def counted(self) -> int:
        since, end = self.window
        return agents.counted(self.at.loki, self.selector, end, (end - since) // 10**9)

    selector = '{service=~".+", service!="by-hand"}'

    @property
    def window(self) -> tuple[int, int]:
        return int((self.began - 1000) * 1e9), int((self.began + 600) * 1e9)


def test_every_line_is_there_after_all_steps(
    releases: Releases, place: Place, tmp_path: Path
) -> None:
    since = midnight(-1)
    edge = since.timestamp()
    before = catalog_of(tmp_path / "before", since, migrating=False)
    during = catalog_of(tmp_path / "during", since, migrating=True)
    now = time.time()
    at = agents.Address(tmp_path / "logs", tmp_path / "state", free_port(), free_port(), place.url)
    files = Files(at, tmp_path, now, [])
    samples = as_they_are(written(SHIPPED, "host", False, now))
    third = len(samples) // 3
    old, across, after = (
        told(now - 3 * DAY, now - 3 * DAY + SIDE),
        told(edge - SIDE, edge + SIDE),
        told(now - 120, now - 60),
    )

    # 2.9.4 as it ships: one index, Promtail in front of it.
    with running(releases.older, settings(before, releases.older, place), place):
        put(place.url, old)
        flush(place.url)
        with files.read_by(releases.promtail) as promtail:
            files.write(samples[:third])
            files.arrived(promtail)
    # Step 1: the same release is told of the day.
    with files.read_by(releases.promtail) as promtail:
        with running(releases.older, settings(during, releases.older, place), place):
            put(place.url, across)
            flush(place.url)
            files.write(samples[third : 2 * third])
            files.arrived(promtail)
            assert counted(place.url, edge + SIDE, 2 * SIDE) == len(across)
        # Step 2: Loki is away while lines are written, and comes back as the newer release.
        files.write(samples[2 * third :])
        with running(releases.newer, settings(during, releases.newer, place), place):
            put(place.url, after)
            files.arrived(promtail)
            assert found(place.url, now - 4 * DAY, now) == texts(old + across + after)
            assert counted(place.url, edge + SIDE, 2 * SIDE) == len(across)
            assert counted(place.url, edge, SIDE) == counted(place.url, edge + SIDE, SIDE)
            assert files.twice() == 0
    # Step 3: Alloy in Promtail's place, with what it left in the files unread.
    more = [altered(samples[-1], second, message=f"no. {second}") for second in range(100, 200)]
    files.write(more)
    with running(releases.newer, settings(during, releases.newer, place), place):
        with files.read_by(releases.alloy) as alloy:
            files.arrived(alloy)
        doubles = files.twice()
        many = files.counted()
        print(f"{len(files.lines)} lines by agents, {doubles} of them twice, counted {many}")
        assert (doubles, many) == (0, len(files.lines))
        page = requests.get(f"{place.url}/metrics", timeout=20).text
        assert "loki_discarded_samples_total{" not in page
        assert found(place.url, now - 4 * DAY, now) == texts(old + across + after)


def test_the_way_back_to_the_older_release(
    releases: Releases, place: Place, tmp_path: Path
) -> None:
    """What 3.x stored is read by a 2.9.4 that knows both indexes; fields beside lines hide none."""
    since = midnight(-1)
    during = catalog_of(tmp_path / "during", since, migrating=True)
    now = time.time()
    stored, pending = told(now - 600, now - 300), told(now - 300, now - 60)
    with running(releases.newer, settings(during, releases.newer, place), place):
        put(place.url, stored, trace_id="abc")
        flush(place.url)
        put(place.url, pending, trace_id="abc")
    with running(releases.older, settings(during, releases.older, place), place):
        assert found(place.url, now - DAY, now) == texts(stored + pending)


@pytest.mark.parametrize("stores", [True, False], ids=["as it ships", "without"])
def test_what_an_older_release_has_to_store_before_it_ends(
    releases: Releases, place: Place, tmp_path: Path, stores: bool
) -> None:
    """Started twice, as an upgrade does: what came in between is lost if it is in its log alone.

    grafana/loki#14848; why ``flush_on_shutdown`` is in the older release's configuration.
    """
    during = catalog_of(tmp_path / "during", midnight(-1), migrating=True)
    older = settings(during, releases.older, place)
    assert older["ingester"]["wal"]["flush_on_shutdown"] is True
    older["ingester"]["wal"]["flush_on_shutdown"] = stores
    now = time.time()
    first, second = told(now - 600, now - 300), told(now - 300, now - 60)
    with running(releases.older, older, place):
        put(place.url, first)
    with running(releases.older, older, place):
        put(place.url, second)
        assert found(place.url, now - DAY, now) == texts(first + second)
    with running(releases.newer, settings(during, releases.newer, place), place):
        left = found(place.url, now - DAY, now)
    lost = set(texts(first + second)) - set(left)
    print(f"stored at its end: {stores}; {len(lost)} of {len(first + second)} lines lost")
    assert bool(lost) != stores


def test_a_day_that_has_begun_already_hides_its_lines(
    releases: Releases, place: Place, tmp_path: Path
) -> None:
    """Why the day has to be told before it begins: its first lines lie under the other index."""
    late = midnight(0)
    before = catalog_of(tmp_path / "before", late, migrating=False)
    during = catalog_of(tmp_path / "during", late, migrating=True)
    now = time.time()
    first = max(late.timestamp() + 1, now - 600)
    lines = told(first, now - 1)
    assert lines, "it is midnight: run it again in a minute"
    with running(releases.older, settings(before, releases.older, place), place):
        put(place.url, lines)
        flush(place.url)
    fresh = Place(tmp_path / "fresh", place.store, place.memcached)
    with running(releases.older, settings(during, releases.older, fresh), fresh):
        assert found(fresh.url, first - 1, now) == []


def test_the_newer_release_refuses_to_start_before_the_day(
    releases: Releases, place: Place, tmp_path: Path
) -> None:
    catalog = catalog_of(tmp_path / "catalog", midnight(1), migrating=True)
    path = tmp_path / "loki.yaml"
    path.write_text(yaml.safe_dump(settings(catalog, releases.newer, place)), encoding="utf-8")
    code, said = verdict(releases.newer, path)
    assert code != 0
    assert "schema" in said
    print(said)
