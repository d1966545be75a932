"""A glance never says yes where the closer look says no."""

from __future__ import annotations

import promql_parser
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from queries.promql_parser import _CALLABLE, PromQLError, parse, parse_closely
from queries.promql_plain import is_plain
from tests.queries.shipped import shipped
from tests.queries.test_promql_parser import BROKEN, PIECES, VALID

SHIPPED = [each.query for each in shipped("promql")]


def agrees(query: str) -> None:
    """What the glance lets pass and the package parses, the closer look takes as well."""
    if not is_plain(query, _CALLABLE):
        return
    try:
        promql_parser.parse(query)
    except ValueError:
        return
    parse_closely(query)


@pytest.mark.parametrize("query", [*VALID, *BROKEN])
def test_on_queries_of_every_kind(query: str) -> None:
    agrees(query)


def test_on_what_ships() -> None:
    for query in SHIPPED:
        agrees(query)
    plain = [query for query in SHIPPED if is_plain(query, _CALLABLE)]
    assert len(plain) > 0.8 * len(SHIPPED)


@given(st.lists(st.sampled_from([*PIECES, *VALID, *BROKEN]), max_size=12).map(" ".join))
@example('up{"a"="b"}')
@example('sum by ("a") (up)')
@example('up{a="b" or c="d"}')
@example("up offset 5")
@example("up[5]")
@example("5m")
@example("limitk(3, up)")
@example('up{a=~"("}')
@example("up @ 9e99")
@example("up[300y]")
@settings(max_examples=400)
def test_on_anything(query: str) -> None:
    agrees(query)


@given(st.sampled_from(SHIPPED), st.integers(0, 2000), st.sampled_from(PIECES), st.booleans())
@settings(max_examples=400)
def test_on_what_ships_with_something_put_in(query: str, at: int, piece: str, cut: bool) -> None:
    place = at % (len(query) + 1)
    agrees(query[:place] + piece + query[place + (5 if cut else 0) :])


def test_a_query_that_is_too_deep_is_never_plain() -> None:
    for deep in ("(" * 101 + "up" + ")" * 101, "up" + " + up" * 101, "-" * 101 + "up"):
        assert not is_plain(deep, _CALLABLE)


def test_the_verdict_is_the_same_either_way() -> None:
    for query in (*VALID, *BROKEN):
        told: list[str] = []
        for read in (parse, parse_closely):
            try:
                read(query)
                told.append("")
            except PromQLError as error:
                told.append(str(error))
        assert told[0] == told[1], query
