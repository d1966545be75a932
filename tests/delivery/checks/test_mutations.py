"""A fault in a file that ships is found, whatever it is and wherever it stands.

``make mutation`` makes every fault and prints the table; here it is a fixed part of those of
which there are very many, and the table stands in mutations.txt of the folder that pytest made,
and with ``-s`` on the screen.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from delivery.checks.registry import CHECKS
from delivery.checks.run import run_checks
from tests.delivery.checks.mutations import (
    dashboard_faults,
    link_faults,
    logql_faults,
    panel_faults,
    promql_faults,
    proof_faults,
    route_faults,
    rule_faults,
    runbook_faults,
    secret_faults,
    source_faults,
)
from tests.delivery.checks.mutations.campaign import is_caught, made, run, survivors, table
from tests.delivery.checks.mutations.registry import KINDS
from tests.delivery.checks.mutations.trees import ROOT, both, written

#: Faults of one kind in one tree that are enough here.
MOST = 300
IDS = {check.id for check in CHECKS}
FAMILIES = (
    promql_faults,
    logql_faults,
    dashboard_faults,
    panel_faults,
    link_faults,
    rule_faults,
    proof_faults,
    route_faults,
    secret_faults,
    source_faults,
)


@pytest.fixture(scope="module")
def trees(tmp_path_factory):
    return both(tmp_path_factory.mktemp("trees"))


@pytest.fixture(scope="module")
def second(trees):
    return trees[1]


def test_the_untouched_trees_have_no_finding(trees):
    for tree in trees:
        assert run_checks(tree.root, tree.catalog, tree.folder) == [], tree.name


def test_every_query_that_is_read_is_a_site(trees):
    """A query that no fault is put into would be proved nothing about."""
    for tree in trees:
        known = {(site.path, site.where, site.text) for site in tree.sites}
        read = {
            (use.file, use.where, use.text)
            for use in tree.whole.uses
            if use.kind != "template"  # in the text of an alert: see rule_faults
        }
        assert read == known, tree.name


def test_every_check_has_a_kind_of_fault():
    expected = {check for kind in KINDS for check in kind.ids}
    # Those of runbooks are made by test_runbook_faults.py.
    assert expected | {fault.id for fault in runbook_faults.FAULTS.values()} == IDS
    assert len({kind.name for kind in KINDS}) == len(KINDS)


def test_every_fault_is_found(trees, tmp_path):
    lines = run(trees, MOST)
    report = table(lines)
    (tmp_path / "mutations.txt").write_text(f"{report}\n", encoding="utf-8")
    print(f"\n{report}")
    assert survivors(lines) == ""
    made_of = {line.kind for line in lines if line.made}
    assert made_of == {kind.name for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS[::3], ids=lambda kind: kind.name)
def test_the_same_is_found_in_the_files(second, tmp_path, kind):
    """What is read again in parts is read as the whole is."""
    _, mutants = made(second, kind)
    if not mutants:
        assert kind.name in ONLY_FIRST
        return
    mutant = mutants[len(mutants) // 2]
    root = written(second, mutant, tmp_path / "tree")
    found = run_checks(root, second.catalog, second.folder)
    assert set(found) == set(second.findings(mutant))
    assert is_caught(mutant, found)


#: What the second system has no place for: one cluster and environment, a new Loki, no traces,
#: nothing in Kubernetes.
ONLY_FIRST = frozenset(
    {
        "datasource: a label of nothing",
        "datasource: missing in an environment",
        "logql: what the oldest release lacks",
        "promql: group_left forgotten",
        "secret: in a Secret",
        "secret: in a container's environment",
        "secret: in an embedded file",
    }
)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__.rpartition(".")[2])
def test_the_command_finds_it(second, tmp_path, family):
    """The command, its files and its manifest: nothing of the above is only in this process."""
    kind = family.KINDS[0]
    mutant = made(second, kind)[1][0]
    root = written(second, mutant, tmp_path / "tree")
    options = ["--catalog", second.folder, "--generated", root, "--format", "json"]
    done = subprocess.run(
        [sys.executable, "build.py", "check", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    expected = {
        (each.check, each.file, each.where, each.reason) for each in second.findings(mutant)
    }
    assert {
        (each["check"], each["file"], each["where"], each["reason"])
        for each in json.loads(done.stdout)
    } == expected
