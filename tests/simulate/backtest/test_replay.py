"""What promtool is made to tell, and which rules it is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.errors import UserError
from simulate.backtest.excerpt import needed, shipped_groups
from simulate.backtest.replay import ReplayError, replay
from simulate.backtest.telemetry import Replayed

NeedBinary = Callable[[str], str]


def group(*rules: dict[str, object]) -> list[dict[str, object]]:
    return [{"name": "g", "rules": list(rules)}]


def test_every_evaluation_at_which_an_alert_fired_is_told(need_binary: NeedBinary) -> None:
    """Stretches that begin and end within one chunk of fifty evaluations, and across two."""
    fired = {60, 90, 600, 1470, 1500, 1530, 2970, 3000}
    values = " ".join(str(int(at in fired)) for at in range(0, 3030, 30))
    rule = {"alert": "A", "expr": "x == 1", "labels": {"team": 'a "b", {c}'}}
    answer = replay(
        need_binary("promtool"), group(rule), Replayed(30, {'x{y="z"}': values}), 30, 3000
    )
    (alert,) = answer.alerts
    assert set(alert.fired) == fired
    assert alert.labels["y"] == "z"


def test_a_query_is_answered_at_the_moments_that_are_asked(need_binary: NeedBinary) -> None:
    rule = {"record": "twice", "expr": "2 * x", "labels": {"a": "b"}}
    answer = replay(
        need_binary("promtool"),
        group(rule),
        Replayed(30, {"x": "0+1.5x100"}),
        30,
        3000,
        query="twice",
        moments=(60, 3000),
    )
    assert [(each.at, each.value) for each in answer.samples] == [(60, 6.0), (3000, 300.0)]
    assert answer.samples[0].labels["a"] == "b"


def test_what_promtool_refuses_is_an_error(need_binary: NeedBinary) -> None:
    with pytest.raises(ReplayError, match=r"refuses what it is told: .*parse error"):
        replay(
            need_binary("promtool"), group({"record": "a", "expr": "("}), Replayed(30, {}), 30, 60
        )


def test_a_missing_promtool_is_an_error() -> None:
    with pytest.raises(ReplayError) as error:
        replay("/nowhere/promtool", group({"record": "a", "expr": "1"}), Replayed(30, {}), 30, 60)
    assert str(error.value) == (
        "/nowhere/promtool: cannot be run: No such file or directory. Install Prometheus."
    )


def test_only_what_the_alerts_read_is_replayed() -> None:
    rules = group(
        {"record": "a", "expr": 'rate(raw{x="y"}[5m])', "labels": {"window": "5m"}},
        {"record": "a", "expr": 'sum(a{window="5m"})', "labels": {"window": "1h"}},
        {"record": "a", "expr": 'sum(a{window="1h"})', "labels": {"window": "30d"}},
        {"record": "b", "expr": "a"},
        {"alert": "A", "expr": 'a{window="1h"} > 1'},
    )
    kept = needed(rules)[0]["rules"]
    assert [rule.get("labels", {}).get("window") for rule in kept] == ["5m", "1h", None]


def test_a_folder_without_rules_and_a_file_of_none(tmp_path: Path) -> None:
    folder = tmp_path / "prometheus" / "rules"
    with pytest.raises(UserError) as error:
        shipped_groups(tmp_path)
    assert str(error.value) == f"{folder}: holds no rules. Run python build.py first."
    folder.mkdir(parents=True)
    (folder / "a.yaml").write_text("groups: [{name: g, rules: [{record: a}]}]\n", encoding="utf-8")
    with pytest.raises(UserError) as error:
        shipped_groups(tmp_path)
    assert str(error.value) == (
        f"{folder / 'a.yaml'}: is not a file of Prometheus' rules. Run python build.py."
    )
