"""What the command line asks for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """Times before now in hours and weeks.

    ``check_after`` is how long telemetry has to flow before the audit, in seconds, None without
    an audit; ``seconds`` after which the demo ends by itself, None if it does not.
    """

    catalog: Path
    data: Path | None
    hours: float
    line_hours: float
    weeks: float
    scale: float
    seed: int
    bad_canaries: frozenset[str]
    check_after: float | None
    seconds: float | None
