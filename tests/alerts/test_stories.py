"""How stories count, show and time; that rules agree with them is promtool's to say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from alerts import platform
from alerts.model import Alert
from alerts.proof import Firing, Moment
from alerts.proofs import shown, stories
from alerts.proofs.latency import Histogram
from alerts.proofs.servers import Stage
from alerts.proofs.told import elsewhere, series
from catalog.model import Catalog
from catalog.signals import Metric
from tests.alerts.promtool import check

FIRING = Firing({}, "")


def test_a_story_beside_another_is_in_another_cluster_alone() -> None:
    assert elsewhere({series("a", {"b": "c"}): "1x2"}, "d") == {
        'a{cluster="d",environment="e",b="c"}': "1x2"
    }


def test_a_counter_that_begins_goes_on_as_it_was_born(shipped: Catalog) -> None:
    alert = waiting(shipped)
    stage = Stage(shipped, alert, "10m", births=True, fills=False)
    assert stage.begun(30).startswith(f"_x{stage.lead} 30+3x{stage.trouble - 1} ")
    assert stage.vanishing(1).startswith(f"1x{stage.lead - 1} stale _x{stage.trouble - 1} 1x")
    assert (stage.risen(1), Stage(shipped, alert, "3m").risen(1)) == (6, 3)


def waiting(catalog: Catalog) -> Alert:
    """An alert that waits five minutes."""
    return next(
        rule
        for group in platform.groups(catalog)
        for rule in group.rules
        if isinstance(rule, Alert) and rule.hold == 300
    )


@pytest.mark.parametrize(
    ("told", "values"),
    [
        (stories.counting((3, 2)), "0+2x2"),
        (stories.counting((3, 0), (2, 5), (2, 0.5)), "0x2 5+5x1 10.5+0.5x1"),
        (stories.counting((1, 1), (1, 1), start=7), "7+1x0 8+1x0"),
        (stories.holding((2, None), (3, 1.5)), "_x2 1.5x2"),
    ],
)
def test_values_are_promtool_s(told: str, values: str) -> None:
    assert told == values


def test_an_alert_is_silent_until_it_has_waited() -> None:
    time = stories.Clock(30)
    assert time.moments(300, [FIRING], since=600, over=1200) == (
        Moment(870),
        Moment(900, (FIRING,)),
        Moment(1200),
    )
    assert time.moments(0, [FIRING], since=601, at_last=640, over=1201) == (
        Moment(600),
        Moment(660, (FIRING,)),
        Moment(1230),
    )


@pytest.mark.parametrize("evaluation", [15, 30, 45, 60, 120, 300])
def test_trouble_begins_at_a_sample_that_is_an_evaluation(evaluation: int) -> None:
    time = stories.Clock(evaluation)
    for begins in (time.lead * 60, time.samples(700) * 60):
        assert begins % evaluation == begins % 60 == 0
        assert begins >= 600


def metric(**changes: object) -> Metric:
    labels = {"code": ("200", "404", "500"), "kind": ("read", "write"), "user": None}
    base = {
        "name": "a_total",
        "type": "counter",
        "unit": "count",
        "help": "A.",
        "title": "A",
        "emitted_by": "application",
        "emission": "always",
        "labels": labels,
        "by": ("kind", "code"),
        "source": "seed",
    }
    return Metric.model_validate({**base, **changes})


def test_good_and_bad_follow_from_the_metric() -> None:
    declared = metric(bad={"code": ("500",)})
    assert stories.bad(declared) == {"code": "500"}
    assert stories.good(declared) == ({"code": "200"}, {"code": "404"})
    assert stories.parts(declared) == ({"kind": "read"}, {"kind": "write"})
    other = metric(good={"code": ("200", "404")})
    assert stories.bad(other) == {"code": "500"}
    assert stories.good(other) == ({"code": "200"}, {"code": "404"})
    open_set = metric(bad={"user": ("nobody",)}, by=("user",))
    assert stories.good(open_set) == ({"user": "any"},)
    assert stories.parts(open_set) == ({}, None)


def test_every_metric_of_a_catalog_can_go_well_and_badly(shipped: Catalog, second: Catalog) -> None:
    for service in (*shipped.services, *second.services):
        for each in service.metrics:
            if each.good or each.bad:
                assert stories.bad(each) not in stories.good(each), each.name


@pytest.mark.parametrize(("limit", "too_slow"), [(1, 1.5), (0.3, 0.4), (2, 2.25), (0.05, 0.099)])
def test_a_histogram_shows_what_its_story_says(
    limit: float, too_slow: float, tmp_path: Path, need_binary: Callable[[str], str]
) -> None:
    """promtool interpolates as Prometheus does."""
    made = Histogram("a", {"x": "y"}, (0.1, 0.5, 1, 2.5), limit)
    assert made.too_slow == pytest.approx(too_slow)
    phases = (10, 20, 10)
    asked = "histogram_quantile(0.99, sum by (le) (rate(a_bucket[5m])))"

    def complaint(values: dict[str, str], expr: str) -> str:
        (tmp_path / "rules.yaml").write_text("groups: []\n", encoding="utf-8")
        test = {
            "rule_files": ["rules.yaml"],
            "evaluation_interval": "1m",
            "tests": [
                {
                    "interval": "1m",
                    "input_series": [{"series": k, "values": v} for k, v in values.items()],
                    "promql_expr_test": [
                        {
                            "expr": expr,
                            "eval_time": "20m",
                            "exp_samples": [{"labels": "{}", "value": 1}],
                        }
                    ],
                }
            ],
        }
        return check(tmp_path, test, need_binary("promtool"))

    close = f"abs({asked} - {made.too_slow}) < bool 1e-9"
    assert not (told := complaint(made.told(100, phases), close)), told
    assert not (told := complaint(made.born(40, 100, phases), close)), told
    if made.below:
        under = f"{asked} <= bool {limit}"
        assert not (told := complaint(made.rarely(100, phases), under)), told


def test_a_histogram_that_cannot_be_too_slow_is_refused() -> None:
    with pytest.raises(LookupError) as caught:
        _ = Histogram("a", {}, (0.1, 1), 1).above
    assert str(caught.value) == "no bound of a is above 1"


@pytest.mark.parametrize(
    ("function", "value", "text"),
    [
        (shown.number, 0, "0"),
        (shown.number, 90000, "90k"),
        (shown.number, 999.96, "1000"),
        (shown.number, 1234567, "1.235M"),
        (shown.number, 0.0015, "1.5m"),
        (shown.binary, 20000000, "19.07Mi"),
        (shown.binary, 0.5, "0.5"),
        (shown.percentage, 0.0755, "7.55%"),
        (shown.duration, 0, "0s"),
        (shown.duration, 1.75, "1.75s"),
        (shown.duration, 0.25, "250ms"),
        (shown.duration, 75, "1m 15s"),
        (shown.duration, 3700, "1h 1m 40s"),
        (shown.duration, -90061, "-1d 1h 1m 1s"),
    ],
)
def test_numbers_are_shown_as_prometheus_does(
    function: Callable[[float], str],
    value: float,
    text: str,
    tmp_path: Path,
    need_binary: Callable[[str], str],
) -> None:
    """What we say, and what promtool's own template says."""
    assert function(value) == text
    name = {
        shown.number: "humanize",
        shown.binary: "humanize1024",
        shown.percentage: "humanizePercentage",
        shown.duration: "humanizeDuration",
    }[function]
    rule = f"""
groups:
- name: g
  rules:
  - alert: A
    expr: vector({value})
    annotations:
      said: '{{{{ $value | {name} }}}}'
"""
    (tmp_path / "rules.yaml").write_text(rule, encoding="utf-8")
    test = {
        "rule_files": ["rules.yaml"],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [],
                "alert_rule_test": [
                    {
                        "eval_time": "1m",
                        "alertname": "A",
                        "exp_alerts": [{"exp_labels": {}, "exp_annotations": {"said": text}}],
                    }
                ],
            }
        ],
    }
    assert not (told := check(tmp_path, test, need_binary("promtool"))), told
