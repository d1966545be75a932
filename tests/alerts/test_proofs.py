"""Every alert has its proofs, the rules agree with them, and a wrong rule would not."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts.proofs.registry import AREAS, proofs
from alerts.registry import generate
from catalog import names
from catalog.load import load_catalog
from delivery.render import encode
from tests.alerts.mutants import cases, read, survivors, write
from tests.alerts.promtool import replay

ROOT = Path(__file__).resolve().parents[2]
UNNOTICED = Path(__file__).parent / "unnoticed.txt"
SHIPPED = "catalog"
CATALOGS = (SHIPPED, "tests/fixtures/minimal", "tests/fixtures/second")

Json = dict[str, Any]
NeedBinary = Callable[[str], str]


@pytest.fixture(scope="module", params=CATALOGS)
def tree(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    name = request.param.rpartition("/")[2]
    return write(request.param, tmp_path_factory.mktemp(name, numbered=False))


def alert_rules(path: Path) -> list[Json]:
    return [rule for group in read(path)["groups"] for rule in group["rules"] if "alert" in rule]


def test_the_rules_agree_with_every_proof(tree: Path, need_binary: NeedBinary) -> None:
    files = sorted((tree / "prometheus/tests").glob("*.yaml"))
    assert files
    complaint = replay(need_binary("promtool"), files)
    assert not complaint, complaint


def test_each_area_is_registered_and_no_alert_is_in_two() -> None:
    for area in AREAS:
        assert len(area.PROOFS), area.__name__
    assert len(proofs()) == sum(len(area.PROOFS) for area in AREAS)
    folder = ROOT / "alerts/proofs"
    with_proofs = {
        path.stem
        for path in folder.glob("*.py")
        if re.search(r"^PROOFS\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert {area.__name__.rpartition(".")[2] for area in AREAS} == with_proofs


def test_each_proof_is_of_an_alert_that_some_catalog_has() -> None:
    made = {
        rule["alert"]
        for catalog in CATALOGS
        for artifact in generate(load_catalog(ROOT / catalog))
        if artifact.kind in {"prometheus-rules", "loki-rules"}
        for group in yaml.safe_load(encode(artifact))["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }
    assert proofs().keys() <= made
    assert made <= proofs().keys()


def test_no_two_tests_of_a_file_are_called_alike(tree: Path) -> None:
    for path in tree.glob("*/tests/*.yaml"):
        told = [test["name"] for test in read(path)["tests"]]
        assert len(set(told)) == len(told), path.name


def test_a_wrong_rule_is_noticed(tmp_path: Path, need_binary: NeedBinary) -> None:
    """One rule of each name; ``make mutation`` takes every rule.

    What no story notices yet is listed, so that it can only become less: the limits of a burn
    alert's short window and of its fewest events and errors.
    """
    promtool = need_binary("promtool")
    made = dict(cases(write("catalog", tmp_path / "tree"), tmp_path, every=False))
    assert sorted(survivors(made, promtool)) == UNNOTICED.read_text("utf-8").splitlines()


def test_every_alert_is_mutated_in_each_way(tmp_path: Path) -> None:
    tree = write("catalog", tmp_path / "tree")
    made = [fault for fault, _ in cases(tree, tmp_path, every=True)]
    for path in (tree / "prometheus/rules").glob("*.yaml"):
        for rule in alert_rules(path):
            subject = names.alert_subject(rule["alert"], rule["labels"])
            faults = [fault for fault in made if fault.startswith(f"{subject}: ")]
            compares = re.search(r" (==|>|<|>=|<=) ", rule["expr"]) is not None
            assert any(fault.endswith(" turned") for fault in faults) == compares, subject
            assert ("for" in rule) == (f"{subject}: for removed" in faults), subject
