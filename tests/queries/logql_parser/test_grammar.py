from __future__ import annotations

import logging
import re
import subprocess
import sys
from importlib.resources import files

from lark import Lark
from lark.lexer import Lexer

from queries.logql_parser.builder import Builder
from queries.logql_parser.grammar import Reduction, table
from queries.logql_parser.tokens import FUNCTIONS, SYMBOLS, WORDS

GRAMMAR = files("queries.logql_parser").joinpath("grammar.lark").read_text(encoding="utf-8")


def test_every_alternative_has_a_method_and_every_method_an_alternative():
    named = set(re.findall(r"-> (\w+)$", GRAMMAR, re.MULTILINE))
    methods = {name for name in dir(Builder) if not name.startswith("_")}
    assert named == methods
    reductions = [
        action
        for actions in table().states.values()
        for action in actions.values()
        if isinstance(action, Reduction)
    ]
    assert {reduction.build.__name__ for reduction in reductions} <= methods


def test_every_token_is_declared_and_every_declared_one_is_made():
    declared = set(re.findall(r"\b[A-Z_]{2,}\b", "\n".join(re.findall("%declare (.*)", GRAMMAR))))
    made = {*FUNCTIONS.values(), *WORDS.values(), *SYMBOLS.values()}
    made |= {"NAME", "STRING", "NUMBER", "DURATION", "BYTES", "RANGE", "FLAG"}
    assert declared == made - {"DOT", "RBRACKET"}


def test_going_on_wins_only_where_the_grammar_says_so(caplog):
    class NoLexer(Lexer):
        def __init__(self, conf: object) -> None: ...

        def lex(self, lexer_state: object, parser_state: object):
            raise NotImplementedError

    with caplog.at_level(logging.DEBUG, logger="lark"):
        Lark(GRAMMAR, parser="lalr", lexer=NoLexer, debug=True)
    conflicts = {
        (terminal, rule)
        for terminal, rule in re.findall(
            r"conflict for terminal (\w+).*?\n \* <(\w+)", "\n".join(caplog.messages)
        )
    }
    assert conflicts == {
        ("NEQ", "operand"),
        ("NEQ", "label"),
        ("NRE", "label"),
        ("OR", "stage"),
        ("AND", "stage"),
        ("COMMA", "stage"),
        ("LPAREN", "group"),
    }


def test_a_build_does_not_load_the_parser(root):
    script = (
        "import sys; from delivery import cli; cli.main(['--help']); "
        "print(sorted({'lark', 're2', 'promql_parser'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stderr == "[]\n"
