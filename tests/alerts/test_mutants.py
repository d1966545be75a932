"""A faulty rule is tried with what it comes from, and with nothing else."""

from __future__ import annotations

from tests.alerts.mutants import mutants, sources


def rule(expr: str, **more: object) -> dict[str, object]:
    return {"expr": expr, **more}


RAW = rule("sum(rate(x[5m]))", record="a:b:rate5m", labels={"objective": "one"})
OTHER = rule("sum(rate(x[5m]))", record="a:b:rate5m", labels={"objective": "two"})
RATIO = rule('a:b:rate5m{objective="one"} / 2', record="a:b:ratio", labels={"objective": "one"})
SHOWN = rule("1", record="a:left:ratio", labels={"window": "1d"})
LONGER = rule("1", record="a:b:ratio_of")
RULES = [RAW, OTHER, RATIO, SHOWN, LONGER]


def test_what_a_rule_reads_is_found_through_others_and_in_its_texts() -> None:
    text = """{{ with printf "a:left:ratio{c='%s',window='1d'}" $labels.c | query }}{{ end }}"""
    alert = rule('a:b:ratio{objective="one"} > 1', annotations={"said": text})
    assert sources(alert, RULES) == [RATIO, SHOWN, RAW]


def test_a_series_is_none_of_another_label_or_of_a_longer_name() -> None:
    assert sources(rule('a:b:rate5m{objective="two"} > 1'), RULES) == [OTHER]
    assert sources(rule("a:b:rate5m > 1"), RULES) == [RAW, OTHER]
    assert sources(rule('a:b:ratio{window="1d"} > 1'), RULES) == [RATIO, RAW]


def test_a_fault_is_a_wait_a_direction_or_a_number() -> None:
    alert = {"alert": "A", "expr": "x > 5 and y == 0 and x > 5", "for": "5m"}
    made = {fault: (each.get("for"), each["expr"]) for fault, each in mutants(alert)}
    assert made == {
        "for removed": (None, alert["expr"]),
        "'x > 5' turned": ("5m", "x <= 5 and y == 0 and x <= 5"),
        "'x > 5' doubled": ("5m", "x > 10 and y == 0 and x > 10"),
        "'y == 0' turned": ("5m", "x > 5 and y != 0 and x > 5"),
    }
