from __future__ import annotations

import pytest

from queries.logql_parser.errors import LogQLError
from queries.logql_parser.parse import parse as parse_logql
from queries.logql_parser.releases import lacking
from queries.logql_parser.runtime import findings
from queries.promql_parser import PromQLError
from queries.promql_parser import parse as parse_promql
from tests.queries.shipped import filled, shipped

PARSERS = {"logql": parse_logql, "promql": parse_promql}


@pytest.mark.parametrize("language", PARSERS)
def test_every_shipped_query_is_one(language):
    queries = shipped(language)
    assert len(queries) > 50
    faults = []
    for path, query in queries:
        try:
            PARSERS[language](query)
        except (LogQLError, PromQLError) as error:
            faults.append(f"{path}: {query}: {error}")
    assert faults == []


def test_every_shipped_logql_query_runs_on_every_release():
    faults = [
        (path, query, problems)
        for path, query in shipped("logql")
        if (expression := parse_logql(query))
        and (problems := findings(query, expression) + lacking(query, expression, "2.9.4"))
    ]
    assert faults == []


def test_variables_are_filled():
    query = 'rate({a="$b",c=~"${d:regex}"} |= ${e:doublequote} [$__interval])'
    assert filled(query) == 'rate({a="sample",c=~"sample"} |= "sample" [5m])'
