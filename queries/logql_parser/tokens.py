"""A query cut into tokens, just as Loki's scanner cuts it.

The scanner is Go's, made for Go: it skips ``//`` and ``/* */`` besides ``#``, takes ``'a'`` for a
name, and hands on any other character as a name of its own, so that ``{$="a"}`` is a
selector. Loki's part on top decides what is a function (a parenthesis follows), a duration,
a size or a flag.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from queries.logql_parser.errors import Refusal
from queries.logql_parser.go_numbers import (
    parse_bytes,
    parse_duration,
    parse_range,
    scan_number,
    unit_run,
)
from queries.logql_parser.go_strings import character_end, quoted_end, unquote


class Token(NamedTuple):
    """A terminal of grammar.lark; ``value`` is its text, for a string what it says."""

    kind: str
    value: str
    start: int
    end: int


RANGE_FUNCTIONS: Final = frozenset(
    {
        "absent_over_time",
        "avg_over_time",
        "bytes_over_time",
        "bytes_rate",
        "count_over_time",
        "first_over_time",
        "last_over_time",
        "max_over_time",
        "min_over_time",
        "quantile_over_time",
        "rate",
        "rate_counter",
        "stddev_over_time",
        "stdvar_over_time",
        "sum_over_time",
    }
)
AGGREGATIONS: Final = frozenset(
    {
        "approx_topk",
        "avg",
        "bottomk",
        "count",
        "max",
        "min",
        "sort",
        "sort_desc",
        "stddev",
        "stdvar",
        "sum",
        "topk",
    }
)
FUNCTIONS: Final = {
    **dict.fromkeys(RANGE_FUNCTIONS, "RANGE_FUNCTION"),
    **dict.fromkeys(AGGREGATIONS, "AGGREGATION"),
    **dict.fromkeys(("bytes", "duration", "duration_seconds"), "CONVERSION"),
    "ip": "IP",
    "label_replace": "LABEL_REPLACE",
    "vector": "VECTOR",
}
"""Words that are names unless a parenthesis, or ``by (``, follows."""

WORDS: Final = {
    word: word.upper()
    for word in (
        "and",
        "bool",
        "by",
        "decolorize",
        "drop",
        "group_left",
        "group_right",
        "ignoring",
        "json",
        "keep",
        "label_format",
        "line_format",
        "logfmt",
        "of",
        "offset",
        "on",
        "or",
        "pattern",
        "regexp",
        "unless",
        "unpack",
        "unwrap",
        "variants",
        "without",
    )
}
"""Words that are never names, not even in braces."""

SYMBOLS: Final = {
    "{": "LBRACE",
    "}": "RBRACE",
    "(": "LPAREN",
    ")": "RPAREN",
    ",": "COMMA",
    "|": "PIPE",
    "=": "EQ",
    "!=": "NEQ",
    "=~": "RE",
    "!~": "NRE",
    "!>": "NPA",
    "|=": "PIPE_EXACT",
    "|~": "PIPE_MATCH",
    "|>": "PIPE_PATTERN",
    "==": "CMP_EQ",
    ">": "GT",
    ">=": "GTE",
    "<": "LT",
    "<=": "LTE",
    "+": "PLUS",
    "-": "MINUS",
    "*": "TIMES",
    "/": "DIVIDE",
    "%": "MODULO",
    "^": "POWER",
    # Tokens that no rule takes.
    ".": "DOT",
    "]": "RBRACKET",
}

# What Go calls white space where it looks ahead for a parenthesis; between tokens only the
# first four count.
_GO_SPACE: Final = "[\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*+"
_CALL: Final = re.compile(
    rf"{_GO_SPACE}(?:\(|(?:by|without){_GO_SPACE}\()", re.ASCII | re.IGNORECASE
)
_TOKEN: Final = re.compile(
    r"""[ \t\r\n]*+(?:
      (?P<name>[A-Za-z_][A-Za-z0-9_]*+)
    | "(?P<string>[^"\\\n]*+)"
    | (?P<symbol>[|][=~>]?|=[=~]?|![=~>]|[<>]=?|[{}(),+*%^\]]|/(?![/*]))
    | \[(?P<range>[^\]]*+)\]
    | (?P<integer>(?:0|[1-9][0-9]*+)(?=[ \t\r\n(){}\[\],|=!<>+*/%^]|-\ |\Z))
    | `(?P<raw>[^`]*+)`
    | (?P<comment>\#[^\n]*+\n?|//[^\n]*+|/\*[\s\S]*?\*/)
    | (?P<other>[\s\S])
    )""",
    re.VERBOSE,
)
_FLAG: Final = re.compile(r"--(?:strict|keep-empty)(?![-A-Za-z])")


class Tokens(NamedTuple):
    """The tokens, the last of them ``$END``, or what stopped the scanner behind them."""

    tokens: list[Token]
    fault: Refusal | None


def tokenize(text: str) -> Tokens:
    """All tokens of ``text``, up to the first thing that is none."""
    tokens: list[Token] = []
    # A byte order mark may open a query; anywhere else it is a character like any other.
    position = boundary = 1 if text.startswith("\ufeff") else 0
    is_ascii = text.isascii()
    add = tokens.append
    match_token = _TOKEN.match
    try:
        while match := match_token(text, position):
            kind = match.lastgroup
            position = match.end()
            if kind == "name":
                start = match.start("name")
                if not is_ascii:
                    position = _name_end(text, position)
                add(_word(text, start, position))
            elif kind == "symbol":
                symbol = match["symbol"]
                add(Token(SYMBOLS[symbol], symbol, position - len(symbol), position))
            elif kind in {"string", "raw"}:
                value = match[kind]
                add(Token("STRING", value, position - len(value) - 2, position))
            elif kind == "range":
                add(_range(match, position))
            elif kind == "integer":
                value = match["integer"]
                add(Token("NUMBER", value, position - len(value), position))
            elif kind == "comment":
                if not match["comment"].startswith("#"):
                    continue
            else:
                token = _other(text, position - 1, boundary)
                position = token.end
                add(token)
            boundary = position
    except Refusal as fault:
        return Tokens(tokens, fault)
    end = len(text)
    add(Token("$END", "", end, end))
    return Tokens(tokens, None)


def _word(text: str, start: int, end: int) -> Token:
    name = text[start:end]
    # Go lowers İ to i, Python to i and a dot above.
    lower = name.replace("\u0130", "i").lower() if not name.isascii() else name.lower()
    kind = FUNCTIONS.get(lower)
    if kind is not None:
        if _CALL.match(text, end):
            return Token(kind, lower, start, end)
        return Token("NAME", name, start, end)
    kind = WORDS.get(lower)
    if kind is not None:
        return Token(kind, lower, start, end)
    return Token("NAME", name, start, end)


def _range(match: re.Match[str], end: int) -> Token:
    start = match.start("range") - 1
    if parse_range(match["range"]) is None:
        raise Refusal(start, f"[{match['range']}] is no range; one is written like [5m] or [1h30m]")
    return Token("RANGE", match["range"], start, end)


def _other(text: str, start: int, boundary: int) -> Token:
    """The rarer tokens, and what is none."""
    character = text[start]
    if character.isdecimal() and character.isascii():
        return _number(text, start, adjacent=start == boundary)
    if character == ".":
        following = text[start + 1 : start + 2]
        if following.isdecimal() and following.isascii():
            return _number(text, start, adjacent=False)
    elif character == "-":
        return _minus(text, start)
    elif character == '"':
        return _escaped_string(text, start)
    elif character == "'":
        end = character_end(text, start)
        if end is None:
            raise Refusal(start, 'a string stands in "…" or `…`, not in single quotes')
        return Token("NAME", text[start:end], start, end)
    elif character == "`":
        raise Refusal(start, "the string has no closing `")
    elif character == "[":
        raise Refusal(start, "the range has no closing ]")
    elif text.startswith("/*", start):
        raise Refusal(start, "the comment has no closing */")
    elif character.isalpha():
        return _word(text, start, _name_end(text, start + 1))
    return Token(SYMBOLS.get(character, "NAME"), character, start, start + 1)


