"""The command as a user runs it: what is written, what is not, and the exit status."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.model import Catalog
from delivery import cli
from delivery.importing import confirm, repository
from tests.delivery.importing.conftest import ROOT
from tests.delivery.importing.samples import dashboard, old, panel

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def into(tmp_path: Path) -> Path:
    """As much of a repository as an import writes to."""
    for folder in ("catalog", "dashboards", "queries"):
        (tmp_path / "repository" / folder).mkdir(parents=True)
    shutil.copy(ROOT / repository.REGISTRY, tmp_path / "repository" / repository.REGISTRY)
    return tmp_path / "repository"


@pytest.fixture
def run(capsys, into: Path, tmp_path: Path, monkeypatch) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRAFANA_URL", raising=False)

    def main(content: object, *arguments: str) -> tuple[int, str, str]:
        Path("x.json").write_text(json.dumps(content), encoding="utf-8")
        status = cli.main(("import", "x.json", "--into", str(into), *arguments))
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return main


@pytest.fixture
def unchecked(monkeypatch) -> None:
    """The checks of the whole tree take seconds, and are tried once."""
    monkeypatch.setattr(confirm, "findings", lambda *_: [])


def files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


LOSSY = old({"id": 1, "type": "graph", "title": "Boats", "targets": [], "timeRegions": [{}]})


def test_an_import_with_what_nobody_has_declared(run: Run, into: Path, catalog: Catalog) -> None:
    status, out, err = run(dashboard(panel()))
    assert (status, err) == (0, "")
    assert out.splitlines()[0] == (
        "harbour 'Harbour': panels: 1 exactly as it was read, 0 equal in meaning, 0 with losses"
    )
    assert out.splitlines()[-1] == "dashboards/imported_harbour.py: 5 files written"
    written = files(into)
    assert "imported_harbour.build," in written["dashboards/imports.py"].decode()
    proposed = written["catalog/proposals/imported_harbour.yaml"].decode()
    assert "  boats_total: {type: counter, unit: count, emission: always}" in proposed
    assert (
        "  # Not known: type (counted: it is asked for by rate or increase), emission, "
        "further labels." in proposed
    )
    panels = written["dashboards/imported_harbour_panels.py"].decode()
    assert '"metric/unknown": UNCONFIRMED' in panels
    assert "drawing=Lines(" in panels
    assert 'PromQL("sum(rate(boats_total[5m]))")' in written["queries/imported_harbour.py"].decode()


@pytest.mark.usefixtures("unchecked")
def test_losses_are_listed_and_nothing_is_written_unless_they_are_allowed(
    run: Run, into: Path
) -> None:
    before = files(into)
    status, out, err = run(LOSSY)
    assert status == 1
    assert out.splitlines()[0] == (
        "$.rows[0].panels[0].timeRegions: lost: marked hours of the day are not marked any more"
    )
    assert err == "nothing was written: look at what is lost, then add --allow-losses\n"
    assert files(into) == before
    assert run(LOSSY, "--allow-losses")[0] == 0
    assert "dashboards/imported_harbour.py" in files(into)


@pytest.mark.usefixtures("unchecked")
def test_the_account_names_each_panel_and_is_data_too(run: Run) -> None:
    status, out, _ = run(LOSSY, "--account")
    assert status == 1
    assert "$.rows[0].panels[0]: with losses: panel 1 'Boats'" in out.splitlines()
    data = json.loads(run(LOSSY, "--format", "json")[1])
    assert (data["version"], data["written"]) == (1, False)
    assert data["summary"] == {"exact": 0, "equal": 0, "lost": 1}
    assert [each["verdict"] for each in data["panels"]] == ["equal", "lost"]


@pytest.mark.usefixtures("unchecked")
def test_again_changes_nothing_and_work_on_it_is_not_overwritten(run: Run, into: Path) -> None:
    assert run(dashboard(panel()))[0] == 0
    first = files(into)
    assert run(dashboard(panel()))[1].endswith(": 0 files written\n")
    assert files(into) == first
    changed = into / "queries" / "imported_harbour.py"
    changed.write_text(changed.read_text() + "# mine\n")
    status, _, err = run(dashboard(panel()))
    assert status == 1
    assert err == (
        "repository/queries/imported_harbour.py: is there already, and what was changed in it "
        "would be lost. Add --replace, or choose another name with --name.\n"
    )
    assert run(dashboard(panel()), "--replace")[0] == 0
    assert files(into) == first


@pytest.mark.usefixtures("unchecked")
def test_a_run_that_dies_anywhere_leaves_nothing_half_and_the_next_one_finishes(
    run: Run, into: Path, monkeypatch
) -> None:
    before, whole = files(into), None
    real = os.replace
    for alive in range(9):
        done = 0

        def dies(source: object, target: object, alive: int = alive) -> None:
            nonlocal done
            if done == alive:
                raise OSError("killed")
            done += 1
            real(source, target)

        monkeypatch.setattr(os, "replace", dies)
        status = run(dashboard(panel()))[0]
        monkeypatch.setattr(os, "replace", real)
        now = files(into)
        if status == 0:
            break
        assert now["dashboards/imports.py"] == before["dashboards/imports.py"]
        assert not [name for name in now if "/." in name]
        assert run(dashboard(panel()))[0] == 0
        whole = whole or files(into)
        assert files(into) == whole
        shutil.rmtree(into)
        for name, data in before.items():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            (into / name).write_bytes(data)
        for folder in ("catalog", "queries"):
            (into / folder).mkdir(exist_ok=True)
    assert (status, alive) == (0, 4)
    assert files(into) == whole


@pytest.mark.usefixtures("unchecked")
def test_what_is_in_the_way_is_told(run: Run, into: Path, capsys) -> None:
    status, _, err = run(dashboard(panel(), uid="neurectomy-unified"))
    assert status == 1
    assert err == (
        "neurectomy-unified: has the uid of a dashboard that is generated here. "
        "Give the one that is imported another uid in its JSON.\n"
    )
    status, _, err = run(dashboard(panel()), "--folder", "overvew")
    assert status == 2
    assert err.startswith("--folder: the catalog has no folder 'overvew'. Did you mean 'overview'?")
    assert cli.main(("import", "abc", "--into", str(into))) == 2
    assert capsys.readouterr().err == (
        "abc: is no file, and nothing says where Grafana is. "
        "Name a file, or set GRAFANA_URL for a dashboard's uid.\n"
    )
    (into / "dashboards" / "imports.py").unlink()
    status, _, err = run(dashboard(panel()))
    assert status == 2
    assert err == (
        "repository: has no dashboards/imports.py. "
        "Name the folder of this repository, or of a copy.\n"
    )


def test_the_registry_is_written_as_it_is_committed() -> None:
    text = (ROOT / repository.REGISTRY).read_text(encoding="utf-8")
    assert repository.registry(repository.listed(ROOT)) == text
