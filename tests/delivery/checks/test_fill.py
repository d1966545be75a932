from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.checks.documents import Variable
from delivery.checks.fill import BUILT_IN, CHOICE, TRACE_ID, UNKNOWN, fill

VARIABLES = {
    "service": Variable("service", "custom", ("ryot", "agents")),
    "pod": Variable("pod", "query", (), "pod", "up", many=True),
    "trace_id": Variable("trace_id", "textbox"),
    "slower": Variable("slower", "textbox", ("1000",)),
}
SERVICES = f"{CHOICE}ryot|agents"


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("up", "up"),
        ('up{service="$service"}', f'up{{service="{SERVICES}"}}'),
        ('up{service="${service}"}', f'up{{service="{SERVICES}"}}'),
        ('up{service="[[service]]"}', f'up{{service="{SERVICES}"}}'),
        ('up{service=~"${service:regex}"}', f'up{{service=~"{SERVICES}"}}'),
        ('up{service=~"${service:csv}"}', f'up{{service=~"{CHOICE}ryot,agents"}}'),
        ("up{service=${service:doublequote}}", f'up{{service="{SERVICES}"}}'),
        ("up{service=${service:singlequote}}", f"up{{service='{SERVICES}'}}"),
        ('up{pod=~"$pod"}', f'up{{pod=~"{UNKNOWN}pod"}}'),
        ('{a="b"} |= "${trace_id}.*"', f'{{a="b"}} |= "{UNKNOWN}trace_id.*"'),
        # A text box that is not empty is sent as it stands: a number is one.
        ('{a="b"} | took>${slower}', '{a="b"} | took>1000'),
        ('{a="b"} |~ `${slower:raw}`', '{a="b"} |~ `1000`'),
        ("rate(x[$__rate_interval])", "rate(x[1m])"),
        ("rate(x[$__range])", "rate(x[6h])"),
        ("rate(x[${__range_s}s])", "rate(x[21600s])"),
        ("{a=`b`} | json [$__auto]", "{a=`b`} | json [1m]"),
        ('trace_id="${__trace.traceId}"', f'trace_id="{TRACE_ID}"'),
        ("{$__tags}", f'{{namespace="{UNKNOWN}namespace",pod="{UNKNOWN}pod"}}'),
        # Not Grafana's: a group of a replacement, an end of a pattern, a price.
        (
            'label_replace(up, "a", "$1", "b", "(.*)$")',
            'label_replace(up, "a", "$1", "b", "(.*)$")',
        ),
        ("[5m]", "[5m]"),
    ],
)
def test_samples(text, filled):
    found = fill(text, VARIABLES)
    assert found.text == filled
    assert found.unknown == ()


def test_what_nothing_defines_is_told_and_left():
    found = fill('up{a="$nosuch",service="$service",b="${other:raw}"}', VARIABLES)
    assert found.text == f'up{{a="$nosuch",service="{SERVICES}",b="${{other:raw}}"}}'
    assert found.unknown == (("nosuch", 6, 13), ("other", 37, 49))


def test_a_name_of_its_own_place():
    assert fill('{service="${name}"}', {}, frozenset({"name"})).text == (
        f'{{service="{UNKNOWN}name"}}'
    )


def test_a_name_that_begins_like_another():
    assert fill("$services $service_x $service-x", VARIABLES).unknown == (
        ("services", 0, 9),
        ("service_x", 10, 20),
    )


@pytest.mark.parametrize(
    ("word", "original"), [("ryot", "$service"), ("6h", "$__range"), ("tail", "tail")]
)
def test_a_place_in_the_sample_is_the_whole_variable(word, original):
    text = "head $service mid $__range tail"
    found = fill(text, VARIABLES)
    start = found.text.index(word)
    first, last = found.original(start), found.original(start + len(word), end=True)
    assert text[first:last] == original


PIECES = st.one_of(
    st.sampled_from(
        ["$service", "${pod:regex}", "[[trace_id]]", "$__range", "$nosuch", "${nosuch}", "$"]
    ),
    st.text(" ab$[]{}\"'é\U0001f600", max_size=5),
    st.sampled_from([f"${name}" for name in BUILT_IN]),
)


@given(st.lists(PIECES, max_size=8).map("".join))
def test_offsets_lead_back(text):
    found = fill(text, VARIABLES)
    assert found.original(0) == 0
    assert found.original(len(found.text), end=True) == len(text)
    covered = {place for start, end, _, _ in found.spans for place in range(start, end)}
    last = 0
    for place, character in enumerate(found.text):
        origin = found.original(place)
        assert origin >= last
        last = origin
        if place not in covered:
            assert text[origin] == character
    for start, end, first, stop in found.spans:
        assert text[first] in "$["
        for place in range(start, end):
            assert found.original(place) == first
            assert found.original(place + 1, end=True) == stop
    for name, first, stop in found.unknown:
        assert name in text[first:stop]
