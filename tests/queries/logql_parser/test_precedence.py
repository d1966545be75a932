from __future__ import annotations

import pytest

from queries.logql_parser.errors import Refusal
from queries.logql_parser.precedence import MAX_DEPTH, Operator, nest


def nested(*chain: str) -> str:
    operators = [Operator(symbol, number, None) for number, symbol in enumerate(chain[1::2])]
    return nest(
        chain[::2], operators, lambda left, operator, right: f"({left}{operator.symbol}{right})"
    )


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        ("a", "a"),
        ("a + b - c", "((a+b)-c)"),
        ("a + b * c", "(a+(b*c))"),
        ("a ^ b ^ c", "(a^(b^c))"),
        ("a * b ^ c", "(a*(b^c))"),
        ("a or b and c > d + e * f ^ g", "(a or(b and(c>(d+(e*(f^g))))))".replace(" ", "")),
        ("a ^ b * c + d > e and f or g", "((((((a^b)*c)+d)>e)andf)org)"),
        ("a unless b and c", "((aunlessb)andc)"),
    ],
)
def test_operators_bind_as_in_loki(chain, expected):
    assert nested(*chain.split()) == expected


@pytest.mark.parametrize("symbol", ["+", "^"])
def test_a_chain_that_is_too_deep_is_refused_where_it_becomes_so(symbol):
    chain = f" {symbol} ".join("a" * (MAX_DEPTH + 2)).split()
    with pytest.raises(Refusal) as caught:
        nested(*chain)
    assert caught.value.message == f"nested deeper than {MAX_DEPTH} levels"
    assert caught.value.offset == (MAX_DEPTH if symbol == "+" else 0)
    assert nested(*chain[2:])
