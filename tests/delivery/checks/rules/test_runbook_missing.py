from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.runbook_missing import CHECK
from tests.delivery.checks.trees import RULES, alert, annotated, found, group, rules

WHERE = "alert HighErrorRatio in group shop, annotation runbook_url"


def test_there_is_none(tmp_path):
    files = {RULES: rules(group(alert()))}
    assert found(tmp_path, CHECK, files, runbooks=()) == [
        Finding(
            "runbook/missing",
            RULES,
            WHERE,
            "there is no such runbook",
            "Write docs/runbooks/HighErrorRatio.md",
        )
    ]


def test_it_is_another_alerts(tmp_path):
    files = {RULES: rules(group(annotated(runbook_url="https://r.example/HighLatency?a#b")))}
    assert found(tmp_path, CHECK, files) == [
        Finding(
            "runbook/missing",
            RULES,
            WHERE,
            "the runbook is 'HighLatency', and the alert 'HighErrorRatio'",
            "End it in /HighErrorRatio",
        )
    ]


def test_one_without_an_alert(tmp_path):
    files = {RULES: rules(group(alert()))}
    assert found(tmp_path, CHECK, files, runbooks=("HighErrorRatio", "HighErrorRate")) == [
        Finding(
            "runbook/missing",
            "docs/runbooks/HighErrorRate.md",
            "runbook HighErrorRate",
            "no alert has this name, so that nobody is ever sent here",
            "Remove it, or rename it. Did you mean 'HighErrorRatio'?",
        )
    ]


@pytest.mark.parametrize("runbooks", [("HighErrorRatio",), None])
@pytest.mark.parametrize("ending", ["", "/", ".md", "#first-look"])
def test_it_is_there_or_elsewhere(tmp_path, runbooks, ending):
    address = f"https://r.example/HighErrorRatio{ending}"
    files = {RULES: rules(group(annotated(runbook_url=address)))}
    assert found(tmp_path, CHECK, files, runbooks=runbooks) == []
