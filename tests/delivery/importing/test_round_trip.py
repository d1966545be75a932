"""What this repository generates itself is imported without a rest, and built again exactly."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.load import load_catalog
from dashboards import registry
from dashboards.beyond import Beyond
from delivery.importing.fit import placed_of
from tests.delivery.importing.conftest import ROOT, Through
from tests.test_layering import faults

CATALOGS = {
    folder: load_catalog(ROOT / folder)
    for folder in ("catalog", "tests/fixtures/second", "tests/fixtures/minimal")
}
EVERY = {
    f"{folder}: {made.uid}": (made.content, facts)
    for folder, facts in CATALOGS.items()
    for made in registry.generate(facts)
}
OURS = {name: content for name, (content, _) in EVERY.items() if name.startswith("catalog:")}


@pytest.mark.parametrize("name", EVERY)
def test_each_of_our_own_dashboards_comes_out_as_it_went_in(name: str, through) -> None:
    content, facts = EVERY[name]
    done: Through = through(content, of=facts)
    assert done.built == content
    assert {line.verdict for line in done.lines} == {"exact"}
    assert done.notes == []


@pytest.mark.parametrize("name", OURS)
def test_our_constructors_say_all_there_is_to_say_of_our_panels(name: str, through) -> None:
    done: Through = through(OURS[name])
    assert [
        one.panel.title for one in placed_of(done.imported.items) if one.beyond != Beyond()
    ] == []
    # The links to other dashboards are added by the registry, and not the panels' concern.
    assert (set(done.imported.beyond.put), done.imported.beyond.without) == ({"/links"}, ())
    assert [one for one in done.imported.choices if one.beyond != Beyond()] == []


def test_the_modules_are_typed_short_and_import_nothing_they_may_not(
    through, tmp_path: Path
) -> None:
    work = tmp_path / "repository"
    for package in ("catalog", "dashboards", "queries"):
        shutil.copytree(ROOT / package, work / package)
    shutil.copy(ROOT / "pyproject.toml", work)
    written = []
    for content in OURS.values():
        slug = content["uid"].replace("-", "_")
        for module in through(content).modules:
            path = Path(module.path.replace("tried", slug))
            text = module.text.replace("imported_tried", f"imported_{slug}")
            (work / path).write_text(text)
            written.append(str(path))
            assert text.count("\n") <= 400, path
            assert faults(path, text) == []
    assert len(written) > 40
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", *written],
        cwd=work, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.parametrize("name", OURS)
def test_the_layout_is_that_of_the_formatter(name: str, through, tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for module in through(OURS[name]).modules:
        path = tmp_path / module.path
        path.parent.mkdir(exist_ok=True)
        path.write_text(module.text)
    for command in (("format", "--check"), ("check",)):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "."],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
