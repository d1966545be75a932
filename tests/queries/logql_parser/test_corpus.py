from __future__ import annotations

from collections import Counter

import pytest

from queries.logql_parser.errors import LogQLError
from queries.logql_parser.parse import parse
from queries.logql_parser.releases import lacking
from queries.logql_parser.tree import Expression
from tests.queries.logql_parser.corpus_files import Recorded, recorded

RECORDED = recorded()


def parsed(query: str) -> Expression | None:
    try:
        return parse(query)
    except LogQLError:
        return None


def named(case: Recorded) -> str:
    return f"{case.topic}: {case.query!a}"


def test_there_are_enough_of_each_kind():
    assert len(RECORDED) > 1000
    assert len({case.query for case in RECORDED}) == len(RECORDED)
    kinds = Counter(case.accepted_by for case in RECORDED)
    assert kinds["3.7.6", "2.9.4"] > 400
    assert kinds[()] > 400


@pytest.mark.parametrize("topic", sorted({case.topic for case in RECORDED}))
def test_the_verdict_is_lokis(topic):
    wrong = [
        named(case)
        for case in RECORDED
        if case.topic == topic and ("3.7.6" in case.accepted_by) is (parsed(case.query) is None)
    ]
    assert wrong == []


@pytest.mark.parametrize("topic", sorted({case.topic for case in RECORDED}))
def test_what_2_9_lacks_is_what_it_refuses(topic):
    wrong = [
        named(case)
        for case in RECORDED
        if case.topic == topic
        and (expression := parsed(case.query)) is not None
        and bool(lacking(case.query, expression, "2.9.4")) is ("2.9.4" in case.accepted_by)
    ]
    assert wrong == []
