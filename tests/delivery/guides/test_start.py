"""The blocks of the quick start follow from the catalog, also from one without a cluster."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

import pytest

from catalog.load import load_catalog
from delivery.guides import start
from delivery.guides.blocks import Page
from simulate.fleet.incidents import KINDS

ROOT = Path(__file__).parents[3]


def page(folder: str = "catalog") -> Page:
    return Page(load_catalog(ROOT / folder), PurePosixPath("docs/quick-start.md"))


def test_what_others_need_is_applied_first_and_every_file_once() -> None:
    made = start.cluster_start(page())
    applied = re.findall(r"-f (\S+)", made)
    [folder] = re.findall(r"cd (\S+)", made)
    assert sorted(applied) == sorted(path.name for path in (ROOT / folder).glob("*.yaml"))
    assert applied[0] == "18-storage-cache-networking.yaml"
    assert applied.index("18-loki-secrets.yaml") < applied.index("18-loki-deployment.yaml")
    waited = re.findall(r"rollout status (\S+)", made)
    assert waited == ["statefulset/memcached", "statefulset/loki", "daemonset/alloy"]


def test_both_trees_are_told_with_their_releases() -> None:
    rows = start.releases(page()).splitlines()[2:]
    assert rows == [
        "| `generated/deploy/k8s` | 2.9.4 | promtail 2.9.4 | boltdb-shipper |",
        "| `generated/deploy/k8s-current` | 3.7.6 | alloy 1 | tsdb, after boltdb-shipper |",
    ]


@pytest.mark.parametrize("maker", ["cluster-start", "releases"])
def test_a_catalog_without_a_cluster_says_so(maker: str) -> None:
    told = start.MAKERS[maker](page("tests/fixtures/minimal"))
    assert told == "This catalog has no `deployment.yaml`: nothing is generated for a cluster."


def test_every_kind_of_incident_is_an_exercise_with_a_runbook() -> None:
    made = start.exercises(page())
    assert {kind for kind in KINDS if f"| `{kind}` |" in made} == set(KINDS)
    for runbook in re.findall(r"\((runbooks/\w+\.md)\)", made):
        assert (ROOT / "docs" / runbook).is_file()


def test_times_are_rounded_up() -> None:
    """docs/telemetry.md: HighErrorRatio after 450 s, TargetDown after 375."""
    made = start.exercises(page())
    assert "[HighErrorRatio](runbooks/HighErrorRatio.md) | 8 minutes |" in made
    assert "[TargetDown](runbooks/TargetDown.md) | 7 minutes |" in made
