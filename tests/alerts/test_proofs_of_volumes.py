"""What proves the alerts on volumes and on dependencies, told to promtool with the rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alerts import anomaly, dependencies
from alerts.model import Alert, Group
from alerts.present import rule_file
from alerts.proof import Incident, Moment
from alerts.proofs import anomaly as of_volumes
from alerts.proofs import dependencies as of_dependencies
from catalog.load import load_catalog
from catalog.model import Catalog
from delivery.yaml_text import dump
from tests.alerts import promtool

ROOT = Path(__file__).parents[2]
PROOFS = {**of_volumes.PROOFS, **of_dependencies.PROOFS}
Case = tuple[Catalog, tuple[Group, ...], Alert, Incident]


def cases() -> Iterator[object]:
    """All of the dependencies' alerts; of the volumes' one of each kind, which are all alike."""
    told: set[tuple[object, ...]] = set()
    for folder in (ROOT / "catalog", ROOT / "tests/fixtures/second"):
        catalog = load_catalog(folder)
        made = [anomaly.groups(catalog, service) for service in catalog.services]
        for groups in (*made, dependencies.groups(catalog)):
            for alert in (rule for group in groups for rule in group.rules):
                if isinstance(alert, Alert):
                    for incident in PROOFS[alert.name](catalog, alert):
                        assert isinstance(incident, Incident)
                        kind = folder, alert.name, incident.title, len(incident.series)
                        if alert.name == "VolumeAnomaly" and kind in told:
                            continue
                        told.add(kind)
                        labels = ", ".join((alert.service, *alert.labels.values()))
                        name = f"{alert.name} of {labels}: {incident.title}"
                        yield pytest.param((catalog, groups, alert, incident), id=name)


@pytest.mark.parametrize("case", list(cases()))
def test_the_alert_says_what_it_is_to_say(
    case: Case, tmp_path: Path, need_binary: Callable[[str], str]
) -> None:
    catalog, groups, alert, incident = case
    content = rule_file(groups, catalog.platform.links)
    (tmp_path / "rules.yaml").write_text(dump(content), encoding="utf-8")
    test = {
        "rule_files": ["rules.yaml"],
        "evaluation_interval": f"{incident.interval}s",
        "tests": [
            {
                "interval": f"{incident.interval}s",
                "input_series": promtool.series(incident.series),
                "alert_rule_test": [
                    {
                        "eval_time": f"{moment.at}s",
                        "alertname": alert.name,
                        "exp_alerts": list(told(content, alert, moment)),
                    }
                    for moment in incident.moments
                ],
            }
        ],
    }
    assert promtool.check(tmp_path, test, need_binary("promtool")) == ""


def told(content: dict, alert: Alert, moment: Moment) -> Iterator[dict]:
    [rule] = [
        rule
        for group in content["groups"]
        for rule in group["rules"]
        if rule.get("alert") == alert.name and rule["expr"] == alert.expr
    ]
    for firing in moment.firing:
        labels = {**firing.labels, **rule["labels"]}
        yield {
            "exp_labels": labels,
            "exp_annotations": {
                name: _filled(text, labels, firing.value, firing.budget)
                for name, text in rule["annotations"].items()
            },
        }


def _filled(text: str, labels: dict[str, str], value: str, looked_up: str) -> str:
    text = re.sub(r"\{\{ with .*?\{\{ end \}\}", looked_up, text)
    text = re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda match: labels[match[1]], text)
    return re.sub(r"\{\{ \$value \|[^}]*\}\}", value, text)


def test_each_alert_fires_and_each_has_a_near_miss() -> None:
    seen: dict[tuple[str, str], set[bool]] = {}
    for param in cases():
        _, _, alert, incident = param.values[0]  # type: ignore[attr-defined]
        key = alert.service, alert.expr
        seen.setdefault(key, set()).add(incident.fires)
    assert seen
    assert all(fired == {True, False} for fired in seen.values())
