"""Pushes the lines and spans of a time that is over, oldest first, in a process of its own.

Loki takes lines in their order only, and spans keep to the lines that name them; so there is
one process for some of the services, and blocks of metrics are written beside it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from catalog.load import load_catalog
from delivery import places
from delivery.console import write_lines
from delivery.demo.watchdog import watchdog
from simulate.feed import Feed, Sinks
from simulate.log_lines import Release
from simulate.world import World

#: Lines are made and handed on for this long at once, and progress is told so often.
_STEP_SECONDS, _TOLD_SECONDS = 60.0, 600.0


@dataclass(frozen=True)
class Story:
    """A world, and where what it has written goes; everything that another process must know."""

    catalog: str
    start: float
    seed: int
    scale: float
    bad_canaries: tuple[str, ...]
    loki: str | None
    otlp: str | None
    release: Release
    tenant: str | None

    def world(self) -> World:
        """The world that it is told of."""
        catalog = load_catalog(Path(self.catalog))
        return World(
            catalog,
            catalog.default_environment,
            self.start,
            self.seed,
            self.scale,
            frozenset(self.bad_canaries),
        )

    @property
    def sinks(self) -> Sinks:
        """Where it goes."""
        return Sinks(self.loki, self.otlp, self.release, self.tenant)


class Pushing:
    """A process that pushes a part of the past; ``say`` is told how far it has come."""

    def __init__(
        self, story: Story, since: float, until: float, say: Callable[[float, int], None]
    ) -> None:
        told = json.dumps({"story": asdict(story), "since": since, "until": until})
        self._process = subprocess.Popen(  # noqa: S603 - this very module
            [sys.executable, "-m", "delivery.demo.lines", told],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=places.ROOT,
            process_group=0,
        )
        watchdog().watch(self._process.pid)
        self._say, self._pushed = say, 0
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def wait(self) -> int:
        """Until everything is pushed: how many lines.

        :raises RuntimeError: a server refuses them.
        """
        complaint = self._process.stderr.read() if self._process.stderr else ""
        self._end()
        if self._process.returncode:
            raise RuntimeError(f"the lines of the past: {complaint.strip()[-500:]}")
        return self._pushed

    def stop(self) -> None:
        """End it."""
        if self._process.poll() is None:
            self._process.kill()
        self._end()

    def _end(self) -> None:
        self._process.wait()
        self._listener.join()
        watchdog().forget(self._process.pid)
        for stream in (self._process.stdout, self._process.stderr):
            if stream:
                stream.close()

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            moment, self._pushed = json.loads(line)
            self._say(moment, self._pushed)


def push(story: Story, since: float, until: float) -> None:
    """Push it, and print now and then how far it is."""
    feed = Feed(story.world(), story.sinks)
    pushed, moment, told = 0, since, since
    while moment < until:
        after = min(moment + _STEP_SECONDS, until)
        pushed += feed.backfill(moment, after, _STEP_SECONDS)
        moment = after
        if moment >= told + _TOLD_SECONDS or moment >= until:
            told = moment
            write_lines([json.dumps([moment, pushed])])
            sys.stdout.flush()


def _main() -> None:
    given = json.loads(sys.argv[1])
    story = given["story"]
    story["bad_canaries"] = tuple(story["bad_canaries"])
    push(Story(**story), given["since"], given["until"])


if __name__ == "__main__":
    _main()
