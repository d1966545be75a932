"""The parse table that Lark makes of grammar.lark, in the form that parse.py runs.

Lark is asked for the table and not for parsing: its own loop hashes a rule at each step,
which takes longer than all the rest of a query. Loading takes a moment and so happens at the
first query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

from lark import Lark
from lark.lexer import Lexer
from lark.parsers.lalr_analysis import Shift

from queries.logql_parser.builder import Builder

END: Final = "$END"


class Reduction(NamedTuple):
    """``size`` parts become one ``origin``, which ``build`` makes of them."""

    size: int
    origin: str
    build: Callable[..., Any]


Action = int | Reduction
"""What to do at a terminal: go to a state, or reduce."""


class Table(NamedTuple):
    """Per state, what each terminal and each rule leads to."""

    states: dict[int, dict[str, Action]]
    start: int
    end: int


class _NoLexer(Lexer):
    """Lark wants a lexer; tokens.py is ours."""

    def __init__(self, conf: object) -> None: ...

    def lex(self, lexer_state: object, parser_state: object) -> Iterator[Any]:
        raise NotImplementedError


@cache
def table() -> Table:
    """The table of the whole grammar."""
    text = files(__package__).joinpath("grammar.lark").read_text(encoding="utf-8")
    made = Lark(text, parser="lalr", lexer=_NoLexer).parser.parser._parse_table
    states = {
        state: {str(symbol): _action(*action) for symbol, action in actions.items()}
        for state, actions in made.states.items()
    }
    return Table(states, made.start_states["start"], made.end_states["start"])


def _action(kind: object, argument: Any) -> Action:
    if kind is Shift:
        return int(argument)
    # Names are Lark's tokens, which compare slowly.
    origin = str(argument.origin.name)
    return Reduction(len(argument.expansion), origin, getattr(Builder, argument.alias))
