from __future__ import annotations

import pytest
import yaml

from queries.logql_parser.errors import LogQLError
from queries.logql_parser.parse import parse
from tests.queries.lezer.grammar import HERE, accepted, install
from tests.queries.logql_parser.corpus_files import recorded


@pytest.fixture(scope="module")
def grammar(need_binary) -> None:
    need_binary("node")
    need_binary("npm")
    install()


def is_query(text: str) -> bool:
    try:
        parse(text)
    except LogQLError:
        return False
    return True


def listed() -> dict[str, list[str]]:
    return yaml.safe_load((HERE / "differences.yaml").read_text(encoding="utf-8"))


def test_the_two_differ_only_where_a_reason_is_known(grammar):
    queries = [case.query for case in recorded()]
    theirs = accepted(queries)
    assert len(theirs) == len(queries)
    differing = {
        query for query, verdict in zip(queries, theirs, strict=True) if verdict != is_query(query)
    }
    known = [query for queries in listed().values() for query in queries]
    assert len(known) == len(set(known))
    assert differing - set(known) == set(), "not listed in differences.yaml"
    assert set(known) - differing == set(), "listed in differences.yaml, and no longer differing"


def test_a_broken_query_is_seen_as_one(grammar):
    assert accepted(['{a="b"}', '{a="b"', "rate("]) == [True, False, False]


def test_the_lock_names_no_host():
    assert "://" not in (HERE / "package-lock.json").read_text(encoding="utf-8")
