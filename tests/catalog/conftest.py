"""The catalog that each test of this folder spoils."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.catalog.editable")

from tests.catalog.editable import EditableCatalog  # noqa: E402 - rewritten first


@pytest.fixture
def catalog(tmp_path: Path) -> EditableCatalog:
    return EditableCatalog(tmp_path)
