"""Grafana's own rules are the same alerts: what differs is how they are written down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from alerts import managed, managed_routes, registry
from alerts.managed_text import filled_by_grafana
from alerts.routes import configuration
from catalog.model import Catalog
from catalog.names import UID_LIMIT
from catalog.scalars import parse_duration
from delivery.render import encode

Json = dict[str, Any]


@pytest.fixture(params=["shipped", "second"])
def catalog(request: pytest.FixtureRequest) -> Catalog:
    found: Catalog = request.getfixturevalue(request.param)
    return found


def groups(catalog: Catalog) -> Iterator[tuple[str, Json]]:
    """Each group as its file has it, with the file's path."""
    for file in managed.rule_files(catalog, tuple(registry.rule_files(catalog))):
        for group in yaml.safe_load(encode(file))["groups"]:
            yield file.path, group


def rules(catalog: Catalog) -> list[Json]:
    return [rule for _, group in groups(catalog) for rule in group["rules"]]


def originals(catalog: Catalog) -> list[tuple[str, Json]]:
    """Each alert of Prometheus and of one tenant's Loki, with the kind of its server."""
    tenant = catalog.default_environment.tenant
    return [
        ("loki" if file.kind == "loki-rules" else "prometheus", rule)
        for file in registry.rule_files(catalog)
        if file.kind == "prometheus-rules" or f"/{tenant}/" in file.path
        for group in yaml.safe_load(encode(file))["groups"]
        for rule in group["rules"]
        if "alert" in rule and (rule["alert"] != "Watchdog" or catalog.platform.dead_man)
    ]


def test_each_alert_is_there_once_with_its_expression_and_labels(catalog: Catalog) -> None:
    expected, found = originals(catalog), rules(catalog)
    assert len(found) == len(expected) > 30
    for (kind, rule), made in zip(expected, found, strict=True):
        asked = made["data"][0]
        assert asked["model"]["expr"] == rule["expr"]
        assert asked["model"]["datasource"]["type"] == kind
        assert asked["datasourceUid"] == f"{catalog.prefix}-{kind}"
        assert made["labels"] == {"alert": rule["alert"], **rule["labels"]}
        assert parse_duration(rule.get("for", "1s")) == parse_duration(
            made["for"] if "for" in rule else "1s"
        )
        assert set(made["annotations"]) - {"recorded_series"} == set(rule["annotations"])


def test_names_are_unique_and_short(catalog: Catalog) -> None:
    found = rules(catalog)
    for key in ("uid", "title"):
        assert len({rule[key] for rule in found}) == len(found)
    assert max(len(rule["uid"]) for rule in found) <= UID_LIMIT
    assert {group["folder"] for _, group in groups(catalog)} == {
        f"{catalog.platform.system.name} alerts"
    }


def test_a_sample_is_a_fault_whatever_its_value_and_silence_is_none(catalog: Catalog) -> None:
    for rule in rules(catalog):
        condition = next(each for each in rule["data"] if each["refId"] == rule["condition"])
        assert condition["model"]["type"] == "math"
        assert condition["model"]["expression"] == "is_null($B) == 0"
        assert rule["noDataState"] == "OK"


def test_a_prometheus_that_does_not_answer_is_told_of_once(catalog: Catalog) -> None:
    [telling] = [rule for rule in rules(catalog) if rule["execErrState"] != "OK"]
    assert telling["execErrState"] == "Error"
    assert telling["labels"]["alert"] == "AllTargetsDown"
    assert telling["labels"]["service"] == "prometheus"
    assert telling["labels"]["team"] == catalog.platform.owner.team


def test_intervals_are_whole_ticks(catalog: Catalog) -> None:
    for _, group in groups(catalog):
        assert parse_duration(group["interval"]) % 10 == 0


def test_who_needs_a_ruler_says_so(shipped: Catalog) -> None:
    """What reads no recorded series works without any ruler."""
    needing = {
        path.rsplit("/", 1)[1]
        for path, group in groups(shipped)
        for rule in group["rules"]
        if "recorded_series" in rule["annotations"]
    }
    kinds = ("anomaly", "canary", "service")
    promised = {
        f"slo-{service.id}.{objective.id}.yaml"
        for service in shipped.services
        for objective in service.objectives
    }
    own = {f"{kind}-{service.id}.yaml" for kind in kinds for service in shipped.services}
    assert needing == own | promised | {
        "dependencies.yaml",
        "platform-loki.yaml",
        "platform-volume.yaml",
    }
    for rule in rules(shipped):
        recorded = re.findall(r"\b\w+:\w+:\w+", rule["data"][0]["model"]["expr"])
        told = rule["annotations"].get("recorded_series", "")
        assert told == ", ".join(sorted(set(recorded)))


