"""Grafana's own alerting: published if it is to alert, named and removed if it is not."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import pytest

from delivery.publish.kinds.durations import seconds
from tests.delivery.publish.conftest import Run
from tests.delivery.publish.fake_alerting import DEFAULT_TREE
from tests.delivery.publish.fake_grafana import FakeGrafana

SECRET = "https://hooks.example/T0/very-secret"  # noqa: S105 - it opens nothing
ON = ("--alerts", "grafana")
Ready = Callable[[], None]


@pytest.fixture(params=[1], ids=["api"])
def grafana(request: pytest.FixtureRequest) -> FakeGrafana:  # type: ignore[misc]
    """Alerting is the same in both generations."""
    fake = FakeGrafana(request.param)
    yield fake
    fake.stop()


@pytest.fixture
def published(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Everything is there, by ``--alerts grafana``."""
    monkeypatch.setenv("SLACK_API_URL", SECRET)
    assert run("publish", *ON) == 0
    return run


def test_the_second_plan_is_empty_and_every_rule_is_marked(
    grafana: FakeGrafana, published: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    state = grafana.state.alerting
    assert state.rules
    assert state.points
    assert state.templates
    for rule in state.rules.values():
        assert rule["labels"]["managed_by"] == "market"
        assert rule["annotations"]["published_digest"]
        assert rule["provenance"] == ""
        assert "$$" not in str(rule["labels"]) + rule["title"]
    assert {each["url"] for each in state.secrets.values()} == {SECRET}
    capsys.readouterr()
    assert published("plan", *ON, "--exit-code") == 0
    assert capsys.readouterr().out.count("\n") == 1


def test_without_its_secret_nothing_is_written(
    grafana: FakeGrafana, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("publish", *ON) == 1
    assert grafana.writes() == []
    told = capsys.readouterr().err
    assert "it cannot be made yet. Set SLACK_API_URL or SLACK_API_URL_FILE." in told


def test_a_secret_stays_where_nobody_gives_it_and_reaches_no_output(
    grafana: FakeGrafana,
    published: Run,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    state = grafana.state.alerting
    uid = next(iter(state.points))
    state.points[uid]["settings"]["title"] = "another"
    monkeypatch.delenv("SLACK_API_URL")
    assert published("plan", *ON, "--format", "json") == 0
    assert published("publish", *ON, "--backup", str(tmp_path / "kept")) == 0
    assert state.secrets[uid]["url"] == SECRET
    assert state.points[uid]["settings"]["title"] != "another"
    kept = "".join(each.read_text() for each in (tmp_path / "kept").iterdir())
    told = capsys.readouterr()
    assert SECRET not in kept + told.out + told.err


def test_a_complaint_that_quotes_the_secret_is_told_without_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SLACK_API_URL", "no-address-but-secret")
    assert run("publish", *ON) == 4
    told = capsys.readouterr()
    assert "400: invalid url: (secret)" in told.out
    assert "no-address-but-secret" not in told.out + told.err


@pytest.mark.parametrize("how", ["changed", "removed", "added", "paced"])
def test_an_edit_of_a_rule_is_refused_until_it_may_be_lost(
    grafana: FakeGrafana, published: Run, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    state = grafana.state.alerting
    group = "slo-shop.availability"
    uid, rule = next(each for each in state.rules.items() if each[1]["ruleGroup"] == group)
    place = (rule["folderUID"], rule["ruleGroup"])
    if how == "changed":
        rule["for"] = "1h"
    elif how == "removed":
        last = [key for key, each in state.rules.items() if each["ruleGroup"] == place[1]][-1]
        del state.rules[last]
    elif how == "added":
        state.rules["theirs"] = {
            **rule,
            "uid": "theirs",
            "title": "Mine",
            "labels": {},
            "annotations": {},
        }
    else:
        state.intervals[place] += 10
    whole = copy.deepcopy(state)
    assert published("publish", *ON) == 1
    assert state == whole
    assert "edited by somebody at 2026-01-02T03:04:05Z" in capsys.readouterr().err
    assert published("publish", *ON, "--overwrite") == 0
    assert uid in state.rules
    assert "theirs" not in state.rules
    assert published("plan", *ON, "--exit-code") == 0


def test_a_publish_that_was_killed_goes_on_without_a_word_of_edits(
    grafana: FakeGrafana, published: Run
) -> None:
    state = grafana.state.alerting
    first = next(iter(state.rules.values()))["ruleGroup"]
    for uid in [uid for uid, each in state.rules.items() if each["ruleGroup"] == first][1:]:
        del state.rules[uid]
    for rule in state.rules.values():
        if rule["ruleGroup"] == first:
            rule["annotations"].pop("published_group", None)
    assert published("publish", *ON) == 0
    assert published("plan", *ON, "--exit-code") == 0


def test_a_rule_that_was_moved_comes_back_once(grafana: FakeGrafana, published: Run) -> None:
    state = grafana.state.alerting
    count = len(state.rules)
    group = next(iter(state.rules.values()))["ruleGroup"]
    for rule in state.rules.values():
        if rule["ruleGroup"] == group:
            state.intervals[rule["folderUID"], "elsewhere"] = 60
            rule["ruleGroup"] = "elsewhere"
    assert published("publish", *ON) == 0
    assert len(state.rules) == count
    assert published("plan", *ON, "--exit-code") == 0


def test_a_tree_of_somebody_is_replaced_only_if_it_may_be_adopted(
    grafana: FakeGrafana, published: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = {**grafana.state.alerting.tree, "group_by": ["alertname"]}
    grafana.state.alerting.tree = theirs
    assert published("publish", *ON) == 1
    assert grafana.state.alerting.tree == theirs
    told = capsys.readouterr().err
    assert "it holds no mark, and all of it would be replaced" in told
    assert "take it over with --adopt" in told
    assert published("publish", *ON, "--adopt") == 0
    assert published("plan", *ON, "--exit-code") == 0


def test_matchers_and_durations_as_the_ui_saves_them_are_no_difference(
    grafana: FakeGrafana, published: Run
) -> None:
    def saved(policy: dict) -> dict:  # type: ignore[type-arg]
        made = {key: value for key, value in policy.items() if key != "matchers"}
        made["object_matchers"] = [
            [each.partition("=")[0], "=", each.partition("=")[2].strip('"')]
            for each in policy.get("matchers", ())
        ]
        if "group_interval" in made:
            made["group_interval"] = f"{int(seconds(made['group_interval']))}s"
        return {**made, "routes": [saved(each) for each in policy.get("routes", ())]}

    grafana.state.alerting.tree = saved(grafana.state.alerting.tree)
    for rule in grafana.state.alerting.rules.values():
        rule["for"] = f"{int(seconds(rule['for']) // 60)}m0s"
    assert published("plan", *ON, "--exit-code") == 0


def test_rules_of_both_are_refused_and_pruned(
    grafana: FakeGrafana, published: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    state = grafana.state.alerting
    state.points["theirs"] = {"uid": "theirs", "name": "theirs", "type": "email", "settings": {}}
    assert published("publish") == 1
    told = capsys.readouterr().err
    assert "a ruler evaluates the same alerts, and everyone would be told twice" in told
    assert state.rules
    assert published("publish", "--prune", "--yes") == 0
    assert (state.rules, state.templates, state.timings) == ({}, {}, {})
    assert state.tree == DEFAULT_TREE
    assert list(state.points) == ["theirs"]
    assert "market-folder-alerts" not in grafana.state.folders
    assert published("plan", "--exit-code") == 0


def test_what_a_file_provisions_is_left_alone(
    grafana: FakeGrafana, published: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    rule = next(iter(grafana.state.alerting.rules.values()))
    rule.update(provenance="file", title="Older")
    assert published("publish", *ON) == 0
    assert rule["title"] == "Older"
    assert published("plan", *ON) == 0
    assert "it is provisioned from a file" in capsys.readouterr().out


def test_a_rollback_takes_away_what_was_made(
    grafana: FakeGrafana, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SLACK_API_URL", SECRET)
    assert run("publish", *ON, "--backup", str(tmp_path / "kept")) == 0
    assert run("rollback", "--from", str(tmp_path / "kept")) == 0
    state = grafana.state.alerting
    assert (state.rules, state.points, state.templates) == ({}, {}, {})
    assert state.tree == DEFAULT_TREE
