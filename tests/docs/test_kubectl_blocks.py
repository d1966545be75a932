"""Every call of kubectl that a page or an example shows can be made, on what ships."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.load import load_catalog
from tests.kubectl.check import Cluster
from tests.kubectl.words import Call, calls

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted(path for path in (ROOT / "examples").rglob("*") if path.suffix in {".md", ".sh"}),
]


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    return Cluster(ROOT, load_catalog(ROOT / "catalog"))


def found() -> list[Call]:
    return [call for path in PAGES for call in calls(ROOT, path)]


def test_each_call_is_one_that_kubectl_takes(cluster: Cluster) -> None:
    faults = [str(fault) for call in found() for fault in cluster.faults(call)]
    assert faults == []


@pytest.mark.parametrize(
    "page", ["docs/deployment.md", "docs/backup.md", "docs/quick-start.md", "docs/upgrading.md"]
)
def test_the_calls_of_the_guides_are_seen(page: str) -> None:
    assert len([call for call in found() if call.page == page and not call.mentioned]) > 2


def test_the_calls_of_a_script_are_seen() -> None:
    assert {call.words[0] for call in found() if call.page == "examples/kubernetes/apply.sh"} == {
        "apply",
        "create",
    }
