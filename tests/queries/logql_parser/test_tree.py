from __future__ import annotations

import pytest

from queries.logql_parser.parse import parse
from queries.logql_parser.tree import (
    AllOf,
    AnyOf,
    BinaryOperation,
    BytesFilter,
    Decolorize,
    Drop,
    Duration,
    DurationFilter,
    Extraction,
    Grouping,
    IpFilter,
    JsonParser,
    Keep,
    LabelFilter,
    LabelFormat,
    LabelName,
    LabelReplace,
    LineFilter,
    LineFormat,
    LineMatch,
    LogfmtParser,
    LogQuery,
    LogRange,
    Matcher,
    Matching,
    Node,
    Number,
    NumberFilter,
    PatternParser,
    RangeAggregation,
    RegexpParser,
    Rename,
    Selector,
    Template,
    UnpackParser,
    Unwrap,
    Variants,
    Vector,
    VectorAggregation,
)
from queries.logql_parser.walk import walk

A = Selector(0, 0, (Matcher(0, 0, "a", "=", "b"),))


def name(text: str) -> LabelName:
    return LabelName(0, 0, text)


def duration(seconds: float) -> Duration:
    return Duration(0, 0, int(seconds * 10**9))


def stages(pipeline: str) -> tuple[Node, ...]:
    expression = parse(f'{{a="b"}} {pipeline}')
    assert isinstance(expression, LogQuery)
    return expression.stages


def condition(text: str) -> Node:
    (stage,) = stages(f"| {text}")
    assert isinstance(stage, LabelFilter)
    return stage.condition


def log_range(text: str) -> LogRange:
    expression = parse(f"sum_over_time({text})" if "unwrap" in text else f"rate({text})")
    assert isinstance(expression, RangeAggregation)
    return expression.range


@pytest.mark.parametrize(
    ("text", "matcher"),
    [
        ('a="b"', Matcher(0, 0, "a", "=", "b")),
        ("a != `b\\d`", Matcher(0, 0, "a", "!=", "b\\d")),
        ('a=~"b.+\\\\d\\u00e9\\x41\\101"', Matcher(0, 0, "a", "=~", "b.+\\déAA")),
        ('a!~"b"', Matcher(0, 0, "a", "!~", "b")),
        ('a="\\xff"', Matcher(0, 0, "a", "=", "\udcff")),
    ],
)
def test_matchers(text, matcher):
    assert parse(f'{{c="d",{text}}}') == LogQuery(
        0, 0, Selector(0, 0, (Matcher(0, 0, "c", "=", "d"), matcher)), ()
    )


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ('|= "x"', LineFilter(0, 0, "|=", (LineMatch(0, 0, "x"),))),
        ('!~ "x" or `y`', LineFilter(0, 0, "!~", (LineMatch(0, 0, "x"), LineMatch(0, 0, "y")))),
        ('|> "<_>"', LineFilter(0, 0, "|>", (LineMatch(0, 0, "<_>"),))),
        ('!= ip("::1")', LineFilter(0, 0, "!=", (LineMatch(0, 0, "::1", is_ip=True),))),
        ("| json", JsonParser(0, 0, ())),
        (
            '| json x, y="a.b"',
            JsonParser(0, 0, (Extraction(0, 0, "x", "x"), Extraction(0, 0, "y", "a.b"))),
        ),
        ("| logfmt", LogfmtParser(0, 0, (), strict=False, keep_empty=False)),
        (
            '| logfmt --keep-empty --strict x="y"',
            LogfmtParser(0, 0, (Extraction(0, 0, "x", "y"),), strict=True, keep_empty=True),
        ),
        (
            '| regexp "(?P<x>a)(b)(?P<y>c)"',
            RegexpParser(0, 0, "(?P<x>a)(b)(?P<y>c)", ("x", "y")),
        ),
        ('| pattern "<_> <x> <y>"', PatternParser(0, 0, "<_> <x> <y>", ("x", "y"))),
        ("| unpack", UnpackParser(0, 0)),
        ("| decolorize", Decolorize(0, 0)),
        ('| line_format "{{.x}}"', LineFormat(0, 0, "{{.x}}")),
        (
            '| label_format x=y, z="{{.w}}"',
            LabelFormat(0, 0, (Rename(0, 0, "x", "y"), Template(0, 0, "z", "{{.w}}"))),
        ),
        ('| drop x, y="z"', Drop(0, 0, (name("x"), Matcher(0, 0, "y", "=", "z")))),
        ("| keep x", Keep(0, 0, (name("x"),))),
    ],
)
def test_stages(text, stage):
    assert stages(text) == (stage,)
    assert stages(f"| json {text} | json") == (JsonParser(0, 0, ()), stage, JsonParser(0, 0, ()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('x="y"', Matcher(0, 0, "x", "=", "y")),
        ("x>5", NumberFilter(0, 0, "x", ">", 5.0)),
        ("x==-1.5e3", NumberFilter(0, 0, "x", "==", -1500.0)),
        ("x!=0x1p4", NumberFilter(0, 0, "x", "!=", 16.0)),
        ("x>=0x10", NumberFilter(0, 0, "x", ">=", 0.0)),
        ("x<=1h30m", DurationFilter(0, 0, "x", "<=", duration(5400))),
        ("x<-1.5s", DurationFilter(0, 0, "x", "<", duration(-1.5))),
        ("x=2d", DurationFilter(0, 0, "x", "=", duration(2 * 86400))),
        ("x>5KB", BytesFilter(0, 0, "x", ">", 5000)),
        ("x>1.5KiB", BytesFilter(0, 0, "x", ">", 1536)),
        ('x!=ip("::1")', IpFilter(0, 0, "x", "!=", "::1")),
    ],
)
def test_conditions(text, expected):
    assert condition(text) == expected
    assert condition(f"(({text}))") == expected