def test_the_watchdog_needs_somebody_outside(shipped: Catalog, second: Catalog) -> None:
    assert "Watchdog" not in {rule["labels"]["alert"] for rule in rules(shipped)}
    assert "Watchdog" in {rule["labels"]["alert"] for rule in rules(second)}


def test_a_value_and_a_budget_become_numbers_of_the_rule() -> None:
    asked = (
        "{{ with printf \"left{cluster='%s',environment='%s',objective='a'}\" $labels.cluster "
        "$labels.environment | query }}{{ . | first | value | humanizePercentage }}"
        "{{ else }}not yet known{{ end }}"
    )
    made = filled_by_grafana(
        {
            "summary": "It is {{ $value | humanize1024 }}B in {{ $labels.cluster }}",
            "budget_left": asked,
            "description": f"Left: {asked}.",
        }
    )
    filled = (
        "{{ with $values.V1 }}{{ .Value | humanizePercentage }}{{ else }}not yet known{{ end }}"
    )
    assert made.texts == {
        "summary": "It is {{ with $values.B }}{{ .Value | humanize1024 }}{{ end }}B in "
        "{{ $labels.cluster }}",
        "budget_left": filled,
        "description": f"Left: {filled}.",
    }
    assert made.queries == ("max by (cluster, environment) (left{objective='a'})",)


def test_a_query_that_grafana_cannot_ask_is_refused() -> None:
    text = '{{ with query "up" }}{{ len . }}{{ end }}'
    with pytest.raises(ValueError, match=r"^the annotation summary asks a query that Grafana"):
        filled_by_grafana({"summary": text})


def routing(catalog: Catalog) -> dict[str, Json]:
    made: dict[str, Json] = {}
    for file in managed_routes.files(catalog):
        made |= yaml.safe_load(encode(file))
    return made


def names_in(route: Json) -> set[str]:
    below = route.get("routes", ())
    return {route["receiver"]}.union(*map(names_in, below))


def test_the_same_people_are_told(catalog: Catalog) -> None:
    made, whole = routing(catalog), configuration(catalog, ())
    points = {each["name"] for each in made["contactPoints"]}
    [policy] = made["policies"]
    assert points == names_in(policy)
    outside = set() if catalog.platform.dead_man else {"watchdog"}
    assert points | outside == {each["name"] for each in whole["receivers"]}
    assert policy["group_by"] == whole["route"]["group_by"]
    assert "alertname" not in str(policy)
    assert len({each["uid"] for point in made["contactPoints"] for each in point["receivers"]}) == (
        sum(len(point["receivers"]) for point in made["contactPoints"])
    )


def test_quiet_hours_are_the_same(catalog: Catalog) -> None:
    whole = configuration(catalog, ())
    [timing] = routing(catalog)["muteTimes"]
    [ours] = whole["time_intervals"]
    assert timing["time_intervals"] == ours["time_intervals"]
    # Timings are everybody's in Grafana.
    assert timing["name"] == f"{catalog.prefix}-{ours['name']}"


def test_secrets_are_read_from_files(catalog: Catalog) -> None:
    text = str(routing(catalog)["contactPoints"])
    assert "$__file{/etc/grafana/secrets/slack_api_url}" in text
    assert set(re.findall(r"'(?:url|authorization_credentials)': '([^']*)'", text)) <= {
        "$__file{/etc/grafana/secrets/slack_api_url}",
        "$__file{/etc/grafana/secrets/dead_man_token}",
        "$__file{/etc/grafana/secrets/rollback_token}",
        *([catalog.platform.dead_man.url] if catalog.platform.dead_man else ()),
        *([catalog.platform.canary.webhook] if catalog.platform.canary else ()),
    }


def test_nothing_else_is_expanded(catalog: Catalog) -> None:
    """Grafana puts an environment variable for ``$NAME`` where it expands a text."""
    for file in managed_routes.files(catalog):
        assert not re.search(r"\$(?!__file\{)", encode(file).decode())
    for rule in rules(catalog):
        assert "$" not in rule["title"] + str(rule["labels"])
