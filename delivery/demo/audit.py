"""``demo --check``: waits until a verdict is fair, and has ``audit`` give one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from delivery.demo import fair
from delivery.demo.stack import Stack
from delivery.demo.story import environment

Say = Callable[[str], None]

#: The command that judges.
_AUDIT = "audit"
_REPORTS = ("json", "xml", "html")


def audit(stack: Stack, after: float, say: Say) -> int:
    """The exit status of ``build.py audit`` against the stack, once it is fair to ask."""
    from delivery.cli import main

    say(f"the audit begins after {after:g} s of telemetry")
    for each in fair.wait(stack, after, say):
        say(f"not there yet: {each}")
    folder = stack.folder
    where = ["--catalog", str(folder / "catalog"), "--generated", str(stack.generated)]
    reports = [str(folder / f"audit.{ending}") for ending in _REPORTS]
    written = [word for report in reports for word in ("--report", report)]
    with _variables(environment(stack)):
        status = main([_AUDIT, *where, *written])
    say(f"reports: {', '.join(reports)}")
    return status


@contextmanager
def _variables(told: dict[str, str]) -> Iterator[None]:
    """The addresses of the stack, as the command reads them; a token would be another Grafana's."""
    chosen = {name: value for name, value in told.items() if name.isupper()}
    hidden = ("GRAFANA_TOKEN", "GRAFANA_TOKEN_FILE", "LOKI_TOKEN", "MIMIR_TOKEN", "MIMIR_URL")
    before = {name: os.environ.pop(name, None) for name in (*chosen, *hidden)}
    os.environ.update(chosen)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
