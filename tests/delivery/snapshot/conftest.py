"""A browser where one is installed, and something like Grafana to open in it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from delivery import manifest
from delivery.snapshot.browser import PROGRAMS, VARIABLE, launched
from tests.delivery.snapshot.fake_grafana import FakeGrafana

Json = dict[str, Any]


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser; where there is none (.ci/run installs none), the test is skipped by name."""
    pytest.importorskip("playwright", reason="playwright is not installed")
    named = os.environ.get(VARIABLE) or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if named is None:
        pytest.skip("chromium is not on the PATH, and CHROMIUM_BIN names none")
    return named


# One at a time in a process, as Playwright wants it: other files start their own.
@pytest.fixture(scope="module")
def opened(chromium: str) -> Iterator[Any]:
    """One browser for all tests: each run has a profile of its own in it."""
    with launched(chromium) as running:
        yield running


@pytest.fixture
def grafana(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGrafana]:
    """Neither a proxy nor a token of whoever runs the tests has a say in it."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    for name in ("GRAFANA_URL", "GRAFANA_TOKEN", "GRAFANA_TOKEN_FILE", "GRAFANA_ORG_ID"):
        monkeypatch.delenv(name, raising=False)
    running = FakeGrafana()
    yield running
    running.stop()


@pytest.fixture
def generated(tmp_path: Path) -> Callable[..., Path]:
    """``generated(board, ...)`` is a generated folder with those dashboards in 'logs'."""

    def make(*boards: Json) -> Path:
        root = tmp_path / "generated"
        folder = root / "grafana" / "dashboards" / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        entries = []
        for board in boards:
            data = json.dumps(board).encode()
            (folder / f"{board['uid']}.json").write_bytes(data)
            path = f"grafana/dashboards/logs/{board['uid']}.json"
            digest = manifest.sha256(data)
            entries.append(manifest.Entry(path, digest, "dashboard", board["uid"], "platform"))
        (root / "manifest.json").write_bytes(manifest.encode(entries))
        return root

    return make
