"""Quiet days, in which nobody may be told anything.

Traffic swings with the hours and the week, and a quarter of what is allowed goes wrong, drawn by
chance: at 20 events a second, where chance evens out, and at 20 a day, where it does not.
"""

from __future__ import annotations

from collections.abc import Iterator

from simulate.backtest.incident import Incident

_DAY = 86_400
#: Events a day.
_BUSY, _LOW = 20 * _DAY, 20
_BURN = 0.25


def quiet_days(days: int) -> Iterator[Incident]:
    """A busy and a hardly used service, each for so many days."""
    for name, title, a_day in (
        ("quiet-busy", "Quiet days at 20 a second", _BUSY),
        ("quiet-low", "Quiet days at 20 a day", _LOW),
    ):
        yield Incident.model_validate(
            {
                "id": name,
                "title": title,
                "help": "Nothing happens that anybody needs to know of.",
                "rate": a_day / _DAY,
                "swing": True,
                "chance": True,
                "background": {"burn": _BURN},
                # Already quiet before: the story is one from end to end.
                "before": "12h",
                "course": ({"lasts": f"{days * 24 - 23}h", "errors": {"burn": _BURN}},),
                "after": "11h",
                "slis": ("availability", "latency"),
            }
        )
