"""What Argo Rollouts is given: fields that it has, and questions that are answered."""

from __future__ import annotations

import re
from typing import Any

import pytest

from alerts import canary, canary_rollout, registry
from alerts.model import Recording
from catalog import names
from catalog.model import Catalog
from queries.canary import NO_DIFFERENCE, TOO_LITTLE, WORSE
from queries.promql_parser import parse

#: The fields that we use, as Argo Rollouts' types declare them (analysis_types.go and types.go of
#: its API v1alpha1): of an object its fields, of a list the fields of its items.
METRIC = {
    "name": str,
    "initialDelay": str,
    "interval": str,
    "successCondition": str,
    "failureCondition": str,
    "failureLimit": int,
    "inconclusiveLimit": int,
    "consecutiveErrorLimit": int,
    "provider": {"prometheus": {"address": str, "query": str}},
}
METADATA = {"name": str, "namespace": str, "labels": {"app": str}}
ANALYSIS = {
    "apiVersion": str,
    "kind": str,
    "metadata": METADATA,
    "spec": {"metrics": [METRIC]},
}
ROLLOUT = {
    "apiVersion": str,
    "kind": str,
    "metadata": METADATA,
    "spec": {
        "selector": {"matchLabels": {"app": str}},
        "workloadRef": {"apiVersion": str, "kind": str, "name": str},
        "strategy": {
            "canary": {
                "stableMetadata": {"labels": dict},
                "canaryMetadata": {"labels": dict},
                "analysis": {"templates": [{"templateName": str}], "startingStep": int},
                "steps": [{"setWeight": int, "pause": {"duration": str}}],
            }
        },
    },
}


def unknown(content: Any, known: Any, place: str = "") -> list[str]:
    """Where the content has a field that is not there, or a value of another type."""
    if isinstance(known, type):
        return [] if type(content) is known else [f"{place} is no {known.__name__}"]
    if isinstance(known, list):
        return [
            each
            for index, item in enumerate(content)
            for each in unknown(item, known[0], f"{place}[{index}]")
        ]
    return [
        each
        for name, value in content.items()
        for each in (
            unknown(value, known[name], f"{place}.{name}") if name in known else [f"{place}.{name}"]
        )
    ]


def files(catalog: Catalog) -> dict[str, Any]:
    return {
        path: content
        for service in catalog.services
        for path, content in canary_rollout.files(catalog, service)
    }


def test_a_wrong_field_is_seen() -> None:
    bad = {"metrics": [{"name": "x", "failureLimt": 0, "interval": 30}]}
    found = unknown({"spec": bad}, ANALYSIS)
    assert found == [".spec.metrics[0].failureLimt", ".spec.metrics[0].interval is no str"]


@pytest.mark.parametrize("which", ["shipped", "second"])
def test_every_field_is_one_of_argo_s(which: str, request: pytest.FixtureRequest) -> None:
    made = files(request.getfixturevalue(which))
    assert made
    for path, content in made.items():
        known = ANALYSIS if content["kind"] == "AnalysisTemplate" else ROLLOUT
        assert unknown(content, known, path) == []
        assert content["apiVersion"] == "argoproj.io/v1alpha1"


@pytest.mark.parametrize("which", ["shipped", "second"])
def test_every_question_is_answered_by_a_rule_that_ships(
    which: str, request: pytest.FixtureRequest
) -> None:
    catalog = request.getfixturevalue(which)
    for service in catalog.services:
        recorded = {
            rule.labels["reason"]
            for group in canary.groups(catalog, service)
            for rule in group.rules
            if isinstance(rule, Recording) and rule.record == names.CANARY_VERDICT
        }
        made = dict(canary_rollout.files(catalog, service))
        asked = [
            metric["provider"]["prometheus"]["query"]
            for content in made.values()
            for metric in content["spec"].get("metrics", ())
        ]
        for query in asked:
            parse(query)  # raises at what Prometheus would refuse
            assert query.startswith(f"max({names.CANARY_VERDICT}{{")
            assert f'service="{service.id}"' in query
        assert {re.search('reason="(.+?)"', query)[1] for query in asked} == recorded


def verdict(condition: str, result: list[float]) -> bool:
    """Argo's conditions are written like Python's, but for two operators."""
    python = condition.replace("&&", "and").replace("||", "or")
    return bool(eval(python, {"__builtins__": {}}, {"result": result, "len": len}))  # noqa: S307


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        ([TOO_LITTLE], "inconclusive"),
        ([NO_DIFFERENCE], "successful"),
        ([WORSE], "failed"),
        ([], "inconclusive"),
    ],
)
def test_a_verdict_becomes_a_measurement(
    shipped: Catalog, result: list[float], outcome: str
) -> None:
    for content in files(shipped).values():
        for metric in content["spec"].get("metrics", ()):
            good = verdict(metric["successCondition"], result)
            bad = verdict(metric["failureCondition"], result)
            assert (good, bad) == (outcome == "successful", outcome == "failed")


def test_thresholds_and_labels_are_the_catalog_s(shipped: Catalog) -> None:
    limits = shipped.platform.canary
    assert limits
    for content in files(shipped).values():
        for metric in content["spec"].get("metrics", ()):
            assert metric["inconclusiveLimit"] * 60 == limits.horizon
            assert metric["failureLimit"] == 0
        if content["kind"] == "Rollout":
            strategy = content["spec"]["strategy"]["canary"]
            assert strategy["canaryMetadata"] == {"labels": {limits.pod_label: limits.canary}}
            assert strategy["stableMetadata"] == {"labels": {limits.pod_label: limits.stable}}
            template = strategy["analysis"]["templates"][0]["templateName"]
            made = [each for each in files(shipped).values() if each["kind"] == "AnalysisTemplate"]
            assert template in {each["metadata"]["name"] for each in made}


def test_they_are_generated(shipped: Catalog) -> None:
    made = {artifact.path for artifact in registry.generate(shipped)}
    assert files(shipped).keys() <= made
