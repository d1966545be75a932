"""Each fault that a series can have is told from the others, and lazy is what the catalog says."""

from __future__ import annotations

import pytest

from catalog.service import Service
from delivery.audit.facts import Rule
from delivery.audit.reasons.prometheus import Moment, Prometheus
from delivery.audit.reasons.promql import PromReasons
from delivery.audit.reasons.why import Why
from delivery.audit.times import Window
from tests.delivery.audit.fakes import NOW, Series, World, fake_servers, known, series, shipped

HOUR = Moment(Window(NOW - 3600, NOW), 60.0, instant=False)


def why(expr: str, world: World, *rules: Rule, moment: Moment = HOUR) -> Why:
    servers = fake_servers(prometheus=world, loki=lambda where, query: {"data": {"result": []}})
    reasons = PromReasons(
        known(*rules), Prometheus(servers, NOW), lambda expr, at: Why(expr, False)
    )
    return reasons.explain(expr, moment)


def of(emission: str, *, agent: bool) -> tuple[Service, str]:
    """A service's counter of that emission, made by the agent or by itself."""
    catalog, _ = shipped()
    for service in catalog.services:
        for metric in service.metrics:
            made = (metric.emitted_by == "agent") is agent and metric.type == "counter"
            if metric.emission == emission and made:
                return service, metric.name
    raise AssertionError("the catalog has no such metric")


def test_a_metric_that_never_existed_and_is_always_emitted_is_empty() -> None:
    found = why('sum(rate(up{service="nobody"}[5m]))', World([]))
    assert found == Why(
        "up has never existed, and every scrape always emits it by the catalog", lazy=False
    )


def test_a_metric_that_nobody_declares_is_empty() -> None:
    found = why("sum(rate(made_up_total[5m]))", World([]))
    assert found == Why(
        "made_up_total has never existed, and the catalog knows no such metric", lazy=False
    )


def test_a_lazy_metric_that_never_existed_is_lazy() -> None:
    service, name = of("lazy", agent=True)
    found = why(f'sum(rate({name}{{service="{service.id}"}}[5m]))', World([]))
    assert found == Why(
        f"{name} has never existed; service {service.id} emits it only once there is something "
        "to count",
        lazy=True,
    )


def test_a_lazy_metric_is_missed_if_the_lines_that_it_counts_are_there() -> None:
    service, name = of("lazy", agent=True)
    servers = fake_servers(
        prometheus=World([]),
        loki=lambda where, query: {"data": {"result": [{"value": [NOW, "42"]}]}},
    )
    reasons = PromReasons(known(), Prometheus(servers, NOW), lambda expr, at: Why(expr, False))
    found = reasons.explain(f'sum(rate({name}{{service="{service.id}"}}[5m]))', HOUR)
    assert not found.lazy
    assert "and 42 lines that it counts were written since" in found.text


def test_a_series_that_disappeared_is_told_with_the_time() -> None:
    world = World([series("up", last=NOW - 7000, first=NOW - 90000, service="a")])
    found = why('up{service="a"}', world)
    assert not found.lazy
    seen = "2027-01-15 06:"
    assert found.text.startswith(f'up{{service="a"}} disappeared at {seen}')
    assert found.text.endswith("and every scrape always emits it by the catalog")


def test_a_label_that_was_dropped_is_named() -> None:
    world = World(
        [
            series("up", first=NOW - 90000, last=NOW - 7000, service="a", pod="x"),
            series("up", first=NOW - 6900, service="a"),
        ]
    )
    found = why('up{service="a",pod="x"}', world)
    assert not found.lazy
    assert found.text.endswith(
        "the label 'pod' is missing, and up{service=\"a\"} is there without it"
    )


def test_a_label_that_was_never_there_is_missing() -> None:
    found = why('up{service="a",zone="x"}', World([series("up", service="a")]))
    assert found == Why(
        "the label 'zone' is missing: no series of up{service=\"a\"} has it", lazy=False
    )


def test_a_value_that_is_not_there_is_told_with_those_that_are() -> None:
    found = why('up{service="b"}', World([series("up", service="a"), series("up", service="c")]))
    assert not found.lazy
    assert found.text.startswith("up has no series with service=\"b\": there are 'a', 'c'")


def test_what_only_trouble_brings_is_lazy() -> None:
    service, name = of("lazy", agent=True)
    world = World([series(name, service=service.id, level="info")])
    found = why(f'{name}{{service="{service.id}",level="error"}}', world)
    assert found.lazy
    assert found.text.endswith("only trouble (or a canary) brings that value")


def test_another_environment_does_not_report_here() -> None:
    catalog, _ = shipped()
    here, there = (each.cluster for each in catalog.platform.environments[:2])
    found = why(f'up{{cluster="{there}"}}', World([series("up", cluster=here)]))
    assert found.lazy
    assert found.text.endswith("that environment does not report here")


def test_a_comparison_that_nothing_passes_is_lazy_and_told_with_the_values() -> None:
    found = why('up{service="a"} > 1', World([series("up", service="a")]))
    assert found == Why("every sample is filtered away by '> 1': 61 of 1 to 1", lazy=True)


