"""A Go template cut into tokens, as far as that decides whether it can be used."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import Final, NamedTuple

from queries.logql_parser.go_numbers import parse_float
from queries.logql_parser.go_strings import is_character, unquote


class TemplateFault(ValueError):
    """What is wrong with a template."""


class Piece(NamedTuple):
    """``kind`` is a word of this module, a keyword, or the character itself."""

    kind: str
    text: str


KEYWORDS: Final = frozenset(
    {
        *("block", "break", "continue", "define", "else", "end", "if", "nil", "range"),
        *("template", "with"),
    }
)
_LEFT: Final = re.compile(r"\{\{(-[ \t\r\n])?")
_RIGHT: Final = re.compile(r"(?:[ \t\r\n]-)?\}\}")
_SPACE: Final = re.compile(r"[ \t\r\n]+?(?=[ \t\r\n]-\}\}|[^ \t\r\n]|\Z)")
_QUOTED: Final = re.compile(r'"(?:[^"\\\n]|\\[^\n])*+"|`[^`]*`')
_CHARACTER: Final = re.compile(r"'(?:[^'\\\n]|\\[^\n])*+'")
_NUMBER: Final = re.compile(
    r"[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?"
    r"|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?"
    r"|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?"
)
_INTEGER: Final = re.compile(
    r"[+-]?(?:0[xX](?:_?[0-9a-fA-F])+|0[oO]?(?:_?[0-7])*|0[bB](?:_?[01])+|[1-9](?:_?[0-9])*)"
)
_TERMINATORS: Final = (" ", "\t", "\r", "\n", ".", ",", "|", ":", ")", "(", "}}")


def pieces(text: str) -> Iterator[Piece]:
    """The tokens; text outside actions is one token each, comments are none."""
    position = 0
    while (found := text.find("{{", position)) >= 0:
        if found > position:
            yield Piece("text", text[position:found])
        match = _LEFT.match(text, found)
        start = match.end() if match else found + 2
        if text.startswith("/*", start):
            position = _comment_end(text, start)
            continue
        yield Piece("left", "{{")
        position = yield from _action(text, start)
    if position < len(text):
        yield Piece("text", text[position:])


def _comment_end(text: str, start: int) -> int:
    end = text.find("*/", start + 2)
    if end < 0:
        raise TemplateFault("a comment has no end")
    closing = _RIGHT.match(text, end + 2)
    if closing is None:
        raise TemplateFault("only }} may stand behind the end of a comment")
    return closing.end()


def _action(text: str, position: int) -> Generator[Piece, None, int]:
    depth = 0
    while True:
        closing = _RIGHT.match(text, position)
        if closing:
            if depth:
                raise TemplateFault("a parenthesis is not closed")
            yield Piece("right", "}}")
            return closing.end()
        if position >= len(text):
            raise TemplateFault("an action is not closed with }}")
        piece, position = _piece(text, position)
        depth += (piece.kind == "(") - (piece.kind == ")")
        if depth < 0:
            raise TemplateFault("a parenthesis closes that none opens")
        yield piece


def _piece(text: str, start: int) -> tuple[Piece, int]:
    character = text[start]
    space = _SPACE.match(text, start)
    if space:
        return Piece("space", " "), space.end()
    if text.startswith(":=", start):
        return Piece("declare", ":="), start + 2
    if character in {"=", "|", "(", ")"}:
        return Piece(character, character), start + 1
    if character in {'"', "`"}:
        return _string(text, start)
    if character == "'":
        return _character(text, start)
    if character == "$":
        return _name("variable", text, start, start + 1)
    following = text[start + 1 : start + 2]
    if character == "." and not (following.isascii() and following.isdecimal()):
        if _at_terminator(text, start + 1):
            return Piece("dot", "."), start + 1
        return _name("field", text, start, start + 1)
    if character in {".", "+", "-"} or (character.isascii() and character.isdecimal()):
        return _number(text, start)
    if _is_alphanumeric(character):
        piece, end = _name("name", text, start, start)
        kind = piece.text if piece.text in KEYWORDS else "name"
        if piece.text in {"true", "false"}:
            kind = "bool"
        return Piece(kind, piece.text), end
    if character != ":" and character.isascii() and character.isprintable():
        return Piece("character", character), start + 1
    raise TemplateFault(f"{character!r} has no meaning in an action")


def _name(kind: str, text: str, start: int, begin: int) -> tuple[Piece, int]:
    end = begin
    while end < len(text) and _is_alphanumeric(text[end]):
        end += 1
    if not _at_terminator(text, end):
        raise TemplateFault(f"{text[end]!r} cannot follow {text[start:end]}")
    return Piece(kind, text[start:end]), end


def _is_alphanumeric(character: str) -> bool:
    return character == "_" or character.isalpha() or character.isdecimal()


def _at_terminator(text: str, position: int) -> bool:
    return position >= len(text) or text.startswith(_TERMINATORS, position)


def _string(text: str, start: int) -> tuple[Piece, int]:
    match = _QUOTED.match(text, start)
    if match is None:
        raise TemplateFault("a string is not closed")
    if text[start] == '"' and unquote(match[0][1:-1])[1] is not None:
        raise TemplateFault(f"{match[0]} has an escape that Go does not know")
    return Piece("string", match[0]), match.end()


def _character(text: str, start: int) -> tuple[Piece, int]:
    match = _CHARACTER.match(text, start)
    if match is None or not is_character(match[0]):
        raise TemplateFault("single quotes hold one character; a string stands in double quotes")
    return Piece("number", match[0]), match.end()


def _number(text: str, start: int) -> tuple[Piece, int]:
    match = _NUMBER.match(text, start)
    number = match[0] if match else ""
    end = start + len(number)
    if text[end : end + 1] in {"+", "-"}:
        second = _NUMBER.match(text, end)
        end = second.end() if second else end
        if not text[start:end].endswith("i"):
            raise TemplateFault(f"{text[start:end]} is no number")
        number = number.removesuffix("i") or "0"
    if (end < len(text) and _is_alphanumeric(text[end])) or not _is_number(number):
        raise TemplateFault(f"{text[start:end] or text[start]} is no number")
    return Piece("number", text[start:end]), end


def _is_number(text: str) -> bool:
    if text.endswith("i"):
        return parse_float(text[:-1])[1]
    if _INTEGER.fullmatch(text):
        return _integer_fits(text)
    return parse_float(text)[1] and any(mark in text for mark in ".eEpP")


def _integer_fits(text: str) -> bool:
    digits = text.lstrip("+-").replace("_", "").lower()
    base = {"0x": 16, "0b": 2, "0o": 8}.get(digits[:2], 8 if digits.startswith("0") else 10)
    if len(digits) > 66:
        return False
    value = int(digits[2:] if digits[:2] in {"0x", "0b", "0o"} else digits, base)
    if text.startswith("-"):
        return value <= 2**63
    return value < (2**63 if text.startswith("+") else 2**64)
