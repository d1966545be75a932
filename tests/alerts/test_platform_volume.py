"""A month's bytes and cost: from raw counters to what is expected of the whole month."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from alerts import platform
from alerts.present import rule_file
from catalog import names
from catalog.model import Catalog
from delivery.yaml_text import dump
from tests.alerts.promtool import check

SCOPE = 'cluster="c", environment="e"'
MONTH_SECONDS = 31 * 86400


def run(
    folder: Path,
    catalog: Catalog,
    promtool: str,
    series: dict[str, str],
    values: dict[str, tuple[str, str, float]],
    every: tuple[str, str],
) -> str:
    """promtool's complaint; ``values`` are expression: (time, labels, value)."""
    groups = [
        group
        for group in platform.groups(catalog)
        if group.name in {"platform-volume-steps", "platform-volume"}
    ]
    rules = folder / "rules.yaml"
    rules.write_text(dump(rule_file(groups, catalog)), encoding="utf-8")
    interval, evaluation = every
    test: dict[str, Any] = {
        "rule_files": [rules.name],
        "evaluation_interval": evaluation,
        "tests": [
            {
                "interval": interval,
                "input_series": [{"series": key, "values": each} for key, each in series.items()],
                "promql_expr_test": [
                    {
                        "expr": expression,
                        "eval_time": at,
                        "exp_samples": [{"labels": labels, "value": value}],
                    }
                    for expression, (at, labels, value) in values.items()
                ],
            }
        ],
    }
    return check(folder, test, promtool)


def test_two_hours_of_a_steady_rate_make_a_month_of_it(
    shipped: Catalog, tmp_path: Path, need_binary: Callable[[str], str]
) -> None:
    """1,000 bytes a second of two distributors together."""
    received = "loki_distributor_bytes_received_total"
    raw = {
        f'{received}{{cluster="c",environment="e",instance="{name}",tenant="t"}}': "0+30000x130"
        for name in ("a", "b")
    }
    month = 1000.0 * MONTH_SECONDS
    spending = shipped.platform.spending
    assert spending
    values = {
        names.LOG_BYTES_STEP: ("2h", f'{names.LOG_BYTES_STEP}{{{SCOPE}, month="197001"}}', 300000),
        names.LOG_BYTES_MONTH: ("2h", f"{names.LOG_BYTES_MONTH}{{{SCOPE}}}", 7200000),
        f"round({names.LOG_BYTES_FORECAST})": ("2h", f"{{{SCOPE}}}", month),
        f"round({names.LOG_COST_FORECAST}, 0.0001)": (
            "2h",
            f"{{{SCOPE}}}",
            round(spending.fixed + month * spending.per_byte, 4),
        ),
        f"round({names.LOG_COST_MONTH}, 0.0001)": (
            "2h",
            f"{{{SCOPE}}}",
            round(spending.fixed * 7200 / MONTH_SECONDS + 7200000 * spending.per_byte, 4),
        ),
    }
    complaint = run(tmp_path, shipped, need_binary("promtool"), raw, values, ("1m", "5m"))
    assert not complaint, complaint


@pytest.mark.parametrize(("hours", "expected"), [(743, 743.0), (744 + 5, 6.0)])
def test_a_month_begins_with_nothing(
    shipped: Catalog,
    tmp_path: Path,
    need_binary: Callable[[str], str],
    hours: int,
    expected: float,
) -> None:
    """One byte an hour, told as steps: February forgets January's."""
    step = names.LOG_BYTES_STEP
    told = {
        f'{step}{{cluster="c",environment="e",month="197001"}}': "_ 1x742 _x20",
        f'{step}{{cluster="c",environment="e",month="197002"}}': "_x744 1x20",
    }
    values = {names.LOG_BYTES_MONTH: (f"{hours}h", f"{names.LOG_BYTES_MONTH}{{{SCOPE}}}", expected)}
    complaint = run(tmp_path, shipped, need_binary("promtool"), told, values, ("1h", "1h"))
    assert not complaint, complaint
