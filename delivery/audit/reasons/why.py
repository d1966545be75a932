"""A reason, and whether the catalog says that it may be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Why:
    """``text`` says what was seen; ``lazy`` that a system that is well may look like that."""

    text: str
    lazy: bool
    #: It is about a name that only another release of the server has.
    other_release: bool = False


def worst(reasons: Iterable[Why]) -> Why:
    """Of several that hold at once: lazy only if each is."""
    found = list(dict.fromkeys(reasons))
    found = [each for each in found if not each.other_release] or found
    hard = [each for each in found if not each.lazy]
    text = "; ".join(each.text for each in (hard or found)[:3])
    return Why(text, not hard, all(each.other_release for each in found))


def at(seconds: float) -> str:
    """A moment, as a report names it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
