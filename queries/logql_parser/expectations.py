"""Says what stands where it must not, and what could stand there instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from queries.logql_parser.errors import Refusal
from queries.logql_parser.grammar import END, Action, Reduction
from queries.logql_parser.tokens import SYMBOLS, WORDS, Token

_NAMED: Final = {
    "NAME": "a name",
    "STRING": "a string",
    "NUMBER": "a number",
    "DURATION": "a duration",
    "BYTES": "a size",
    "RANGE": "a range such as [5m]",
    "FLAG": "a flag",
    "RANGE_FUNCTION": "a range function",
    "AGGREGATION": "an aggregation",
    "CONVERSION": "a conversion",
    END: "the end of the query",
    **{kind: symbol for symbol, kind in SYMBOLS.items()},
    **{kind: word for word, kind in WORDS.items()},
    "IP": "ip",
    "LABEL_REPLACE": "label_replace",
    "VECTOR": "vector",
}
_ORDER: Final = {kind: number for number, kind in enumerate(_NAMED)}
_OPERATORS: Final = frozenset(
    {
        "AND",
        "OR",
        "UNLESS",
        "CMP_EQ",
        "NEQ",
        "GT",
        "GTE",
        "LT",
        "LTE",
        "PLUS",
        "MINUS",
        "TIMES",
        "DIVIDE",
        "MODULO",
        "POWER",
    }
)
_LINE_FILTERS: Final = frozenset({"PIPE_EXACT", "PIPE_MATCH", "PIPE_PATTERN", "NEQ", "NRE", "NPA"})
_COMPARISONS: Final = frozenset({"EQ", "NEQ", "RE", "NRE", "CMP_EQ", "GT", "GTE", "LT", "LTE"})
_GROUPS: Final = (
    (_OPERATORS, "an operator"),
    (_LINE_FILTERS, "a line filter"),
    (_COMPARISONS, "a comparison"),
)


def unexpected(
    token: Token, states: list[int], steps: Mapping[int, Mapping[str, Action]]
) -> Refusal:
    """The fault at ``token``, which the parser cannot go on with."""
    expected = {
        kind for kind in _NAMED if kind in steps[states[-1]] and _leads_on(kind, states, steps)
    }
    if token.kind == END:
        found = "the query ends too early"
    elif "NAME" in expected and token.value in WORDS:
        found = f"{token.value} is a word of LogQL and no name"
    else:
        found = f"unexpected {_shown(token)}"
    return Refusal(token.start, f"{found}; expected {_listed(expected)}")


def _leads_on(kind: str, states: list[int], steps: Mapping[int, Mapping[str, Action]]) -> bool:
    """Would the terminal be taken? A table that merges states lists some that would not."""
    stack = list(states)
    while True:
        action = steps[stack[-1]].get(kind)
        if action is None:
            return False
        if not isinstance(action, Reduction):
            return True
        if action.size:
            del stack[-action.size :]
        following = steps[stack[-1]][action.origin]
        if isinstance(following, Reduction):
            return False
        stack.append(following)
        if action.origin == "start":
            return kind == END


def _shown(token: Token) -> str:
    if token.kind == "STRING":
        return "string"
    if token.kind == "RANGE":
        return f"range [{token.value}]"
    return token.value


def _listed(expected: set[str]) -> str:
    groups = [(kinds, name) for kinds, name in _GROUPS if kinds <= expected]
    rest = expected.difference(*(kinds for kinds, _ in groups))
    words = [_NAMED[kind] for kind in sorted(rest, key=_ORDER.__getitem__)]
    words += [name for _, name in groups]
    if len(words) == 1:
        return words[0]
    return f"{', '.join(words[:-1])} or {words[-1]}"
