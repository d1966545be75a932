"""What Loki's ruler is asked, and what it leaves to Prometheus."""

from __future__ import annotations

from alerts import logs
from alerts.model import Alert
from catalog import names
from catalog.model import Catalog


def alerts(catalog: Catalog, name: str) -> dict[str, Alert]:
    [declared] = [each for each in catalog.services if each.id == name]
    return {
        rule.name: rule
        for group in logs.groups(catalog, declared)
        for rule in group.rules
        if isinstance(rule, Alert)
    }


def test_an_event_that_a_metric_counts_is_left_to_prometheus(shipped: Catalog) -> None:
    assert "FailedEvents" not in alerts(shipped, "sigmavault")
    assert "FailedEvents" not in alerts(shipped, "agents")
    rule = alerts(shipped, "ryot")["FailedEvents"]
    assert rule.labels == {"event": "operation"}
    assert 'event="operation", outcome="failure" [30m]' in rule.expr
    assert rule.expr.startswith("(sum by (cluster, environment, service, module)")


def test_each_format_has_its_parser(shipped: Catalog, second: Catalog) -> None:
    assert '| json | __error__!=""' in alerts(shipped, "ryot")["UnreadableLogLines"].expr
    odd = alerts(second, "customs")["UnreadableLogLines"].expr
    assert '| logfmt --strict | __error__!=""' in odd


def test_what_cannot_be_parsed_does_not_fail_the_query(shipped: Catalog) -> None:
    rule = alerts(shipped, "ryot")["MissingTraceIds"]
    assert '| json | __error__="" | trace_id=""' in rule.expr


def test_a_field_goes_by_its_own_name(second: Catalog) -> None:
    """Customs calls its trace id ``trace``; the tide gauges have none."""
    assert '| trace=""' in alerts(second, "customs")["MissingTraceIds"].expr
    assert "MissingTraceIds" not in alerts(second, "tide-gauges")


def test_rates_are_recorded_for_every_service(second: Catalog) -> None:
    for service in second.services:
        rates, *_ = logs.groups(second, service)
        assert [getattr(rule, "record", "") for rule in rates.rules] == [
            names.LOG_LINES_RATE,
            names.LOG_BYTES_RATE,
        ]
