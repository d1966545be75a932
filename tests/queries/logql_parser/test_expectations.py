from __future__ import annotations

import pytest

from queries.logql_parser.errors import LogQLError
from queries.logql_parser.parse import parse


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("{", "the query ends too early; expected a name or }"),
        (
            "sum",
            (
                "unexpected sum; expected a number, a range function, an aggregation, {, (, +, -, "
                "variants, label_replace or vector"
            ),
        ),
        ("sum by (x", "the query ends too early; expected ) or ,"),
        ("sum by (json) (vector(1))", "json is a word of LogQL and no name; expected a name or )"),
        ("vector(1) + on", "the query ends too early; expected ("),
        ("vector(1) }", "unexpected }; expected the end of the query or an operator"),
        ('rate({a="b"}[5m][5m])', "unexpected range [5m]; expected ), |, offset or a line filter"),
        ('{a="b"} | json a,', "the query ends too early; expected a name"),
        ('{a="b"} | x="y" and', "the query ends too early; expected a name or ("),
        ('{a="b"} | line_format x', "unexpected x; expected a string"),
        (
            '{a="b"} [5m]',
            "unexpected range [5m]; expected the end of the query, |, an operator or a line filter",
        ),
        ("topk(5 vector(1))", "unexpected vector; expected ), , or an operator"),
    ],
)
def test_what_could_stand_there_is_told(query, said):
    with pytest.raises(LogQLError) as caught:
        parse(query)
    assert caught.value.message == said
