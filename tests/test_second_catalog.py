"""Another system, with other signals, builds as well, and nothing of the first one shows in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from catalog.load import load_catalog
from catalog.model import Catalog
from delivery.render import rendered
from tests.own_words import own_signals, says, service_names

SECOND = Path(__file__).parent / "fixtures" / "second"
#: Labels that every stream has, and words that Grafana, Loki or English have too.
COMMON = frozenset(
    {
        *("cluster", "environment", "level", "namespace", "pod", "service", "track"),
        *("event", "message", "name", "path"),
        "operation",  # Loki: loki_…_compact_tables_operation_last_successful_run_…
    }
)


@pytest.fixture(scope="module")
def second() -> Catalog:
    return load_catalog(SECOND)


@pytest.fixture(scope="module")
def files(second: Catalog) -> dict[str, str]:
    return {artifact.path: content.decode() for artifact, content in rendered(second)}


def own_words(catalog: Catalog) -> set[str]:
    """What only this system says."""
    system = catalog.platform.system
    titles = {folder.title for folder in catalog.platform.folders}
    names = {system.id, system.name, *titles, *service_names(catalog)}
    return (names | set(own_signals(catalog))) - COMMON


def test_it_has_what_the_first_one_lacks_and_lacks_what_that_has(
    root: Path, second: Catalog
) -> None:
    first = load_catalog(root / "catalog")
    assert not {"jaeger", "memcached"} & second.platform.components.keys()
    assert not set(first.platform.levels) <= set(second.platform.levels)
    assert not own_words(first) & own_words(second)
    assert any(service.logs.format == "logfmt" for service in second.services)
    assert any(service.by_role("requests") is None for service in second.services)
    assert any(not service.objectives for service in second.services)
    assert any(metric.good for service in second.services for metric in service.metrics)
    assert len(second.platform.environments) == 1


def test_each_service_has_files_of_its_own(second: Catalog, files: dict[str, str]) -> None:
    for service in second.services:
        assert any(service.id in path for path in files), service.id


def test_no_word_of_the_first_system_shows(root: Path, files: dict[str, str]) -> None:
    words = own_words(load_catalog(root / "catalog"))
    found = {
        (path, word)
        for path, content in files.items()
        for word in words
        # Words of Alloy's language and of Kubernetes' discovery, and names of ours.
        if says(re.sub(r"\bstage\.|__meta_kubernetes_\w+", "", content), word)
    }
    assert not sorted(found)