def test_of_two_sides_the_empty_one_is_explained() -> None:
    found = why('up{service="a"} / missing_total', World([series("up", service="a")]))
    assert found.text == "missing_total has never existed, and the catalog knows no such metric"


def test_a_history_that_is_too_short_is_lazy() -> None:
    found = why('up{service="a"} offset 1w', World([series("up", service="a")]))
    assert found.lazy
    assert found.text.endswith("and the query looks back further")


RULE = Rule("f.yaml", "g", "a:b:c", "recording", "promql", "sum(up)", {"service": "a"}, {}, "1m")


def live(**facts: str) -> list[dict[str, object]]:
    return [{"name": "g", "rules": [{"name": "a:b:c", **facts}]}]


@pytest.mark.parametrize(
    ("rules", "text", "lazy"),
    [
        ([], "no rule of the server records a:b:c in g", False),
        (live(lastError="many-to-many"), "its rule fails: many-to-many", False),
        (
            live(lastEvaluation="0001-01-01T00:00:00Z"),
            "a:b:c is recorded every 1m, and the first is not due yet",
            True,
        ),
        (
            live(lastEvaluation="2027-01-15T07:59:00Z"),
            "a:b:c: up has never existed, and every scrape always emits it by the catalog",
            False,
        ),
    ],
)
def test_a_recorded_series_is_explained_by_its_rule(
    rules: list[dict[str, object]], text: str, lazy: bool
) -> None:
    assert why('a:b:c{service="a"}', World([], rules), RULE) == Why(text, lazy)


def test_what_is_evaluated_and_not_stored_is_a_fault() -> None:
    world = World([series("up", service="a")], live(lastEvaluation="2027-01-15T07:59:00Z"))
    found = why('a:b:c{service="a"}', world, RULE)
    assert not found.lazy
    assert (
        found.text
        == "a:b:c was evaluated at 2027-01-15 07:59:00 UTC, and what it gave is not stored"
    )


def test_a_rule_that_gives_others_only_is_told_with_those() -> None:
    rules = live(lastEvaluation="2027-01-15T07:59:00Z")
    rule = Rule("f.yaml", "g", "a:b:c", "recording", "promql", "up", {"service": "a"}, {}, "1m")
    world = World([series("up", service="a", track="stable")], rules)
    assert why('a:b:c{service="a",track="canary"}', world, rule) == Why(
        "a:b:c gives nothing with track=\"canary\": there are 'stable'", lazy=True
    )
    assert not why('a:b:c{service="a",track="stable"}', world, rule).lazy
    assert not why('a:b:c{service="a",pod="p"}', world, rule).lazy


def test_no_rule_records_what_is_asked_for() -> None:
    found = why('a:b:c{service="z"}', World([]), RULE)
    assert found == Why('no rule records a:b:c{service="z"}', lazy=False)


def test_what_ships_may_record_of_other_services_only() -> None:
    catalog, _ = shipped()
    one, other = catalog.services[:2]
    rule = Rule("f.yaml", "g", "a:b:c", "recording", "promql", "sum(up)", {"service": one.id})
    text = f'a:b:c{{service="{other.id}"}}'
    assert why(text, World([]), rule) == Why(
        f"no rule records {text}: what ships records it of {one.id} only", lazy=True
    )


def test_a_metric_that_the_catalog_gives_to_another_service_is_lazy() -> None:
    catalog, _ = shipped()
    one, metric = next(
        (service, each)
        for service in catalog.services
        for each in service.metrics
        if each.type == "counter" and each.name not in names_of_others(service)
    )
    other = next(each for each in catalog.services if each.id != one.id)
    world = World([series(metric.name, service=one.id)])
    assert why(f'{metric.name}{{service="{other.id}"}}', world) == Why(
        f"{metric.name} has no series with service=\"{other.id}\": there are '{one.id}'; by the "
        f"catalog it is a metric of {one.id} only",
        lazy=True,
    )
    # Of a service that the catalog does not know, nothing says so.
    assert not why(f'{metric.name}{{service="nobody"}}', world).lazy


def names_of_others(service: Service) -> set[str]:
    others = (each for each in shipped()[0].services if each.id != service.id)
    return {metric.name for each in others for metric in each.metrics}


def test_an_alert_needs_one_side_of_an_or_only() -> None:
    servers = fake_servers(prometheus=World([Series({"__name__": "new_total"})]))
    reasons = PromReasons(known(), Prometheus(servers, NOW), lambda expr, at: Why(expr, False))
    now = Moment(HOUR.span, 60.0, instant=True)
    assert reasons.lacks_inputs("(new_total > 5) or (old_total > 5)", now) is None
    lack = reasons.lacks_inputs("new_total / old_total > 5", now)
    assert lack == Why(
        "old_total has never existed, and the catalog knows no such metric", lazy=False
    )


def test_a_reason_costs_no_more_questions_than_it_may() -> None:
    servers = fake_servers(prometheus=World([series("up", service="a")]))
    reasons = PromReasons(
        known(), Prometheus(servers, NOW, left=1), lambda expr, at: Why("", False)
    )
    assert reasons.explain('up{service="b"}', HOUR) == Why(
        "no reason was found with as many questions as one may cost", lazy=False
    )
