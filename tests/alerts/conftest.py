"""The rules that ship, written once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.registry import generate
from catalog.load import load_catalog
from catalog.model import Catalog
from delivery.render import encode


@pytest.fixture(scope="session")
def shipped(root: Path) -> Catalog:
    return load_catalog(root / "catalog")


@pytest.fixture(scope="session")
def second(root: Path) -> Catalog:
    return load_catalog(root / "tests/fixtures/second")


@pytest.fixture(scope="session")
def written(shipped: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The generated files of the shipped catalog, in a folder."""
    folder = tmp_path_factory.mktemp("generated")
    for artifact in generate(shipped):
        path = folder / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(artifact))
    return folder