def _name_end(text: str, end: int) -> int:
    """Where a name that has reached ``end`` ends: letters and digits of every script."""
    while end < len(text) and ((c := text[end]) == "_" or c.isalpha() or c.isdecimal()):
        end += 1
    return end


def _number(text: str, start: int, *, adjacent: bool) -> Token:
    end, fault = scan_number(text, start, adjacent=adjacent)
    if fault:
        raise Refusal(start, fault)
    stop = unit_run(text, end, of_bytes=False)
    if stop > end and parse_duration(text[start:stop]) is not None:
        return Token("DURATION", text[start:stop], start, stop)
    stop = unit_run(text, end, of_bytes=True)
    if stop > end and parse_bytes(text[start:stop]) is not None:
        return Token("BYTES", text[start:stop], start, stop)
    return Token("NUMBER", text[start:end], start, end)


def _minus(text: str, start: int) -> Token:
    flag = _FLAG.match(text, start)
    if flag and not text[flag.end() : flag.end() + 1].isalpha():
        return Token("FLAG", flag[0], start, flag.end())
    stop = unit_run(text, start + 1, of_bytes=False)
    if stop > start + 1 and parse_duration(text[start:stop]) is not None:
        return Token("DURATION", text[start:stop], start, stop)
    return Token("MINUS", "-", start, start + 1)


def _escaped_string(text: str, start: int) -> Token:
    end = quoted_end(text, start)
    if end is None:
        raise Refusal(start, 'the string has no closing " on its line')
    value, wrong = unquote(text[start + 1 : end - 1])
    if wrong is not None:
        at = start + 1 + wrong
        raise Refusal(at, f"{text[at : at + 2]} is no escape of a string; write `…` or \\\\")
    return Token("STRING", value, start, end)
