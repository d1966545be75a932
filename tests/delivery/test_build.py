"""What `build` makes is checked before anything of it is written."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from catalog.artifact import Artifact, Suppression
from delivery import cli
from tests.delivery.checks.trees import RULES, annotated, group, rules

MINIMAL = Path(__file__).parents[1] / "fixtures" / "minimal"
EXPR = "sum by (cluster) (rate(sales_totals[5m])) > 1"
SOUND = 'sum by (cluster) (rate(sales_total{outcome="refused"}[5m])) > 1'
WHERE = "alert HighErrorRatio in group shop"
FINDING = (
    "prometheus/rules/shop.yaml: alert HighErrorRatio in group shop: metric/unknown: "
    "nobody emits 'sales_totals' (at column 24: sales_totals). Did you mean 'sales_total'?\n"
)


@pytest.fixture
def made(monkeypatch) -> list[Artifact]:
    """Stands in for the generators."""
    artifacts: list[Artifact] = []
    monkeypatch.setattr("delivery.render.generators", lambda: (lambda _: iter(artifacts),))
    return artifacts


@pytest.fixture
def build(tmp_path, monkeypatch, capsys):
    """``build()`` is its exit status, standard output and standard error."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        status = cli.main(["--catalog", str(MINIMAL), "--out", "out", *arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


def rule_file(expr: str, *meant: Suppression) -> Artifact:
    elsewhere = "https://elsewhere.example/?from=now-1h&to=now"
    content = rules(group({**annotated(dashboard_url=elsewhere), "expr": expr}))
    unproven = Suppression("alert/unproven", WHERE, "Its proof is no part of these tests.")
    return Artifact(RULES, content, "prometheus-rules", "sales", None, (unproven, *meant))


@pytest.mark.parametrize("command", [(), ("build",)])
def test_a_fault_is_told_as_check_tells_it_and_nothing_is_written(build, made, command):
    made.append(rule_file(EXPR))
    assert build(*command) == (1, FINDING, "")
    # The lock and its folder stay, as after every build.
    assert not [path for path in Path("out").rglob("*") if path.name != ".lock"]


def test_what_was_there_stays_as_it_was(build, made, snapshot):
    made.append(rule_file(SOUND))
    assert build() == (0, "out: 1 file, 1 written, 0 unchanged, 0 removed\n", "")
    before = snapshot(Path("out"))
    made[0] = rule_file(EXPR)
    assert build() == (1, FINDING, "")
    assert snapshot(Path("out")) == before
    assert build("check", "--generated", "out") == (0, "out: nothing to complain about\n", "")


def test_check_says_the_same_of_what_was_written_unchecked(build, made, monkeypatch):
    made.append(rule_file(EXPR))
    with monkeypatch.context() as patched:
        patched.setattr("delivery.checks.run.run_checks", lambda *_: [])
        assert build()[0] == 0
    assert build("check", "--generated", "out") == (1, FINDING, "")


def test_a_suppression_that_the_generator_makes_counts(build, made):
    meant = Suppression("metric/unknown", WHERE, "A new one.")
    made.append(rule_file(EXPR, meant))
    assert build() == (0, "out: 1 file, 1 written, 0 unchanged, 0 removed\n", "")


def test_the_staged_path_is_never_told(build, made):
    made.append(Artifact(RULES, {"groups": 5}, "prometheus-rules", "sales"))
    fault = "prometheus/rules/shop.yaml: is not laid out as such a file is"
    assert build() == (1, "", f"{fault}: 'int' object is not iterable. Run python build.py.\n")
    assert not os.path.exists("out/.staging")


def test_help_says_so(build):
    status, printed, _ = build("build", "--help")
    assert status == 0
    assert "if a check finds a fault" in printed


def test_the_exporters_of_the_catalog_are_known(build, made, tmp_path):
    catalog = tmp_path / "catalog"
    shutil.copytree(MINIMAL, catalog)
    (catalog / "exporters").mkdir()
    (catalog / "exporters" / "loki-9.yaml").write_text("component: loki\n")
    made.append(rule_file(SOUND))
    status, printed, error = build("--catalog", str(catalog), "build")
    assert (status, printed) == (2, "")
    assert "exporters/loki-9.yaml" in error
