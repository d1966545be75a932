"""What a check found: one id everywhere, a place, the reason, and what mends it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One fault in a file that ships.

    ``file`` is relative to the generated folder, ``where`` names the panel, variable or rule
    in it. ``query`` is the query as it ships, with ``start`` and ``end`` the code points of
    it that are at fault (equal where the whole query is).
    """

    check: str
    file: str
    where: str
    reason: str
    remedy: str
    query: str = ""
    start: int = 0
    end: int = 0
