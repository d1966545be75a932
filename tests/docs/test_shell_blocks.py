"""What the pages tell people to type is shell, and runs where they say that it does."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, SHELLS, Block, blocks, every, fresh_copy, text_of
from tests.docs.shell import CLUSTER, LIVE, RUN, run

BLOCKS = every(*SHELLS)
PAGES_THAT_RUN = [
    page for page in PAGES if any(block.above == RUN for block in blocks(page, *SHELLS))
]
#: Programs of a block that a machine without them cannot try.
_PROGRAMS = ("promtool", "amtool", "jq", "node", "npm")


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_it_is_shell(block: Block) -> None:
    read = subprocess.run(
        ["bash", "-n"], input=block.text, capture_output=True, text=True, check=False
    )
    assert (read.returncode, read.stderr) == (0, ""), block.text


def test_each_marker_stands_right_above_a_shell_block() -> None:
    marked = [block for block in BLOCKS if block.above.startswith("<!-- run")]
    assert {block.above for block in marked} <= {RUN, LIVE, CLUSTER}
    written = sum(
        len(re.findall(r"^ *<!-- run.*-->$", text_of(page), re.MULTILINE)) for page in PAGES
    )
    assert written == len(marked)


def test_the_first_things_that_a_newcomer_types_are_tried() -> None:
    assert {"docs/adding-a-service.md", "docs/query-reference.md"} <= set(PAGES_THAT_RUN)
    assert sum(block.above == RUN for block in BLOCKS) > 2
    assert any(block.above == LIVE for block in BLOCKS)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fresh_copy(tmp_path_factory.mktemp("clone"))


@pytest.mark.parametrize("page", PAGES_THAT_RUN)
def test_it_runs(page: str, clone: Path, tmp_path: Path, need_binary) -> None:
    """The blocks of a page in order, in a copy of the repository of their own."""
    own = [block for block in blocks(page, *SHELLS) if block.above == RUN]
    for program in _PROGRAMS:
        if any(re.search(rf"\b{program} ", block.text) for block in own):
            need_binary(program)
    repository = tmp_path / "repository"
    shutil.copytree(clone, repository)
    for block in own:
        run(block, repository, tmp_path / "home", {})
