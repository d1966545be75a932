from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.rule_parts import CHECK
from tests.delivery.checks.trees import RULES, found, group, recording, rules

SUM = "shop:sales:sum"
HOUR = f'{SUM}{{window="1h"}}'
RAW = recording(SUM, "sum(increase(sales_total[1h]))", window="1h")


def laid_out(*offsets: str, window: str = "3h") -> dict[str, object]:
    terms = (f"(last_over_time({HOUR}[30m] offset {each}) or 0 * {HOUR})" for each in offsets)
    return recording(SUM, " + ".join((HOUR, *terms)), window=window)


def test_end_to_end(tmp_path):
    assert found(tmp_path, CHECK, {RULES: rules(group(RAW, laid_out("1h", "2h")))}) == []


@pytest.mark.parametrize(
    ("offsets", "reason", "remedy"),
    [
        (("1h", "150m"), "the part of 1h that ended 150m ago leaves a gap", "Look for it 2h ago"),
        (
            ("1h", "90m"),
            "the part of 1h that ended 90m ago overlaps the one after it",
            "Look for it 2h ago",
        ),
        (
            ("1h",),
            "the parts add up to 2h, and the window is 3h",
            "Add or remove parts, or correct the label",
        ),
    ],
)
def test_a_gap_an_overlap_and_a_missing_part(tmp_path, offsets, reason, remedy):
    rule = laid_out(*offsets)
    (finding,) = found(tmp_path, CHECK, {RULES: rules(group(RAW, rule))})
    where = f"recording {SUM} in group shop"
    start, end = finding.start, finding.end
    assert finding == Finding("rule/parts", RULES, where, reason, remedy, rule["expr"], start, end)
    assert rule["expr"][start:end] == HOUR


def test_a_sum_of_another_series_is_not_judged(tmp_path):
    other = recording("shop:revenue:sum", f"{HOUR} + {HOUR} offset 5h", window="3h")
    assert found(tmp_path, CHECK, {RULES: rules(group(RAW, other))}) == []
