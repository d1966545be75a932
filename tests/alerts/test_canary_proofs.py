"""The canary's stories, told by promtool to the rules of every service of two catalogs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alerts.canary import groups
from alerts.model import Alert
from alerts.present import rule_file
from alerts.proof import Incident
from alerts.proofs.registry import proofs
from catalog.artifact import Artifact
from catalog.load import load_catalog
from catalog.model import Catalog
from catalog.scalars import format_duration
from delivery.render import encode
from tests.alerts.promtool import Scenario, check, expected, series

ROOT = Path(__file__).resolve().parents[2]
CATALOGS = {name: load_catalog(ROOT / name) for name in ("catalog", "tests/fixtures/second")}


def told() -> Iterator[tuple[str, Catalog, Alert, Incident]]:
    """The stories of the first service of each kind; the others differ by name only."""
    for name, catalog in CATALOGS.items():
        seen: set[tuple[str, str, bool]] = set()
        for service in catalog.services:
            for group in groups(catalog, service):
                for alert in group.rules:
                    if not isinstance(alert, Alert):
                        continue
                    metric = service.by_role("requests")
                    assert metric
                    kind = (alert.labels["reason"], metric.name, bool(metric.bad))
                    if kind in seen:
                        continue
                    seen.add(kind)
                    for proof in proofs()[alert.name](catalog, alert):
                        assert isinstance(proof, Incident)
                        yield name, catalog, alert, proof


STORIES = list(told())


#: As often as the catalog evaluates its rules; what fires, also as often as samples come.
TOLD = [
    pytest.param(catalog, alert, proof, evaluation, id=f"{name}-{evaluation}-{kind}-{proof.title}")
    for name, catalog, alert, proof in STORIES
    for kind in (alert.labels["reason"],)
    for evaluation in sorted(
        {format_duration(catalog.platform.scrape.evaluation), *(["1m"] if proof.fires else [])}
    )
]


@pytest.mark.parametrize(("catalog", "alert", "proof", "evaluation"), TOLD)
def test_as_told(
    catalog: Catalog,
    alert: Alert,
    proof: Incident,
    evaluation: str,
    tmp_path: Path,
    need_binary: Callable[[str], str],
) -> None:
    service = next(each for each in catalog.services if each.id == alert.service)
    content = rule_file(groups(catalog, service), catalog.platform.links)
    file = tmp_path / "canary.yaml"
    file.write_bytes(encode(Artifact("canary.yaml", content, "prometheus-rules", "x")))
    told = {"reason": alert.labels["reason"]}
    asked = [
        {
            "eval_time": f"{moment.at}s",
            "alertname": alert.name,
            "exp_alerts": [
                expected(
                    file,
                    Scenario(alert.name, proof.title, file.name, proof.series, f"{moment.at}s"),
                    {**firing.labels, **told},
                    firing.value,
                )
                for firing in moment.firing
            ],
        }
        for moment in proof.moments
    ]
    test = {
        "rule_files": [str(file)],
        "evaluation_interval": evaluation,
        "tests": [
            {
                "interval": f"{proof.interval}s",
                "input_series": series(proof.series),
                "alert_rule_test": asked,
            }
        ],
    }
    complaint = check(tmp_path, test, need_binary("promtool"))
    assert not complaint, complaint


def test_there_are_stories_that_fire_and_such_that_do_not() -> None:
    kinds = {(name, alert.labels["reason"]) for name, _, alert, _ in STORIES}
    for kind in kinds:
        of_kind = [p.fires for name, _, a, p in STORIES if (name, a.labels["reason"]) == kind]
        assert any(of_kind), kind
        assert not all(of_kind), kind
    assert {reason for _, reason in kinds} == {"error_ratio", "latency", "log_patterns"}
