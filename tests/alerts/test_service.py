"""Which alerts a service has follows from what it declares."""

from __future__ import annotations

from alerts import service
from alerts.model import Alert
from catalog import names
from catalog.model import Catalog


def alerts(catalog: Catalog, name: str) -> dict[str, list[Alert]]:
    found: dict[str, list[Alert]] = {}
    [declared] = [each for each in catalog.services if each.id == name]
    for rule in service.group(catalog, declared).rules:
        assert isinstance(rule, Alert)
        found.setdefault(rule.name, []).append(rule)
    return found


def test_requests_are_a_ticket_where_an_objective_pages(shipped: Catalog) -> None:
    found = alerts(shipped, "ryot")
    assert found["HighErrorRatio"][0].severity == names.TICKET
    assert found["HighLatency"][0].severity == names.TICKET


def test_and_a_page_where_none_does(second: Catalog) -> None:
    """Pilotage promises a latency and no availability, customs nothing at all."""
    pilotage, customs = alerts(second, "pilotage"), alerts(second, "customs")
    assert pilotage["HighErrorRatio"][0].severity == names.PAGE
    assert pilotage["HighLatency"][0].severity == names.TICKET
    assert {rule.severity for rule in customs["HighErrorRatio"]} == {names.PAGE}


def test_milliseconds_are_held_against_milliseconds(second: Catalog) -> None:
    [rule] = alerts(second, "pilotage")["HighLatency"]
    assert "> 1500 and" in rule.expr
    assert rule.summary.endswith("{{ $value | humanize }} ms")


def test_without_requests_there_is_no_alert_on_them(second: Catalog) -> None:
    found = alerts(second, "tide-gauges")
    assert not {"HighErrorRatio", "HighLatency"} & found.keys()


def test_every_counter_that_tells_good_from_bad_is_watched(shipped: Catalog) -> None:
    [rule] = alerts(shipped, "sigmavault")["FailedEvents"]
    assert rule.labels == {"metric": "vault_operations_total"}
    assert "sum by (cluster, environment, operation)" in rule.expr
    assert "FailedEvents" not in alerts(shipped, "ryot")


def test_what_is_not_good_is_bad(second: Catalog) -> None:
    [rule] = alerts(second, "tide-gauges")["FailedEvents"]
    assert 'quality=~"good|doubtful"' in rule.expr
    assert " - (" in rule.expr


def test_only_a_counter_that_is_born_late_is_asked_for_its_birth(second: Catalog) -> None:
    [always] = alerts(second, "tide-gauges")["FailedEvents"]
    [lazy] = alerts(second, "customs")["FailedEvents"]
    assert "offset" not in always.expr
    assert "up offset 30m == 1" in lazy.expr


def test_every_service_is_watched_for_its_targets(second: Catalog) -> None:
    for declared in second.services:
        assert {"AllTargetsDown", "TargetDown", "NotScraped"} <= alerts(second, declared.id).keys()


def test_no_agent_is_asked_for_that_cannot_be_scraped(shipped: Catalog) -> None:
    assert 'up{job="agent"}' in alerts(shipped, "ryot")["ServiceSilent"][0].expr
    platform = shipped.platform
    agent = platform.components["agent"].model_copy(update={"metrics_port": None})
    blind = shipped.model_copy(
        update={
            "platform": platform.model_copy(
                update={"components": {**platform.components, "agent": agent}}
            )
        }
    )
    assert "agent" not in alerts(blind, "ryot")["ServiceSilent"][0].expr
