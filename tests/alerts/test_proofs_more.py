"""The stories of bounds and of silence, told to promtool: each moment is as the story says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alerts.model import Alert
from alerts.proof import Incident, LogIncident, Proof
from alerts.proofs import logs_more, service_more, silence
from alerts.registry import generate
from catalog.load import load_catalog
from catalog.model import Catalog
from delivery.render import encode
from tests.alerts.promtool import Scenario, check, expected, series
from tests.alerts.told import file_of, told

ROOT = Path(__file__).resolve().parents[2]
CATALOGS = ("catalog", "tests/fixtures/second")
#: Seconds: two days.
LONG = 2 * 86_400
PROOFS = {**logs_more.PROOFS, **service_more.PROOFS, **silence.PROOFS}


def stories() -> Iterator[object]:
    """Those of a week take seconds each: of a catalog, one service's are enough here."""
    for source in CATALOGS:
        catalog = load_catalog(ROOT / source)
        first = next(each.id for each in catalog.services if each.by_role("requests"))
        for alert in told(catalog):
            for proof in PROOFS[alert.name](catalog, alert) if alert.name in PROOFS else ():
                if not isinstance(proof, Incident):
                    continue
                if proof.moments[-1].at < LONG or alert.service == first:
                    name = f"{source} {alert.name} {alert.service}: {proof.title}"
                    yield pytest.param(source, alert, proof, id=name)


@pytest.fixture(scope="session")
def rules(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folders = {}
    for source in CATALOGS:
        folders[source] = tmp_path_factory.mktemp("rules")
        for artifact in generate(load_catalog(ROOT / source)):
            if artifact.kind == "prometheus-rules":
                path = folders[source] / Path(artifact.path).name
                path.write_bytes(encode(artifact))
    return folders


@pytest.mark.parametrize(("source", "alert", "proof"), list(stories()))
def test_as_told(
    source: str,
    alert: Alert,
    proof: Incident,
    rules: dict[str, Path],
    tmp_path: Path,
    need_binary: Callable[[str], str],
) -> None:
    file = file_of(alert)
    path = rules[source] / file
    budget = Scenario(alert.name, proof.title, file, proof.series, "")
    checks = [
        {
            "eval_time": f"{moment.at}s",
            "alertname": alert.name,
            "exp_alerts": [
                expected(path, budget, {**alert.labels, **firing.labels}, firing.value)
                for firing in moment.firing
            ],
        }
        for moment in proof.moments
    ]
    interval = f"{proof.interval}s"
    story = {
        "rule_files": [str(path)],
        "evaluation_interval": interval,
        "tests": [
            {
                "interval": interval,
                "input_series": series(proof.series),
                "alert_rule_test": checks,
            }
        ],
    }
    complaint = check(tmp_path, story, need_binary("promtool"))
    assert not complaint, complaint


def proven(catalog: Catalog) -> Iterator[tuple[Alert, tuple[Proof, ...]]]:
    for alert in told(catalog):
        if alert.name in PROOFS:
            yield alert, PROOFS[alert.name](catalog, alert)


@pytest.mark.parametrize("source", CATALOGS)
def test_each_fires_and_comes_near_and_ends(source: str) -> None:
    for alert, proofs in proven(load_catalog(ROOT / source)):
        assert any(not proof.fires for proof in proofs), alert.name
        firing = [proof for proof in proofs if proof.fires]
        assert firing, alert.name
        for proof in firing:
            states = [bool(moment.firing) for moment in proof.moments]
            assert states[-1] is False, proof.title
        assert any(not each.moments[0].firing for each in firing)


@pytest.mark.parametrize("source", CATALOGS)
def test_a_story_of_the_ruler_is_told_in_lines(source: str) -> None:
    for alert, proofs in proven(load_catalog(ROOT / source)):
        from_lines = "event" in alert.labels or alert.name == "NewErrorPattern"
        assert all(isinstance(proof, LogIncident) == from_lines for proof in proofs)
