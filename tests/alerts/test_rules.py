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
    names.LOG_BYTES_RATE,
    names.LOG_STREAMS,
    names.LOG_COST_MONTH,
    names.SERVED_P95,
    names.CALLS,
    names.CALL_P95,
}
OF_SPANS = {
    names.SERVED,
    names.SERVED_ERRORS,
    names.SERVED_P95,
    names.CALLS,
    names.CALL_ERRORS,
    names.CALL_P95,
}
#: Recorded where the catalog has prices.
COST = {names.LOG_COST_MONTH, names.LOG_COST_FORECAST}
#: What reads its own last value, and is read as the evaluation before left it.
RUNNING = {
    names.CANARY_BAD_PENDING,
    names.CANARY_BAD_TOTAL,
    names.CANARY_BET,
    names.CANARY_EVENTS_PENDING,
    names.CANARY_EVENTS_TOTAL,
    names.CANARY_EXPECTED,
}
OF_CANARIES = {
    *RUNNING,
    names.CANARY_ALIKE,
    names.CANARY_BAD,
    names.CANARY_BAD_RATIO,
    names.CANARY_EVENTS,
    names.CANARY_EVIDENCE,
    names.CANARY_HYPOTHESIS,
    names.CANARY_NEW_PATTERNS,
    names.CANARY_VERDICT,
}
RECORDED = {
    names.SLI_EVENTS,
    names.SLI_ERRORS,
    names.MEASURED_EVENTS,
    names.MEASURED_ERRORS,
    names.SLI_BROKEN,
    names.HOURLY_EVENTS,
    names.HOURLY_ERRORS,
    names.BURN_RATE,
    names.ATTAINMENT,
    names.BUDGET_REMAINING,
    names.LOG_BYTES_STEP,
    names.LOG_BYTES_MONTH,
    names.LOG_BYTES_FORECAST,
    names.LOG_LINES_RATE,
    names.REQUESTS_RATE,
    names.ANOMALY_VALUE,
    names.ANOMALY_RECENT,
    names.ANOMALY_HOUR,
    names.ANOMALY_LEVEL,
    names.ANOMALY_WEEK,
    names.ANOMALY_EXPECTED,
    names.ANOMALY_SPREAD,
    names.ANOMALY_SCORE,
    *OF_SPANS,
    *ONLY_SHOWN,
    *COST,
}
#: What is taken away is no place: the quarter, the week, and which of three spreads it was.
WITHIN_ONE_PLACE = {f"without {names.QUARTER}", f"without {names.WEEK}", "without of"}

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
            kept = set(grouping.removeprefix("without ").split(", ")).isdisjoint(names.SCOPE)
            assert within or (kept and grouping.startswith("without ")), rule["expr"]


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


def _own(rule: Rule) -> bool:
    return "record" in rule and names.OBJECTIVE in rule.get("labels", {})


def _key(name: str, labels: dict[str, str]) -> str:
    """How a rule selects what another one records: told apart by objective and window."""
    wanted = (names.SERVICE, names.OBJECTIVE, names.WINDOW)
    inside = ",".join(f'{label}="{labels[label]}"' for label in wanted if label in labels)
    return f"{name}{{{inside}}}"


def test_what_is_recorded_stands_before_what_reads_it(
    files: dict[str, list[dict[str, Any]]],
) -> None:
    for groups in files.values():
        for group in groups:
            keys = [_key(rule["record"], rule["labels"]) for rule in group["rules"] if _own(rule)]
            made: set[str] = set()
            for rule in group["rules"]:
                late = {name for name in set(keys) - made if name in rule["expr"]}
                assert not late, f"{group['name']} reads {late} before it is recorded"
                if _own(rule):
                    made.add(_key(rule["record"], rule["labels"]))


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
    # Held against the lines that agents count, where they do.
    counted = any(service.by_role("log_lines") for service in catalog.services)
    only_shown = ONLY_SHOWN - {names.LOG_LINES_RATE} if counted else ONLY_SHOWN
    read_by_rules = {
        name
        for rule in rules
        for name in RECORDED | OF_CANARIES
        if re.search(rf"(?<![\w:]){name}(?![\w:])", rule["expr"])
    }
    of_kinds = {
        name
        for name, kind in (
            (names.SLI_FRESH, "freshness"),
            (names.LOG_SLI_EVENTS, "log"),
            (names.LOG_SLI_ERRORS, "log"),
        )
        for service in catalog.services
        for objective in service.objectives
        if objective.sli.type == kind or (objective.sli.log and kind == "log")
    }
    wanted = RECORDED | (OF_CANARIES if catalog.platform.canary else set())
    if not catalog.platform.spending:
        wanted = wanted - COST
    if not catalog.span_metrics_port:
        wanted = wanted - OF_SPANS
    assert recorded == wanted | of_kinds
    assert read_by_rules - {names.LOG_BYTES_RATE} == wanted - only_shown
    assert all(any(name in rule["expr"] for rule in rules) for name in of_kinds)


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
