"""Rules replayed by promtool: a real Prometheus' engine, and what it says of each evaluation.

promtool compares and does not tell; but what it finds against an expectation of nothing it
prints in full. Which evaluations an alert fired at is asked fifty at a time, as the bits of one
number: a double holds 53 exactly.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from catalog.errors import Problem, UserError
from simulate.backtest.telemetry import Replayed, promtool_series

Json = dict[str, Any]
Labels = tuple[tuple[str, str], ...]

#: Evaluations that one number tells of.
_BITS = 50
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_ANSWER = re.compile(
    r"^ +expr: \"(?P<expr>.*)\", time: (?P<time>\S+),\n +exp: *nil\n +got: *(?P<got>.*)$",
    re.MULTILINE,
)
_SAMPLE = re.compile(r"\{((?:\w+=\"(?:[^\"\\]|\\.)*\"(?:, )?)*)\} (\S+?)(?:, |$)")
_LABEL = re.compile(r"(\w+)=\"((?:[^\"\\]|\\.)*)\"")
_TIME_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}


class ReplayError(UserError):
    """promtool is missing, or refuses what it is told."""


@dataclass(frozen=True, slots=True)
class Alerting:
    """One alert, by its labels, and the evaluations at which it fired, as seconds."""

    labels: Mapping[str, str]
    fired: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """One series' value at one moment."""

    at: int
    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What a replay found: alerts, and the samples of a query at the moments asked for."""

    alerts: tuple[Alerting, ...]
    samples: tuple[Sample, ...]


def replay(
    promtool: str,
    groups: Sequence[Json],
    told: Replayed,
    evaluation: int,
    length: int,
    *,
    query: str | None = None,
    moments: Iterable[int] = (),
) -> Answer:
    """Evaluate the groups every ``evaluation`` seconds over what is told, for ``length`` seconds.

    :raises ReplayError: promtool refuses the rules or the series.
    """
    chunk = _BITS * evaluation
    last = length // evaluation * evaluation
    ends = [*range(chunk - evaluation, last, chunk), last]
    firing = _firing(evaluation)
    asked = [{"expr": firing, "eval_time": f"{end}s"} for end in ends]
    if query is not None:
        asked += [{"expr": query, "eval_time": f"{moment}s"} for moment in moments]
    test = {
        "rule_files": ["rules.yaml"],
        "evaluation_interval": f"{evaluation}s",
        # Left to itself promtool shuffles them.
        "group_eval_order": [group["name"] for group in groups],
        "tests": [
            {
                "interval": f"{told.interval}s",
                "input_series": promtool_series(told.series),
                "promql_expr_test": asked,
            }
        ],
    }
    answers = list(_answers(_output(promtool, {"groups": [timing(each) for each in groups]}, test)))
    fired: dict[Labels, set[int]] = {}
    for expr, at, labels, value in answers:
        if expr == firing:
            hits = (at - back * evaluation for back in range(_BITS))
            told_of = {hit for hit in hits if int(value) >> (hit // evaluation % _BITS) & 1}
            fired.setdefault(labels, set()).update(told_of)
    return Answer(
        tuple(Alerting(dict(key), tuple(sorted(value))) for key, value in sorted(fired.items())),
        tuple(
            Sample(at, dict(labels), value) for expr, at, labels, value in answers if expr != firing
        ),
    )


def timing(group: Json) -> Json:
    """A group as it decides when alerts fire: annotations only cost, at every evaluation."""
    rules = [{key: rule[key] for key in rule if key != "annotations"} for rule in group["rules"]]
    return {**group, "rules": rules}


def _firing(evaluation: int) -> str:
    """A bit for each of the last evaluations at which an alert fired.

    The range ends between two evaluations, so that it holds as many whether Prometheus counts
    its left end in (2) or not (3).
    """
    alerts = 'ALERTS{alertstate="firing"}'
    place = f"(timestamp({alerts}) % {_BITS * evaluation}) / {evaluation}"
    range_ = _BITS * evaluation * 1000 - evaluation * 500
    return f"sum_over_time((2 ^ ({place}))[{range_}ms:{evaluation}s])"


def _output(promtool: str, rules: Json, test: Json) -> str:
    with tempfile.TemporaryDirectory(prefix="backtest-") as name:
        folder = Path(name)
        for file, content in (("rules.yaml", rules), ("test.yaml", test)):
            with (folder / file).open("w", encoding="utf-8") as stream:
                yaml.dump(content, stream, Dumper=_DUMPER, allow_unicode=True, width=10**9)
        try:
            done = subprocess.run(  # noqa: S603 - promtool as found on the PATH, our own files
                [promtool, "test", "rules", "test.yaml"],
                capture_output=True,
                encoding="utf-8",
                check=False,
                cwd=folder,
            )
        except OSError as error:
            raise ReplayError(
                Problem(promtool, f"cannot be run: {error.strerror}", "Install Prometheus")
            ) from None
    output = done.stdout + done.stderr
    if done.returncode != 0 and not _ANSWER.search(output):
        reason = " ".join(output.split())[:400]
        raise ReplayError(
            Problem(promtool, f"refuses what it is told: {reason}", "Run build.py check")
        )
    return output


def _answers(output: str) -> Iterator[tuple[str, int, Labels, float]]:
    """Query, moment, labels and value of each sample that promtool found."""
    for match in _ANSWER.finditer(output):
        expr = match["expr"].replace('\\"', '"').replace("\\\\", "\\")
        at = _seconds(match["time"])
        for labels, value in _SAMPLE.findall(match["got"]):
            yield expr, at, tuple(_LABEL.findall(labels)), float(value)


def _seconds(duration: str) -> int:
    parts = re.findall(r"(\d+)(ms|[smhdwy])", duration)
    return round(sum(int(number) * _TIME_UNITS[unit] for number, unit in parts))
