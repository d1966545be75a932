"""The stories of an objective's own alerts, told to the rules of the objective."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts.model import Alert, Group
from alerts.present import rule_file
from alerts.proof import Incident
from alerts.proofs.slo_health import PROOFS
from alerts.slo import groups
from catalog.model import Catalog
from catalog.scalars import format_duration
from tests.alerts.promtool import Scenario, check, expected, series


@pytest.mark.parametrize(
    ("which", "name"),
    [
        *(("shipped", name) for name in sorted(PROOFS)),
        # Three days of five minutes take promtool long, and no catalog tells them otherwise.
        *(("second", name) for name in sorted(PROOFS) if name != "ErrorBudgetIncomplete"),
    ],
)
def test_it_fires_and_resets_as_told(
    which: str,
    name: str,
    tmp_path: Path,
    need_binary: Callable[[str], str],
    request: pytest.FixtureRequest,
) -> None:
    """Of one objective; promtool would take minutes for all of them, and they are alike."""
    catalog: Catalog = request.getfixturevalue(which)
    service, objective = next(
        (service, each.id)
        for service in catalog.services
        for each in service.objectives
        if each.sli.type == "latency" or name != "SliBroken"
    )
    rules = [
        Group(
            group.name,
            group.interval,
            tuple(rule for rule in group.rules if rule.labels.get("objective") == objective),
        )
        for group in groups(catalog, service)
    ]
    path = tmp_path / "rules.yaml"
    path.write_text(yaml.safe_dump(rule_file(rules, catalog.platform.links)), encoding="utf-8")
    alert = next(
        rule
        for group in rules
        for rule in group.rules
        if isinstance(rule, Alert) and rule.name == name
    )
    stories = PROOFS[name](catalog, alert)
    assert {story.fires for story in stories} == {True, False}
    for story in stories:
        assert isinstance(story, Incident)
        complaint = check(tmp_path, _told(path, alert, story), need_binary("promtool"))
        assert not complaint, complaint


def _told(path: Path, alert: Alert, story: Incident) -> dict[str, Any]:
    interval = format_duration(story.interval)
    moments = [
        {
            "eval_time": f"{moment.at}s",
            "alertname": alert.name,
            "exp_alerts": [
                expected(
                    path,
                    Scenario(alert.name, "", "", {}, "", budget=each.budget),
                    {**alert.labels, **each.labels},
                    each.value,
                )
                for each in moment.firing
            ],
        }
        for moment in story.moments
    ]
    return {
        "rule_files": [path.name],
        "evaluation_interval": interval,
        "tests": [
            {
                "interval": interval,
                "input_series": series(story.series),
                "alert_rule_test": moments,
            }
        ],
    }
