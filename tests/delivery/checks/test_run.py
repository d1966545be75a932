"""The checks over a tree on disk, without what is suppressed for a reason."""

from __future__ import annotations

import gc
import json
from pathlib import Path
from typing import Any

import pytest

from catalog.errors import TreeError
from delivery.checks.finding import Finding
from delivery.checks.registry import CHECKS
from delivery.checks.run import Suppression, run_checks
from tests.delivery.checks.trees import (
    FIXTURES,
    RULES,
    TESTS,
    annotated,
    group,
    minimal,
    proofs,
    rules,
    write,
)

MINIMAL = FIXTURES / "minimal"
EXPR = "sum by (cluster) (rate(sale_total[5m])) > 1"
WHERE = "alert HighErrorRatio in group shop"
UNKNOWN = Finding(
    "metric/unknown",
    RULES,
    WHERE,
    "nobody emits 'sale_total'",
    "Did you mean 'sales_total'?",
    EXPR,
    23,
    33,
)


def tree(root: Path, *accepted: dict[str, str]) -> Path:
    elsewhere = "https://elsewhere.example/?from=now-1h&to=now"
    rule = {**annotated(dashboard_url=elsewhere), "expr": EXPR}
    write(root, {RULES: rules(group(rule)), TESTS: proofs(rule)})
    manifest = json.loads((root / "manifest.json").read_text())
    manifest["suppressions"] = list(accepted)
    (root / "manifest.json").write_text(json.dumps(manifest))
    return root


def run(root: Path) -> list[Finding]:
    return run_checks(root, minimal(), MINIMAL)


def meant(**changes: str) -> dict[str, str]:
    known = {"check": "metric/unknown", "file": RULES, "where": WHERE, "reason": "It is new."}
    return {**known, **changes}


def test_what_is_found(tmp_path):
    assert run(tree(tmp_path)) == [UNKNOWN]


def test_the_collector_of_garbage_is_as_it_was(tmp_path):
    tree(tmp_path)
    assert gc.isenabled()
    run(tmp_path)
    assert gc.isenabled()
    gc.disable()
    try:
        run(tmp_path)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_finding_that_is_meant_is_left_out(tmp_path):
    assert run(tree(tmp_path, meant())) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"check": "metric/type"},
        {"file": "prometheus/rules/till.yaml"},
        {"where": "alert HighErrorRat"},
        {"where": "alert HighErrorRatio in group shop, annotation summary"},
    ],
)
def test_a_suppression_of_something_else_is_a_finding(tmp_path, changes):
    other = meant(**changes)
    unused = Finding(
        "suppression/unused",
        other["file"],
        other["where"],
        f"nothing to suppress: {other['check']} finds nothing here",
        "Remove the suppression",
    )
    assert set(run(tree(tmp_path, other))) == {UNKNOWN, unused}


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_suppression_without_a_reason_suppresses_nothing(tmp_path, reason):
    unreasoned = Finding(
        "suppression/reason",
        RULES,
        WHERE,
        "the suppression of metric/unknown gives no reason",
        "Say why it is meant, or remove it",
    )
    assert set(run(tree(tmp_path, meant(reason=reason)))) == {UNKNOWN, unreasoned}


@pytest.mark.parametrize(
    ("where", "covered"),
    [
        ("panel 1 'Requests'", True),
        ("panel 1 'Requests', query A", True),
        ("panel 1", True),
        ("panel", True),
        ("panel 12 'Requests'", False),
        ("panel 1 'Requests per second'", False),
    ],
)
def test_what_a_suppression_covers(where, covered):
    """``panel 1`` covers panel 1 and what is in it."""
    finding = Finding("a/b", "f", "panel 1 'Requests', query A", "r", "r")
    other = Finding("a/b", "f", "panel 12 'Requests per second'", "r", "r")
    assert Suppression("a/b", "f", where, "r").covers(finding) is covered
    assert Suppression("a/b", "f", "panel 1", "r").covers(other) is False


def test_findings_are_in_order_and_each_once(tmp_path):
    broken: dict[str, Any] = {
        **annotated(dashboard_url="https://elsewhere.example/?from=now-1h&to=now"),
        "expr": f"{EXPR} or {EXPR}",
        "labels": {},
    }
    files = {RULES: rules(group(broken)), "loki/rules/fake/a.yaml": rules(group(broken))}
    write(tmp_path, {**files, TESTS: proofs(broken)})
    found = run(tmp_path)
    assert len(found) == len(set(found))
    assert [each.file for each in found] == sorted(each.file for each in found)
    assert [each.check for each in found if each.file == RULES] == [
        *["alert/labels"] * 3,
        "metric/unknown",
    ]


def test_a_tree_that_cannot_be_read(tmp_path):
    tree(tmp_path)
    (tmp_path / RULES).write_text("groups: [")
    with pytest.raises(TreeError) as caught:
        run(tmp_path)
    assert str(caught.value).startswith(f"{RULES}: cannot be read: while parsing")


def test_no_check_needs_a_server():
    assert not any(check.online for check in CHECKS)
