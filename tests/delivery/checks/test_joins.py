from __future__ import annotations

import pytest

from delivery.checks.joins import Matching, alike, joinable, matched, named, unit
from delivery.checks.labels import ANYTHING, Known
from delivery.checks.promql_shape import SCALAR, Shape
from tests.delivery.checks.test_labels import known

PODS = known(cluster=None, service="shop till", pod=None)
SERVICES = known(cluster=None, service="shop till")


def said(operator: str, left: Known, right: Known, matching: Matching) -> list[str]:
    found: list[str] = []
    matched(lambda *fault: found.append(": ".join(fault)), operator, left, right, matching)
    return found


@pytest.mark.parametrize(
    ("left", "right", "matching", "expected"),
    [
        (SERVICES, SERVICES, Matching(), []),
        (
            PODS,
            SERVICES,
            Matching(),
            [
                (
                    "label/join: '/' never matches: only the left side has 'pod': "
                    "Write on (…) or ignoring (pod): /"
                )
            ],
        ),
        (
            known(service="shop", outcome="?sold"),
            known(service="shop"),
            Matching(),
            [
                (
                    "label/join: '/' matches no 'outcome': only the left side has 'outcome': "
                    "Write on (…) or ignoring (outcome): /"
                )
            ],
        ),
        (
            PODS,
            SERVICES,
            Matching(on=False, labels=("pod",)),
            [
                (
                    "label/join: '/' can meet several series of the left side, which differ in "
                    "'pod': Aggregate 'pod' away, or say group_left: /"
                )
            ],
        ),
        (PODS, SERVICES, Matching(on=False, labels=("pod",), many="left"), []),
        (
            SERVICES,
            PODS,
            Matching(on=True, labels=("cluster", "service"), many="left"),
            [
                (
                    "label/join: '/' can meet several series of the right side, which differ in "
                    "'pod': Aggregate 'pod' away: /"
                )
            ],
        ),
        (SERVICES, PODS, Matching(on=True, labels=("cluster", "service"), many="right"), []),
        (
            SERVICES,
            SERVICES,
            Matching(on=True, labels=("cluster", "service", "pods")),
            [
                (
                    "label/join: '/' matches on 'pods', which the left side has not: "
                    "Known here are cluster, service: pods"
                ),
                (
                    "label/join: '/' matches on 'pods', which the right side has not: "
                    "Known here are cluster, service: pods"
                ),
            ],
        ),
        (
            known(service="shop"),
            known(service="till"),
            Matching(),
            [
                (
                    "label/join: '/' never matches: 'service' is 'shop' on the left and 'till' on "
                    "the right: Match on other labels, or correct a matcher: /"
                )
            ],
        ),
        (
            known(code="1 2 3 4"),
            known(code="5"),
            Matching(many="left"),
            [
                (
                    "label/join: '/' never matches: 'code' is '1' or '2' or '3' … on the left and "
                    "'5' on the right: Match on other labels, or correct a matcher: /"
                )
            ],
        ),
        # A target has one of each of its labels, and a label that is copied stands once.
        (
            known(instance=None, job=None, pod=None),
            known(instance=None, job=None, pod=None, service="shop till", version=None),
            Matching(on=True, labels=("job", "instance"), many="left", included=("version",)),
            [],
        ),
        (
            PODS,
            SERVICES,
            Matching(on=True, labels=("cluster", "service"), many="left", included=("team",)),
            [
                (
                    "label/missing: group_left copies the label 'team', which the other side has "
                    "not: Known here are cluster, service: team"
                )
            ],
        ),
        (known(a="1"), known(b="1"), Matching(on=True, labels=()), []),
        (ANYTHING, SERVICES, Matching(on=True, labels=("cluster", "service")), []),
    ],
)
def test_what_is_wrong_with_two_sides(left, right, matching, expected):
    assert said("/", left, right, matching) == expected


@pytest.mark.parametrize(
    ("matching", "labels"),
    [
        (Matching(on=True, labels=("service",)), {"service"}),
        (Matching(on=False, labels=("pod",)), {"cluster", "service"}),
        (Matching(on=True, labels=("service",), many="left"), {"cluster", "service", "pod"}),
        (
            Matching(on=True, labels=("service",), many="left", included=("team",)),
            {"cluster", "service", "pod", "team"},
        ),
        (Matching(on=True, labels=("service",), many="right"), {"cluster", "service", "team"}),
    ],
)
def test_the_labels_of_the_answer(matching, labels):
    other = known(cluster=None, service="shop till", team="sales")
    answer = matched(lambda *_: None, "*", PODS, other, matching)
    assert set(answer.labels) == labels


def test_a_label_that_neither_side_has_tells_nothing_apart():
    found: list[tuple[str, ...]] = []
    for labels in (("service", "pod"), ("tier",)):
        named(lambda *fault: found.append(fault), "or", PODS, SERVICES, Matching(True, labels))
    reason = "'or' matches on 'tier', which neither side has"
    assert [(check, told, word) for check, told, _, word in found] == [
        ("label/join", reason, "tier")
    ]


def test_sets_need_not_be_unique():
    found: list[tuple[str, ...]] = []
    joinable(
        lambda *fault: found.append(fault), "and", PODS, SERVICES, Matching(True, ("service",))
    )
    assert found == []


@pytest.mark.parametrize(
    ("operator", "left", "right", "is_alike"),
    [
        ("+", "seconds", "seconds", True),
        ("+", "seconds", "", True),
        ("+", "requests/s", "lines/s", False),
        ("+", "requests", "requests/s", False),
        (">", "seconds", "bytes", False),
        ("-", "timestamp", "timestamp", True),
        ("-", "timestamp", "seconds", True),
        (">", "timestamp", "seconds", False),
        # One thing counted stands where another does not; nothing is added up.
        ("or", "requests/s", "lines/s", True),
        ("or", "requests/s", "requests", False),
        ("or", "requests/s", "bytes/s", False),
    ],
)
def test_like_units(operator, left, right, is_alike):
    found: list[tuple[str, ...]] = []
    alike(lambda *fault: found.append(fault), operator, left, right)
    assert not found if is_alike else found[0][0] == "metric/unit"


def of(measured: str) -> Shape:
    return Shape(True, Known(), measured)


def number(value: float) -> Shape:
    return SCALAR._replace(number=value)


@pytest.mark.parametrize(
    ("operator", "left", "right", "expected"),
    [
        ("+", of("bytes"), of("bytes"), "bytes"),
        ("-", of(""), of("bytes"), "bytes"),
        ("-", of("timestamp"), of("timestamp"), "seconds"),
        ("%", of("timestamp"), number(3600), "seconds"),
        ("-", of("timestamp"), of("seconds"), "timestamp"),
        ("/", of("bytes"), of("bytes"), "ratio"),
        ("/", of("bytes"), of("seconds"), ""),
        ("/", of("bytes"), number(60), "bytes"),
        ("/", of("milliseconds"), number(1000), "seconds"),
        ("*", of("bytes"), number(8), "bytes"),
        ("*", of("bytes"), number(0), ""),
        ("*", of("ratio"), of("bytes"), "bytes"),
        ("*", of("bytes"), of("bytes"), ""),
        ("%", of("bytes"), number(8), "bytes"),
        ("^", of("bytes"), number(2), ""),
    ],
)
def test_the_unit_of_the_answer(operator, left, right, expected):
    assert unit(operator, left, right) == expected