def one(label: str) -> NumberFilter:
    return NumberFilter(0, 0, label, "=", 1.0)


P, Q, R, S = map(one, "pqrs")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("p=1 and q=1 and r=1", AllOf(0, 0, (P, Q, R))),
        ("p=1 or q=1 or r=1", AnyOf(0, 0, (P, Q, R))),
        ("p=1, q=1 r=1", AllOf(0, 0, (P, Q, R))),
        ("p=1 and q=1 or r=1 and s=1", AnyOf(0, 0, (AllOf(0, 0, (P, Q)), AllOf(0, 0, (R, S))))),
        ("p=1 or q=1 and r=1 or s=1", AnyOf(0, 0, (P, AllOf(0, 0, (Q, R)), S))),
        # What stands left of a comma takes in all that stands right of it.
        ("p=1, q=1 or r=1", AllOf(0, 0, (P, AnyOf(0, 0, (Q, R))))),
        ("p=1 or q=1, r=1", AnyOf(0, 0, (P, AllOf(0, 0, (Q, R))))),
        ("p=1 or q=1, r=1 or s=1", AnyOf(0, 0, (P, AllOf(0, 0, (Q, AnyOf(0, 0, (R, S))))))),
        ("(p=1 or q=1), r=1", AllOf(0, 0, (AnyOf(0, 0, (P, Q)), R))),
        ("p=1 and (q=1 or r=1) and s=1", AllOf(0, 0, (P, AnyOf(0, 0, (Q, R)), S))),
    ],
)
def test_conditions_nest_as_loki_nests_them(text, expected):
    assert condition(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{a="b"}[5m]', LogRange(0, 0, A, (), None, duration(300), None)),
        ('({a="b"})[1d] offset 1h', LogRange(0, 0, A, (), None, duration(86400), duration(3600))),
        (
            '(({a="b"} | json [5m]))',
            LogRange(0, 0, A, (JsonParser(0, 0, ()),), None, duration(300), None),
        ),
        (
            '{a="b"}[5m] offset -1h | json',
            LogRange(0, 0, A, (JsonParser(0, 0, ()),), None, duration(300), duration(-3600)),
        ),
        (
            '{a="b"} | json | unwrap bytes(x) | p=1 [5m]',
            LogRange(
                0,
                0,
                A,
                (JsonParser(0, 0, ()),),
                Unwrap(0, 0, name("x"), "bytes", (LabelFilter(0, 0, P),)),
                duration(300),
                None,
            ),
        ),
        (
            '({a="b"})[5m] | unwrap x',
            LogRange(0, 0, A, (), Unwrap(0, 0, name("x"), None, ()), duration(300), None),
        ),
    ],
)
def test_ranges(text, expected):
    assert log_range(text) == expected


FIVE_MINUTES = LogRange(0, 0, A, (), None, duration(300), None)


def by(*labels: str) -> Grouping:
    return Grouping(0, 0, False, tuple(map(name, labels)))


