from __future__ import annotations

import subprocess
import time

import promql_parser as library
import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from queries.promql_parser import FUNCTIONS, MAX_LENGTH, PromQLError, parse


def fault(query: str) -> str:
    with pytest.raises(PromQLError) as caught:
        parse(query)
    return str(caught.value)


def test_a_query_becomes_the_packages_tree():
    tree = parse('sum by (a) (rate(b{c=~"d"}[5m]))')
    assert isinstance(tree, library.AggregateExpr)
    assert tree.modifier.labels == ["a"]
    assert tree.expr.args[0].vector_selector.name == "b"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "line 1, column 1: the query ends too early"),
        ("up{a=", "line 1, column 6: the query ends too early"),
        ("sum by (a", "line 1, column 10: the query ends too early"),
        ("up up", "line 1, column 4: unexpected up"),
        ("sum by (a b) (x)", "line 1, column 11: unexpected b"),
        ('up{a="b" c="d"}', "line 1, column 10: unexpected c"),
        ("up\n  +\n )", "line 3, column 2: unexpected right parenthesis ')'"),
        ("é", "line 1, column 1: unexpected character: 'é'"),
        (
            "rate(up)",
            "line 1, column 8: expected type matrix in call to function 'rate', got vector",
        ),
        ("1 + foo(up)", "line 1, column 5: unknown function with name 'foo'"),
        (
            "mad_over_time(up[5m])",
            "line 1, column 1: Prometheus 2.42 has no function mad_over_time",
        ),
        ('up{a=~"b**"}', "line 1, column 7: not a regular expression: bad repetition operator: **"),
        ('up{a="b" or c="d"}', "line 1, column 10: matchers are not joined by or"),
        ("up[300y]", "line 1, column 4: 300y is longer than Prometheus counts"),
        ("1e999", "line 1, column 1: 1e999 is larger than Prometheus counts"),
        ("up[5]", "line 1, column 4: 5 needs a unit, such as s or m"),
        ("up @ 1e99", "line 1, column 6: 1e99 is no time that Prometheus can count to"),
        ("up\udcff", "line 1, column 3: the query is not valid UTF-8"),
        (
            "x" * (MAX_LENGTH + 1),
            f"line 1, column 1: the query is longer than {MAX_LENGTH} characters",
        ),
    ],
)
def test_a_fault_is_told_with_its_place(query, said):
    assert fault(query) == said


@pytest.mark.parametrize(
    "query",
    [
        "+".join("a" * 10_000),
        "^".join("1" * 10_000),
        "(" * 10_000 + "a" + ")" * 10_000,
        "sum(" * 10_000,
        "-" * 10_000 + "a",
    ],
)
def test_ten_thousand_levels_are_an_error_and_no_crash(query):
    assert fault(query).endswith("nested deeper than 300 levels")


PIECES = [
    *"up a:b sum rate( holt_winters( by without on ( ) ( ) [5m] [5m:1m] [ ] { } ,".split(),
    *"+ - * / ^ and or unless #".split(),
    *"== != =~ = > bool offset @ 5m -5m 1 1e99 0x1F 1e inf start()".split(),
    *(
        '{a="b"}',
        '"x"',
        "'x'",
        "`x`",
        '"',
        "\\",
        "\n",
        "é",
        "\0",
        "9" * 40,
        "9" * 40 + "y",
        "topk(",
    ),
]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join) | st.text(max_size=80))
@example("[" * 100_000)
@example('"' + "\\" * 100_000)
@example("a" * 100_000)
@example("5m" * 50_000)
@example("up @ " + "9" * 5_000)
@example("up[" + "9" * 5_000 + "]")
def test_any_text_is_a_query_or_an_error(text):
    start = time.monotonic()
    found = None
    try:
        parse(text)
    except PromQLError as error:
        found = error
    assert time.monotonic() - start < 10
    if found:
        assert found.message
        assert 0 <= found.offset <= len(text)


VALID = (
    """
up | up{} | {a=~"b+"} | up{a="b",} | up[5m] offset -5m | up @ 1.7e9 | up @ start() offset 5m
rate(sum(up)[1h:5m]) | holt_winters(up[5m], 0.5, 0.5) | SUM(up) | sum by (by) (up)
up + on(a) group_left(b) up | -2 ^ 2 | "text" | 1 == bool 1 | a:b:c | absent_over_time(up[5m])
label_replace(up, "a", "$1", "b", "(.*)") | topk by (a) (5, up) | up and on(a) up | vector(1)
histogram_quantile(0.9, sum by (le) (rate(x_bucket[5m]))) | up offset 5m # comment | Inf | .5
""".replace("\n", " | ")
    .strip(" |")
    .split(" | ")
)
BROKEN = (
    """
{} | {a=""} | up{a=~"b("} | up[0s] | up[1.5h] | rate(up) | rate(up[5m], 1) | sum() | topk(up)
up + bool up | 1 and 1 | 1 == 1 | up and on(a) group_left up | up + on(a) group_left(a) up | -"a"
"a" + "b" | up[5m][5m] | 1a | a-b-| foo(up) | up offset 5 | info(up) | {"up"} | up[5] | 5m
up{__name__="x"} | a{b-c="d"} | sum by (a) (up) by (b) | up =~ up | up $x | label_join(up, "a")
""".replace("\n", " | ")
    .strip(" |")
    .split(" | ")
)


@pytest.mark.parametrize("query", VALID)
def test_what_is_a_query(query):
    assert parse(query)


@pytest.mark.parametrize("query", BROKEN)
def test_what_is_none(query):
    assert fault(query)


def test_promtool_is_of_the_same_mind(need_binary, tmp_path):
    promtool = need_binary("promtool")
    queries = [*VALID, *BROKEN, *map(called, sorted(FUNCTIONS))]
    refused = set()
    for number, query in enumerate(queries):
        rule = {"record": "a", "expr": query}
        content = {"groups": [{"name": "g", "rules": [rule]}]}
        (tmp_path / f"{number}.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    for number, query in enumerate(queries):
        command = [promtool, "check", "rules", tmp_path / f"{number}.yaml"]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            refused.add(query)
    assert refused == set(BROKEN)


def called(function: str) -> str:
    """A call that every release with that function takes."""
    if function in {"pi", "time"}:
        return f"{function}()"
    if function == "vector":
        return "vector(1)"
    arguments = {
        "clamp": "a, 1, 2",
        "clamp_max": "a, 1",
        "clamp_min": "a, 1",
        "histogram_fraction": "0, 1, a",
        "histogram_quantile": "0.5, a",
        "holt_winters": "a[5m], 0.5, 0.5",
        "label_join": 'a, "b", ",", "c"',
        "label_replace": 'a, "b", "c", "d", "e"',
        "predict_linear": "a[5m], 1",
        "quantile_over_time": "0.5, a[5m]",
    }
    over = ("changes", "delta", "deriv", "idelta", "increase", "irate", "rate", "resets")
    default = "a[5m]" if function.endswith("_over_time") or function in over else "a"
    return f"{function}({arguments.get(function, default)})"


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_every_function_of_2_42_is_known(function):
    assert parse(called(function))
