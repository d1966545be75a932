"""A server that runs: started in a group of its own, ready when it answers, ended by its id."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import requests

from catalog.errors import Problem, ServerError
from delivery.demo.watchdog import watchdog
from delivery.places import display

#: How long a server may take to write what it holds before it is killed.
_STOP_SECONDS = 20
_TAIL_CHARACTERS = 2000
_OK = range(200, 300)
#: What every server says, in whatever case, of a port that another has.
_IN_USE = "address already in use"
_TAKEN = "Another program has taken that port since it was found free: start it again"


class NotStartedError(ServerError, RuntimeError):
    """A server ended before it was ready."""


class Process:
    """A server that runs, with its log; it does not outlive this process."""

    def __init__(
        self,
        name: str,
        command: list[str],
        folder: Path,
        env: Mapping[str, str] | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name, self.command, self.env = name, command, env
        self.folder, self.log = folder, folder / f"{name}.log"
        self._sink = self.log.open("ab")
        self._process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(  # noqa: S603 - a server as found on this machine
            self.command,
            stdout=self._sink,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
            env={**os.environ, **(self.env or {})},
            stdin=subprocess.DEVNULL,
            # Ctrl-C at a terminal is for us alone: we end the servers, in their order.
            process_group=0,
        )
        watchdog().watch(process.pid)
        return process

    def again(self) -> None:
        """Start it once more after it has ended, with the files that it left."""
        watchdog().forget(self.pid)
        self._process = self._started()

    @property
    def pid(self) -> int:
        """The process id, and that of its group."""
        return self._process.pid

    def ready(self, url: str, seconds: float = 90) -> None:
        """Wait until the address answers with success.

        :raises NotStartedError: it ended.
        :raises RuntimeError: it did not answer in time.
        """
        until(lambda: answers(url) or self.died(), seconds, f"{self.name} at {url}", self.tail)
        if self.died():
            raise NotStartedError(self._ended())

    def died(self) -> bool:
        """Whether it has ended, by itself or by us."""
        return self._process.poll() is not None

    def tail(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-_TAIL_CHARACTERS:]

    def _ended(self) -> Problem:
        text = self.tail()
        said = next(
            (line for line in reversed(text.splitlines()) if line.strip()), "it said nothing"
        )
        return Problem(
            self.name,
            f"ended with {self._process.returncode}: {said.strip()}",
            _TAKEN if _IN_USE in text.lower() else f"Read {display(self.log)}",
        )

    def stop(self) -> None:
        """Ask it to end, and end it if it does not."""
        if not self.died():
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
        if not self._sink.closed:
            watchdog().forget(self.pid)
            self._sink.close()

    def kill(self) -> None:
        """End it and all that it started at once, as a crash does."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait(_STOP_SECONDS)


def answers(url: str) -> bool:
    """Whether the address answers with success."""
    try:
        return requests.get(url, timeout=5).status_code in _OK
    except requests.RequestException:
        return False


def until(
    holds: Callable[[], bool], seconds: float, what: str, detail: Callable[[], str] = str
) -> None:
    """Wait until something holds.

    :raises RuntimeError: it did not within the time.
    """
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what}: not within {seconds:g} s. {detail()}")
        time.sleep(0.5)
