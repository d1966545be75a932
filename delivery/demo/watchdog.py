"""Ends what was started when whoever started it is gone, even if it was killed hard.

A process of its own waits for its standard input to close, which the system does whatever
happens to its parent. It is told of every process group on that input: ``+ID`` when one is
started, ``-ID`` when one has ended, so that no id that was given away again is signalled.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from functools import cache

#: How long a server may take to end by itself; Loki and Prometheus write what they hold.
_PATIENCE_SECONDS = 10.0
_POLL_SECONDS = 0.1


class Watchdog:
    """One that runs, and is told what to end."""

    def __init__(self) -> None:
        process = subprocess.Popen(  # noqa: S603 - this very file
            # -I: the modules beside this file are not to be taken for those of the library.
            [sys.executable, "-I", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            # Ctrl-C at a terminal reaches the whole group, and this one has to outlive it.
            process_group=0,
        )
        self._process, self._told = process, process.stdin

    def watch(self, group: int) -> None:
        """End that process group when this process is gone."""
        self._tell(f"+{group}")

    def forget(self, group: int) -> None:
        """It has ended."""
        self._tell(f"-{group}")

    def _tell(self, line: str) -> None:
        # If it was killed, the servers still end with whoever stops them.
        with suppress(OSError):
            if self._told:
                self._told.write(f"{line}\n".encode())
                self._told.flush()


@cache
def watchdog() -> Watchdog:
    """The one of this process."""
    return Watchdog()


def end(groups: Iterable[int], patience: float = _PATIENCE_SECONDS) -> None:
    """Ask each process group to end, and end it if it does not."""
    left = [group for group in groups if _signalled(group, signal.SIGTERM)]
    deadline = time.monotonic() + patience
    while left and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
        left = [group for group in left if _signalled(group, 0)]
    for group in left:
        _signalled(group, signal.SIGKILL)


def _signalled(group: int, number: int) -> bool:
    """Whether there was anybody to be signalled."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _wait() -> None:
    groups: dict[int, None] = {}
    for line in sys.stdin:
        word = line.strip()
        if word.startswith("+"):
            groups[int(word[1:])] = None
        elif word.startswith("-"):
            groups.pop(int(word[1:]), None)
    end(groups)


if __name__ == "__main__":
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    _wait()
