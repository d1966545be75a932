"""The 30-day attainment of two ways to add up, beside the exact value, under uneven traffic.

Ours adds up events and errors, an hour at a time; Sloth's is the mean of the error ratios of five
minutes, each as heavy as any other. Both are asked of a real Prometheus over the same thirty
days, with a subquery in the place of the series that each of them records.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from simulate.backtest.incident import Incident
from simulate.backtest.story import tell
from tests.bench.evaluation import NOW, ask, serve, write_blocks

DAYS, STEP, BUDGET = 30, 60, 0.001
#: Three hours of outage of a service that is twice as busy by day and half as busy at weekends.
STORIES = {
    "in a weekend's quietest hours": "8190m",
    "at a weekday's peak": "10350m",
}


def incident(before: str) -> Incident:
    """A month with three hours in which everything fails."""
    rest = DAYS * 1440 - int(before.removesuffix("m")) - 180
    return Incident.model_validate(
        {
            "id": "month",
            "title": "A month",
            "help": "Three hours of outage.",
            "rate": 20.0,
            "swing": True,
            "background": {"burn": 0.25},
            "before": before,
            "course": ({"lasts": "3h", "errors": {"ratio": 1.0}},),
            "after": f"{rest}m",
        }
    )


def measure_attainment() -> None:
    """Prints a row for each story."""
    print("\n30-day attainment of 99.9 % promised, three hours of outage")
    print(f"  {'when':<30}  {'exact':>9}  {'ours':>9}  {'Sloth':>9}")
    for when, before in STORIES.items():
        story = tell(incident(before), BUDGET, STEP)
        begin = NOW - DAYS * 86400
        lines = (
            f"{name} {value} {begin + place * STEP}\n"
            for name, values in (("bad_total", story.errors), ("all_total", story.events))
            for place, value in enumerate(values)
        )
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder) / "data"
            data.mkdir()
            write_blocks(lines, data)
            for address in serve(data):
                hours = f"{DAYS * 24 - 1}h30m:1h"
                ours = (
                    f"1 - sum_over_time(increase(bad_total[1h])[{hours}])"
                    f" / sum_over_time(increase(all_total[1h])[{hours}])"
                )
                ratio = "(rate(bad_total[5m]) / rate(all_total[5m]))"
                theirs = f"1 - avg_over_time({ratio}[{DAYS}d:5m])"
                found = [_value(ask(address, expr)) for expr in (ours, theirs)]
        exact = 1 - story.errors[-1] / story.events[-1]
        shown = "  ".join(f"{100 * each:8.4f}%" for each in (exact, *found))
        print(f"  {when:<30}  {shown}")


def _value(data: dict[str, object]) -> float:
    result = data["result"]
    assert isinstance(result, list)
    return float(result[0]["value"][1])


if __name__ == "__main__":
    measure_attainment()
