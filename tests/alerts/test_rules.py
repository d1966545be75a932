"""What holds of every rule, of whatever catalog."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import dashboards.registry
from alerts.registry import generate
from catalog import names
from catalog.load import load_catalog
from catalog.model import Catalog
from catalog.scalars import parse_duration
from delivery.render import encode

ROOT = Path(__file__).resolve().parents[2]
CATALOGS = ("catalog", "tests/fixtures/minimal", "tests/fixtures/second")
RULES = {"prometheus-rules", "loki-rules"}
#: Written for people and for rules to come; no rule of this project reads them.
ONLY_SHOWN = {
    names.OBJECTIVE_RATIO,
    names.TIME_TO_EXHAUSTION,
    names.LOG_LINES_RATE,
    names.LOG_BYTES_RATE,
}
RECORDED = {
    names.SLI_EVENTS,
    names.SLI_ERRORS,
    names.BURN_RATE,
    names.ATTAINMENT,
    names.BUDGET_REMAINING,
    *ONLY_SHOWN,
}

Rule = dict[str, Any]


@pytest.fixture(scope="module", params=CATALOGS)
def catalog(request: pytest.FixtureRequest) -> Catalog:
    return load_catalog(ROOT / str(request.param))


@pytest.fixture(scope="module")
def files(catalog: Catalog) -> dict[str, list[dict[str, Any]]]:
    """The groups of each rule file, as read back from its bytes."""
    return {
        artifact.path: yaml.safe_load(encode(artifact))["groups"]
        for artifact in generate(catalog)
        if artifact.kind in RULES
    }


@pytest.fixture(scope="module")
def rules(files: dict[str, list[dict[str, Any]]]) -> list[Rule]:
    return [rule for groups in files.values() for group in groups for rule in group["rules"]]


@pytest.fixture(scope="module")
def alerts(rules: list[Rule]) -> list[Rule]:
    return [rule for rule in rules if "alert" in rule]


def aggregations(expr: str) -> Iterator[str]:
    """What each aggregation is grouped by; '' where it is not grouped."""
    operators = "sum|min|max|avg|group|count|topk|bottomk|stddev|quantile"
    for match in re.finditer(rf"\b(?:{operators}) ?(?:(by|without) \(([^)]*)\) )?\(", expr):
        yield f"{match[1]} {match[2]}" if match[1] else ""


def ranges(expr: str) -> list[int]:
    return [parse_duration(found) for found in re.findall(r"\[([0-9a-z]+)\]", expr)]


def test_nothing_is_added_up_over_clusters_or_environments(rules: list[Rule]) -> None:
    for rule in rules:
        for grouping in aggregations(rule["expr"]):
            within = grouping.startswith("by cluster, environment")
            assert within or grouping == f"without {names.QUARTER}", rule["expr"]


def test_group_names_are_unique_where_they_meet(files: dict[str, list[dict[str, Any]]]) -> None:
    """Prometheus reads all its files together, Loki those of a tenant."""
    seen: Counter[tuple[str, str]] = Counter()
    for path, groups in files.items():
        folder = path.rpartition("/")[0]
        seen.update((folder, group["name"]) for group in groups)
    assert [name for name, times in seen.items() if times > 1] == []


def test_no_rule_is_there_twice(files: dict[str, list[dict[str, Any]]]) -> None:
    """Two rules of one name and one set of labels would write the same series."""
    for path, groups in files.items():
        seen = Counter(
            (rule.get("record") or rule["alert"], rule["expr"], str(rule.get("labels")))
            for group in groups
            for rule in group["rules"]
        )
        assert max(seen.values()) == 1, path


def test_what_is_recorded_stands_before_what_reads_it(
    files: dict[str, list[dict[str, Any]]],
) -> None:
    for groups in files.values():
        for group in groups:
            made_here = [rule["record"] for rule in group["rules"] if "record" in rule]
            made: list[str] = []
            for rule in group["rules"]:
                late = set(made_here) - set(made)
                read = {
                    name
                    for name in late
                    if re.search(rf"(?<![\w:]){re.escape(name)}(?![\w:])", rule["expr"])
                }
                assert not read, f"{group['name']} reads {read} before it is recorded"
                if "record" in rule:
                    made.append(rule["record"])


def test_an_alert_never_waits_longer_than_it_looks(alerts: list[Rule]) -> None:
    for alert in alerts:
        short = alert["labels"].get(names.SHORT_WINDOW)
        looks = [parse_duration(short)] if short else ranges(alert["expr"])
        held = parse_duration(alert["for"]) if "for" in alert else 0
        assert not looks or held <= min(looks), alert["alert"]


def test_each_alert_says_whose_it_is_and_how_urgent(catalog: Catalog, alerts: list[Rule]) -> None:
    teams = {catalog.platform.owner.team, *(each.owner.team for each in catalog.services)}
    owned = {*catalog.platform.components, *(service.id for service in catalog.services)}
    for alert in alerts:
        labels = alert["labels"]
        assert labels[names.TEAM] in teams
        assert labels[names.SERVICE] in owned
        assert labels[names.SEVERITY] in (
            {names.UNHEARD} if alert["alert"] == "Watchdog" else {names.PAGE, names.TICKET}
        )


def test_each_alert_has_one_line_and_the_whole_story(alerts: list[Rule]) -> None:
    for alert in alerts:
        notes = alert["annotations"]
        further = {"value", "objective", "budget_left", "logs_url"}
        assert set(notes) - further == {"summary", "description", "runbook_url", "dashboard_url"}
        assert ("value" in notes) == ("$value" in notes["summary"])
        assert (
            ("objective" in notes) == ("budget_left" in notes) == ("objective" in alert["labels"])
        )
        assert "\n" not in notes["summary"]
        assert len(notes["summary"]) < 160
        assert notes["description"].endswith(".")
        assert "look first at" in notes["description"].lower() or alert["alert"] == "Watchdog"


def test_no_alert_is_named_after_a_service(catalog: Catalog, alerts: list[Rule]) -> None:
    own = {service.id for service in catalog.services} | set(catalog.platform.components)
    for alert in alerts:
        words = re.findall("[A-Z][a-z]+", alert["alert"])
        # The agent is what lags; a symptom of agents in general is no service's name.
        assert not {word.lower() for word in words} & own - {"agent"}


def test_each_dashboard_it_links_to_exists_and_has_the_variables(
    catalog: Catalog, alerts: list[Rule]
) -> None:
    variables = {
        artifact.uid: {each["name"] for each in artifact.content["templating"]["list"]}
        for artifact in dashboards.registry.generate(catalog)
        if isinstance(artifact.content, dict)
    }
    for alert in alerts:
        url = alert["annotations"]["dashboard_url"]
        match = re.fullmatch(r"https?://.+?/d/([^?]+)\?(.*)&from=now-1h&to=now", url)
        assert match, url
        filled = set(re.findall(r"var-(\w+)=", match[2]))
        assert filled <= variables[match[1]], url
        assert {names.CLUSTER, names.ENVIRONMENT} <= filled


def test_each_recorded_series_is_read(catalog: Catalog, rules: list[Rule]) -> None:
    if not any(service.objectives for service in catalog.services):
        pytest.skip("no objective")
    recorded = {rule["record"] for rule in rules if "record" in rule}
    read_by_rules = {
        name
        for rule in rules
        for name in RECORDED
        if re.search(rf"(?<![\w:]){name}(?![\w:])", rule["expr"])
    }
    assert recorded == RECORDED
    assert read_by_rules == RECORDED - ONLY_SHOWN


def test_a_template_of_loki_asks_nothing(files: dict[str, list[dict[str, Any]]]) -> None:
    """In Loki's ruler ``query`` would be LogQL."""
    for path, groups in files.items():
        if path.startswith("loki/"):
            assert "| query" not in str(groups)


def test_loki_records_without_for_and_annotations(files: dict[str, list[dict[str, Any]]]) -> None:
    for path, groups in files.items():
        for group in groups:
            for rule in group["rules"]:
                if path.startswith("loki/") and "record" in rule:
                    assert set(rule) <= {"record", "expr", "labels"}
