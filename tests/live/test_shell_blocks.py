"""What the pages tell people to type with servers at hand runs against the demo's."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, SHELLS, blocks, fresh_copy
from tests.docs.shell import LIVE, run
from tests.live.stack import Stack

PAGES_THAT_RUN = [
    page for page in PAGES if any(block.above == LIVE for block in blocks(page, *SHELLS))
]


@pytest.fixture(scope="module")
def repository(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this one, with the catalog and what is generated as that stack runs them."""
    folder = fresh_copy(tmp_path_factory.mktemp("clone"))
    for name, source in (("catalog", stack.folder / "catalog"), ("generated", stack.generated)):
        shutil.copytree(source, folder / name, dirs_exist_ok=True)
    return folder


@pytest.mark.parametrize("page", PAGES_THAT_RUN)
def test_it_runs(page: str, stack: Stack, repository: Path, tmp_path: Path) -> None:
    account = {"GRAFANA_USER": "admin", "GRAFANA_PASSWORD": "admin"}
    told = {f"{name.upper()}_URL": url for name, url in stack.urls.items()} | account
    for block in blocks(page, *SHELLS):
        if block.above == LIVE:
            run(block, repository, tmp_path / "home", told)
