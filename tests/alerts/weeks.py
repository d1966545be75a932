"""Weeks of a made-up volume, and what the shipped rules say of them, by promtool.

``python -m tests.alerts.weeks`` prints the figures of docs/anomalies.md.
"""

from __future__ import annotations

import argparse
import math
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from alerts import anomaly
from alerts.present import rule_file
from catalog.load import load_catalog
from catalog.model import Catalog
from catalog.service import Service

ROOT = Path(__file__).parents[2]
MINUTE, HOUR, DAY, WEEK = 60, 3600, 86400, 7 * 86400
#: A multiplication of the volume at a moment, in seconds since the weeks began on a Monday.
Change = Callable[[float], float]


def as_usual(_: float) -> float:
    """Nothing happens."""
    return 1.0


def times(factor: float, since: float, until: float = math.inf) -> Change:
    """So many times as much between two moments."""
    return lambda now: factor if since <= now < until else 1.0


@dataclass(frozen=True)
class Volume:
    """A service's rate a second: its day, its weekend, its days' and hours' own noise, chance.

    ``swing`` is the day's amplitude, ``weekend`` the share of a working day; ``days`` and ``hours``
    are the standard deviations of the noise of a day and of an hour, as ratios. Events come one by
    one, at random. ``shift`` is the local clock against ours, in seconds.
    """

    name: str
    rate: float
    seed: int
    change: Change = as_usual
    swing: float = 0.5
    weekend: float = 0.6
    days: float = 0.05
    hours: float = 0.05
    shift: Change = lambda _: 0.0

    def values(self, step: int, until: float) -> Iterator[float]:
        """The mean of each step, events counted."""
        chance = random.Random(f"{self.name}/{self.seed}")  # noqa: S311 - noise, no secret
        of_day: dict[int, float] = {}
        of_hour = 0.0
        for number in range(int(until / step)):
            now = number * step
            if now % HOUR == 0:
                # An hour remembers the one before.
                fresh = math.sqrt(1 - 0.5**2) * chance.gauss(0, 1)
                of_hour = 0.5 * of_hour + fresh
            day = of_day.setdefault(int(now // DAY), chance.gauss(0, 1))
            noise = math.exp(self.days * day + self.hours * of_hour)
            mean = self.rate * self._shape(now + self.shift(now)) * noise * self.change(now)
            yield _poisson(chance, mean * step) / step

    def _shape(self, local: float) -> float:
        swing = 1 + self.swing * math.sin(2 * math.pi * (local / DAY - 8 / 24))
        return swing * (self.weekend if local % WEEK >= 5 * DAY else 1.0)


def _poisson(chance: random.Random, mean: float) -> int:
    """How many events there are where there are ``mean`` on average."""
    if mean > 50:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    limit, count, product = math.exp(-mean), 0, chance.random()
    while product > limit:
        count += 1
        product *= chance.random()
    return count


def replayed(
    catalog: Catalog,
    service: Service,
    volumes: list[Volume],
    questions: Mapping[str, float],
    *,
    promtool: str,
    folder: Path,
    step: int = 5 * MINUTE,
) -> dict[tuple[str, str], float]:
    """The answer to each question (an expression, at a time) for each volume, by its name."""
    rules = folder / "rules.yaml"
    groups = anomaly.groups(catalog, service)
    rules.write_text(yaml.safe_dump(rule_file(groups, catalog)), encoding="utf-8")
    until = max(questions.values())
    told = [
        {
            "series": f'service:log_lines:rate5m{{cluster="{each.name}",environment="e",'
            f'service="{service.id}",level="info"}}',
            "values": " ".join(f"{value:.6g}" for value in each.values(step, until + step)),
        }
        for each in volumes
    ]
    # promtool tells what it found only where it was told to expect something else.
    asked = [
        {"expr": expr, "eval_time": f"{at:.0f}s", "exp_samples": [{"labels": "{}", "value": -1}]}
        for expr, at in questions.items()
    ]
    test = {
        "rule_files": [str(rules)],
        "evaluation_interval": f"{step}s",
        "group_eval_order": [group.name for group in groups],
        "tests": [{"interval": f"{step}s", "input_series": told, "promql_expr_test": asked}],
    }
    path = folder / "test.yaml"
    path.write_text(yaml.safe_dump(test), encoding="utf-8")
    done = subprocess.run(
        [promtool, "test", "rules", str(path)], capture_output=True, text=True, check=False
    )
    return dict(_found(done.stdout + done.stderr))


def _found(output: str) -> Iterator[tuple[tuple[str, str], float]]:
    for block in re.split(r"\n\s*expr: ", output)[1:]:
        quoted = re.match(r'"((?:[^"\\]|\\.)*)"', block)
        assert quoted, block
        expr = quoted[1].replace('\\"', '"')
        got = block.partition("got:")[2]
        for name, value in re.findall(r'\{[^}]*?cluster=\\?"([^"\\]+)\\?"[^}]*\} ([-+\w.]+)', got):
            yield (expr, name), float(value)


FIRING = 'ALERTS{alertname="VolumeAnomaly",alertstate="firing"}'


def episodes(over: str, step: str = "5m") -> str:
    """How often the alert began to fire."""
    begun = f"{FIRING} unless {FIRING} offset {step}"
    return f"sum by (cluster) (count_over_time(({begun})[{over}:{step}]))"


def _put_forward(now: float) -> float:
    """The local clock against ours, from the last week on."""
    return float(HOUR) if now >= WEEKS_BEFORE else 0.0


def _volumes(seeds: int) -> Iterator[Volume]:
    """Quiet weeks at four rates, then one of each incident at two of them."""
    for seed in range(seeds):
        for name, rate in RATES.items():
            yield Volume(f"quiet, {name}, {seed}", rate, seed)
        for name in BUSY:
            for what, change in CHANGES.items():
                yield Volume(f"{what}, {name}, {seed}", RATES[name], seed, change)
        for swing in (0.5, 0.8):
            name = f"clock put forward, swing {swing:.0%}, {seed}"
            yield Volume(name, 20, seed, swing=swing, shift=_put_forward)


RATES = {"20 a second": 20.0, "1 a second": 1.0, "20 a day": 20 / DAY}
BUSY = ("20 a second", "1 a second")
WEEKS_BEFORE, END = 7 * WEEK, 8 * WEEK
_BEGAN = WEEKS_BEFORE + 2 * DAY + 10 * HOUR
CHANGES = {
    "halved for 3 h": times(0.5, _BEGAN, _BEGAN + 3 * HOUR),
    "doubled for 3 h": times(2, _BEGAN, _BEGAN + 3 * HOUR),
    "scaled up by half, for good": times(1.5, _BEGAN),
    "doubled, for good": times(2, _BEGAN),
    "ten times for 2 h a week before": times(10, _BEGAN - WEEK, _BEGAN - WEEK + 2 * HOUR),
}


def main() -> int:
    """Measure, and print a line for each story: how often and when it fired, for how long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=4, help="series of each story")
    parser.add_argument("--step", type=int, default=1800, help="seconds between evaluations")
    chosen = parser.parse_args()
    catalog = load_catalog(ROOT / "catalog")
    step = f"{chosen.step}s"
    last = f"[7d:{step}]"
    began, lately = episodes("35d", step), episodes("7d", step)
    first = f"min by (cluster) (min_over_time(timestamp({FIRING}){last}))"
    steps = f"sum by (cluster) (count_over_time({FIRING}{last}))"
    volumes = list(_volumes(chosen.seeds))
    with tempfile.TemporaryDirectory() as folder:
        found = replayed(
            catalog,
            catalog.services[0],
            volumes,
            dict.fromkeys((began, lately, first, steps), float(END)),
            promtool="promtool",
            folder=Path(folder),
            step=chosen.step,
        )
    for story in dict.fromkeys(each.name.rpartition(", ")[0] for each in volumes):
        of = [f"{story}, {seed}" for seed in range(chosen.seeds)]
        fired = [name for name in of if (lately, name) in found]
        delays = sorted((found[first, name] - _BEGAN) / MINUTE for name in fired)
        hours = sorted(found[steps, name] * chosen.step / HOUR for name in fired)
        print(
            f"{story}: began to fire {sum(found.get((began, name), 0) for name in of):g} times in "
            f"5 weeks, {sum(found.get((lately, name), 0) for name in of):g} in the last; "
            f"{len(fired)} of {chosen.seeds} fired then, first after "
            f"{', '.join(f'{delay:.0f}' for delay in delays) or '-'} min, hours in all "
            f"{', '.join(f'{each:.1f}' for each in hours) or '-'}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
