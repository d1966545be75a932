"""A fake Grafana of each generation, a small generated tree, and the command line against both."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from delivery.cli import main
from delivery.publish import transport
from tests.delivery.publish.fake_grafana import FakeGrafana

pytest.register_assert_rewrite(
    "tests.delivery.publish.conformance", "tests.delivery.publish.conformance_alerting"
)

CATALOG = Path(__file__).resolve().parents[2] / "fixtures" / "minimal"
Run = Callable[..., int]


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("publish") / "generated"
    assert main(["build", "--catalog", str(CATALOG), "--out", str(out)]) == 0
    return out


@pytest.fixture
def own_tree(tree: Path, tmp_path: Path) -> Path:
    """A copy that a test may change by building another catalog into it."""
    return Path(shutil.copytree(tree, tmp_path / "own"))


@pytest.fixture(params=[1, 2], ids=["api", "resources"])
def grafana(request: pytest.FixtureRequest) -> Iterator[FakeGrafana]:
    fake = FakeGrafana(request.param)
    yield fake
    fake.stop()


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport.time, "sleep", lambda _: None)


@pytest.fixture
def run(grafana: FakeGrafana, tree: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """``build.py <arguments>`` with the small tree against the fake; its exit status."""
    monkeypatch.setenv("GRAFANA_URL", grafana.url)
    monkeypatch.setenv("GRAFANA_TOKEN", grafana.token)
    for name in ("LOKI_URL", "MIMIR_URL", "PROMETHEUS_URL", "GRAFANA_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)

    def call(command: str, *arguments: str, generated: Path = tree) -> int:
        return main([command, "--catalog", str(CATALOG), "--generated", str(generated), *arguments])

    return call
