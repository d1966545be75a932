"""Replays the rules of one objective and asks what they recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.alerts.promtool import check, series

#: A time, a query, and the value of each series that it has to find.
Asked = tuple[str, str, Mapping[str, float]]


def replay(
    folder: Path,
    promtool: str,
    rules: Path,
    objective: str,
    values: Mapping[str, str],
    asked: Iterable[Asked],
    interval: str = "5m",
    evaluation: str | None = None,
) -> str:
    """Promtool's complaint about the objective's rules of a file, or nothing."""
    groups = yaml.safe_load(rules.read_text(encoding="utf-8"))["groups"]
    for group in groups:
        group["rules"] = [
            rule for rule in group["rules"] if rule["labels"]["objective"] == objective
        ]
    (folder / "rules.yaml").write_text(yaml.safe_dump({"groups": groups}), encoding="utf-8")
    queries: list[dict[str, Any]] = [
        {
            "expr": expr,
            "eval_time": at,
            "exp_samples": [
                {"labels": labels, "value": value} for labels, value in samples.items()
            ],
        }
        for at, expr, samples in asked
    ]
    test = {
        "rule_files": ["rules.yaml"],
        "evaluation_interval": evaluation or interval,
        "tests": [
            {"interval": interval, "input_series": series(values), "promql_expr_test": queries}
        ],
    }
    return check(folder, test, promtool)


def labels(service: str, objective: str, **more: str) -> str:
    """The labels of a recorded series of the first cluster, as promtool writes them."""
    every = {
        "cluster": "c",
        "environment": "e",
        "objective": objective,
        "service": service,
        **more,
    }
    return "{" + ",".join(f'{key}="{value}"' for key, value in sorted(every.items())) + "}"


def rising(*increases: float) -> str:
    """A counter that rises by each of these amounts, from one sample to the next."""
    value, values = 0.0, ["0"]
    for increase in increases:
        value += increase
        values.append(f"{value:g}")
    return " ".join(values)
