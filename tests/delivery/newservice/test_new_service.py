"""The command: what is asked, what is refused, and that what is written builds as it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from catalog.load import load_catalog
from delivery import places
from delivery.cli import main

ROOT = Path(__file__).resolve().parents[3]
PAGE = """# HELP parcels_total Parcels, by what became of them.
# TYPE parcels_total counter
parcels_total{outcome="delivered"} 9
parcels_total{outcome="lost"} 1
# TYPE weighing_seconds histogram
weighing_seconds_bucket{le="0.5"} 1
weighing_seconds_bucket{le="+Inf"} 1
weighing_seconds_sum 1
weighing_seconds_count 1
# TYPE go_goroutines gauge
go_goroutines 7
"""
ANSWERS = {
    "--id": "parcels",
    "--name": 'ΣPARCELS: "fast" & {sure}',
    "--description": "Carries 'parcels': # of all kinds.",
    "--team": "post",
    "--metrics-port": "9000",
    "--lines-per-minute": "30",
    "--namespace": "yard",
}


def flags(**changes: str | None) -> list[str]:
    named = {f"--{key.replace('_', '-')}": value for key, value in changes.items()}
    return [
        word
        for flag, value in {**ANSWERS, **named}.items()
        if value is not None
        for word in (flag, value)
    ]


@pytest.fixture(params=["minimal", "second"])
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / "catalog"
    shutil.copytree(ROOT / "tests/fixtures" / request.param, folder)
    return folder


@pytest.fixture
def minimal(tmp_path: Path) -> Path:
    folder = tmp_path / "catalog"
    shutil.copytree(ROOT / "tests/fixtures/minimal", folder)
    return folder


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRAFANA_URL", raising=False)


def new_service(catalog: Path, *words: str) -> int:
    generated = catalog.parent / "generated"
    return main(["new-service", "--catalog", str(catalog), "--generated", str(generated), *words])


def test_what_is_written_builds(
    catalog: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.txt"
    page.write_text(PAGE)
    status = new_service(
        catalog,
        *flags(),
        *("--metrics", str(page), "--bad", "parcels_total:outcome=lost", "--requests"),
        *("--availability", "99.5", "--yes"),
    )
    assert (status, capsys.readouterr().err) == (0, "")
    assert main(["--catalog", str(catalog), "--out", str(tmp_path / "out")]) == 0
    service = load_catalog(catalog).service("parcels")
    assert service.name == ANSWERS["--name"]
    assert service.description == ANSWERS["--description"]
    assert service.owner.team == "post"
    assert service.by_role("requests") is not None
    assert service.metric("go_goroutines") is None
    parcels = service.metric("parcels_total")
    assert parcels is not None
    assert (parcels.bad, parcels.help) == (
        {"outcome": ("lost",)},
        "Parcels, by what became of them.",
    )
    weighing = service.metric("weighing_seconds")
    assert weighing is not None
    assert (weighing.unit, weighing.buckets) == ("seconds", (0.5,))
    assert [each.id for each in service.objectives] == ["availability"]
    assert {each.source for each in service.metrics} == {"assumed"}


def test_off_a_terminal_each_missing_answer_names_its_flag(
    minimal: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(minimal.rglob("*"))
    assert new_service(minimal, *flags(team=None, metrics_port=None), "--yes") == 2
    assert capsys.readouterr().err.splitlines() == [
        (
            "--team: nothing says it: which team is paged. "
            "Add --team, or run it on a terminal, where it is asked for."
        ),
        (
            "--metrics-port: nothing says it: the port of its metrics. "
            "Add --metrics-port, or run it on a terminal, where it is asked for."
        ),
    ]
    assert sorted(minimal.rglob("*")) == before


def test_an_answer_that_cannot_be_is_told_by_its_flag(
    minimal: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert new_service(minimal, *flags(team="Post Office", metrics_port="70000"), "--yes") == 2
    assert capsys.readouterr().err.splitlines() == [
        (
            "--team: is 'Post Office'. Use lower-case letters and digits, a letter first, with "
            "single hyphens between."
        ),
        "--metrics-port: is 70000. Write a number of at most 65535.",
    ]


def test_nobody_to_agree_is_told_at_once(minimal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert new_service(minimal, *flags()) == 2
    assert capsys.readouterr().err == (
        "--yes: nobody is at a terminal to agree to what is written. "
        "Add --yes, or --dry-run to see the plan.\n"
    )


def test_an_id_that_is_there_is_refused(minimal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (minimal / "services/shop.yaml").read_bytes()
    assert new_service(minimal, *flags(id="shop"), "--yes") == 2
    assert capsys.readouterr().err == (
        f"{minimal}/services/shop.yaml: the catalog has a service 'shop' already. "
        "Edit that file, or choose another --id.\n"
    )
    assert (minimal / "services/shop.yaml").read_bytes() == before


def test_what_does_not_fit_the_catalog_is_not_written(
    minimal: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(minimal.rglob("*"))
    words = ("--requests", "--depends-on", "shopp", "--yes")
    assert new_service(minimal, *flags(), *words) == 2
    assert capsys.readouterr().err == (
        f"{minimal}/services/parcels.yaml:10 (not written; --dry-run shows it): "
        "no service is 'shopp'. Did you mean 'shop'?\n"
    )
    assert sorted(minimal.rglob("*")) == before


def test_a_dry_run_writes_nothing(minimal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(minimal.rglob("*"))
    assert new_service(minimal, *flags(), "--requests", "--dry-run") == 0
    out = capsys.readouterr().out
    assert "id: parcels\n" in out
    assert "prometheus/rules/service-parcels.yaml" in out
    assert sorted(minimal.rglob("*")) == before


def test_a_draft_is_filled_in_by_flags(
    minimal: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft = tmp_path / "draft.yaml"
    draft.write_text(
        'id: parcels\nname: Parcels\ndescription: "TODO: what it does, in a sentence"\n'
        'owner: {team: "TODO"}\nworkload: {namespace: yard, app: p, metrics_port: 9000}\n'
        "volume: {lines_per_minute: 5}\n"
        "metrics:\n  - {name: parcels_total, type: counter, unit: parcels, title: Parcels, "
        'help: Parcels., emitted_by: application, emission: "TODO: always or lazy", '
        "source: assumed, reason: Seen.}\n"
    )
    assert new_service(minimal, "--from", str(draft), "--team", "post", "--yes") == 2
    assert capsys.readouterr().err == (
        "--description: nothing says it: what it does, in a sentence. "
        "Add --description, or run it on a terminal, where it is asked for.\n"
    )
    words = ("--from", str(draft), "--team", "post", "--description", "Carries.", "--yes")
    assert new_service(minimal, *words) == 2
    assert capsys.readouterr().err == (
        "'metrics[0].emission' of the draft: still to be filled in: always or lazy. "
        "Add --set metrics.0.emission=VALUE, or fill it in.\n"
    )
    assert new_service(minimal, *words, "--set", "metrics.0.emission=lazy") == 0
    service = load_catalog(minimal).service("parcels")
    assert (service.owner.team, service.metrics[0].emission) == ("post", "lazy")
    assert main(["--catalog", str(minimal), "--out", str(tmp_path / "out")]) == 0


def questions(page: str) -> list[tuple[int, str]]:
    """The line and words of each question of a page."""
    lines = enumerate(page.splitlines(), start=1)
    return [(at, line.removeprefix("TODO: ")) for at, line in lines if line.startswith("TODO")]


def test_beside_the_shipped_catalog_tests_and_pages_are_written_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ignored = shutil.ignore_patterns("*.py", "__pycache__")
    shutil.copytree(ROOT / "catalog", tmp_path / "catalog", ignore=ignored)
    shutil.copytree(ROOT / "docs/runbooks", tmp_path / "docs/runbooks")
    shutil.copy(ROOT / "docs/confirm.md", tmp_path / "docs/confirm.md")
    # As if the alert on error budgets were new with this service.
    (tmp_path / "docs/runbooks/ErrorBudgetSpent.md").unlink()
    monkeypatch.setattr(places, "ROOT", tmp_path)
    monkeypatch.setattr(places, "DEFAULT_CATALOG", tmp_path / "catalog")
    monkeypatch.setattr(places, "RUNBOOKS", tmp_path / "docs/runbooks")
    words = ("--requests", "--availability", "99", "--yes")
    assert new_service(tmp_path / "catalog", *flags(namespace=None), *words) == 0
    test = (tmp_path / "tests/services/test_parcels.py").read_text()
    for part in ('promised("parcels")', '"HighErrorRatio"', "availability 99 % over 30d"):
        assert part in test
    compile(test, "test_parcels.py", "exec")
    page = (tmp_path / "docs/runbooks/ErrorBudgetSpent.md").read_text()
    assert page.startswith("# ErrorBudgetSpent\n\n## Meaning\n\n")
    assert "TODO: what users notice while it fires" in page
    # Its links and whom to call are there already, those of the new service among them.
    look = page.partition("## First look")[2].partition("## Diagnosis")[0]
    assert [line[:2] for line in look.splitlines() if line[:1].isdigit()] == ["1.", "2.", "3."]
    assert "/d/neurectomy-slo-parcels?" in look
    assert "/api/datasources/proxy/uid/neurectomy-prometheus/api/v1/alerts" in look
    assert "| About | Team | Channel |" in page
    check = (
        "check",
        "--generated",
        str(ROOT / "generated"),
        "--catalog",
        str(tmp_path / "catalog"),
    )
    capsys.readouterr()
    assert main(list(check)) == 1
    told = [line for line in capsys.readouterr().out.splitlines() if "runbook/" in line]
    assert told == [
        f"docs/runbooks/ErrorBudgetSpent.md: line {number}: runbook/unfinished: nobody has "
        f"written {asked}. Write it: whoever is woken has nobody to ask."
        for number, asked in questions(page)
    ]
    assert "services/parcels.yaml" in (tmp_path / "docs/confirm.md").read_text()
