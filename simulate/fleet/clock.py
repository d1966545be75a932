"""The time that a program goes by: the machine's, or one that a test hands in."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What is asked of a clock; both in seconds, ``now`` since 1970."""

    def now(self) -> float:
        """The moment."""

    def sleep(self, seconds: float) -> None:
        """Come back after so long."""


class SystemClock:
    """The machine's own."""

    def now(self) -> float:
        """The moment."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Come back after so long."""
        time.sleep(seconds)
