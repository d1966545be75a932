"""What every test may use."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples on every run and no time limit: a test that fails only sometimes, or
# only on a slow machine, teaches people to run it again.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def need_binary() -> Callable[[str], str]:
    """``need_binary("promtool")`` is its path; without it the test is skipped, in CI it fails."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None and os.environ.get("CI"):
            pytest.fail(f"{name} is not on the PATH, and .ci/run installs it", pytrace=False)
        if path is None:
            pytest.skip(f"{name} is not on the PATH")
        return path

    return find