RATE = parse('rate({a="b"}[5m])')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SUM(@)", VectorAggregation(0, 0, "sum", RATE, None, None)),
        (
            "sum by (x, y) (@)",
            VectorAggregation(0, 0, "sum", RATE, None, by("x", "y")),
        ),
        (
            "sum(@) without ()",
            VectorAggregation(0, 0, "sum", RATE, None, Grouping(0, 0, True, ())),
        ),
        ("topk(010, @)", VectorAggregation(0, 0, "topk", RATE, 10, None)),
        (
            'label_replace(@, "d", "r", "s", "p")',
            LabelReplace(0, 0, RATE, "d", "r", "s", "p"),
        ),
        ("vector(1.5)", Vector(0, 0, 1.5)),
        ("-5", Number(0, 0, -5.0)),
        (
            'variants(@, vector(1)) of ({a="b"}[5m])',
            Variants(0, 0, (RATE, Vector(0, 0, 1.0)), FIVE_MINUTES),
        ),
        ("@ > 5", BinaryOperation(0, 0, ">", RATE, Number(0, 0, 5.0), False, None)),
        (
            "@ == bool on (x) group_left (y) @",
            BinaryOperation(
                0,
                0,
                "==",
                RATE,
                RATE,
                True,
                Matching(0, 0, True, (name("x"),), "many-to-one", (name("y"),)),
            ),
        ),
        (
            "@ and ignoring (x) @",
            BinaryOperation(
                0,
                0,
                "and",
                RATE,
                RATE,
                False,
                Matching(0, 0, False, (name("x"),), "one-to-one", ()),
            ),
        ),
    ],
)
def test_metric_queries(text, expected):
    assert parse(text.replace("@", 'rate({a="b"}[5m])')) == expected


def vector(value: float) -> Vector:
    return Vector(0, 0, value)


def joined(operator: str, left: Node, right: Node) -> BinaryOperation:
    return BinaryOperation(0, 0, operator, left, right, False, None)


V, W, X, Y = map(vector, (1.0, 2.0, 3.0, 4.0))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v + w * x", joined("+", V, joined("*", W, X))),
        ("v * w + x", joined("+", joined("*", V, W), X)),
        ("v - w - x", joined("-", joined("-", V, W), X)),
        ("v ^ w ^ x", joined("^", V, joined("^", W, X))),
        ("v or w and x", joined("or", V, joined("and", W, X))),
        ("v and w unless x", joined("unless", joined("and", V, W), X)),
        ("v > w + x", joined(">", V, joined("+", W, X))),
        ("v > w == x", joined("==", joined(">", V, W), X)),
        ("v * w ^ x % y", joined("%", joined("*", V, joined("^", W, X)), Y)),
        ("(v or w) and x", joined("and", joined("or", V, W), X)),
    ],
)
def test_operators_nest_as_loki_nests_them(text, expected):
    for number, letter in enumerate("vwxy", start=1):
        text = text.replace(letter, f"vector({number})")
    assert parse(text) == expected


def test_every_part_knows_its_place():
    query = (
        'sum by (x) (\n  rate({a="é", b=~"c"} |= "d" or "e" | json f, g="h" | i > 5s and j="k"'
        " | label_format l=m [5m] offset 1h)\n) / on (n) group_left (o) (vector(1) * 2)"
        ' > bool topk(3, sum_over_time({p="q"} | unwrap bytes(r) | s="" [1m]))'
    )
    texts = [query[node.start : node.end] for node in walk(parse(query))]
    assert texts[0] == query
    for part in (
        '{a="é", b=~"c"}',
        'b=~"c"',
        '|= "d" or "e"',
        '"e"',
        '| json f, g="h"',
        'g="h"',
        "f",
        '| i > 5s and j="k"',
        'i > 5s and j="k"',
        "i > 5s",
        "5s",
        "| label_format l=m",
        "l=m",
        "[5m]",
        "offset 1h",
        "by (x)",
        "x",
        "on (n) group_left (o)",
        "n",
        "o",
        "vector(1)",
        "vector(1) * 2",
        '| unwrap bytes(r) | s=""',
        "r",
        '| s=""',
        "2",
    ):
        assert part in texts, part
    ranges = [node for node in walk(parse(query)) if isinstance(node, RangeAggregation)]
    assert [query[node.start : node.start + len(node.function)] for node in ranges] == [
        "rate",
        "sum_over_time",
    ]
