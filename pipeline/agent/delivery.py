"""How both agents hand lines to Loki: patiently, since what they give up is lost."""

from __future__ import annotations

from catalog.scalars import format_duration

PUSH = "/loki/api/v1/push"
#: Promtail's file in the agents' folder, which Alloy goes on from.
POSITIONS = "positions.yaml"
#: Seconds between attempts, first and at most: soon again after a 429, and not in a crowd.
MIN_BACKOFF, MAX_BACKOFF = 1, 60
#: Loki's own limit, by default. A longer line would be refused whole; cut off it still tells.
MAX_LINE_KIB = 256


def seconds(duration: int) -> str:
    """A duration as Go reads it, which knows no unit above the hour."""
    text = format_duration(duration)
    return f"{duration // 3600}h" if text.endswith("d") else text
