"""``demo --check``: waits until a verdict is fair, and asks the audit for one."""

from __future__ import annotations

import threading

from catalog.errors import Problem, UsageError
from delivery.demo.stack import Stack


def audit(stack: Stack, after: float, ended: threading.Event) -> int:
    """The audit's exit status."""
    raise UsageError(Problem("--check", "there is no audit yet", "Leave it out"))
