"""Finds the parts of a LogQL query in its text, without the parser that is put to the test."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.delivery.checks.mutations.promql_text import Matcher, Span, masked, matchers

_PARSER = re.compile(r"\| ((?:json|logfmt)\b(?: --[\w-]+)*)")
_FILTERED = re.compile(r"(\w+)\s*(=~|!~|!=|=)\s*\"((?:[^\"\\]|\\.)*)\"")
_UNWRAPPED = re.compile(r"\| unwrap (?:\w+\()?(\w+)\)?")


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One selector and what follows it up to its range or end."""

    whole: Span
    stream: tuple[Matcher, ...]
    filters: tuple[Matcher, ...]
    parser: Span | None
    unwrapped: Span | None
    function: Span | None
    #: Of a counted range: where a stage can be added.
    end: int


def pipelines(text: str) -> list[Pipeline]:
    """The pipelines of a query, in order."""
    plain = masked(text)
    found = []
    for brace in re.finditer(r"\{", plain):
        start, close = brace.start(), plain.index("}", brace.start()) + 1
        stop = re.compile(r"\s*\[|\s*$|\s*\)").search(plain, _stages_end(plain, close))
        assert stop, text
        end = stop.start()
        called = re.compile(r"(\w+)\((?:[\d.]+, )?$").search(text, 0, start)
        parser = _PARSER.search(plain, close, end)
        unwrapped = _UNWRAPPED.search(plain, close, end)
        found.append(
            Pipeline(
                Span(start, end, text[start:end]),
                matchers(text, start, close),
                _filters(text, plain, close, end),
                Span(parser.start(1), parser.end(1), parser[1]) if parser else None,
                Span(unwrapped.start(1), unwrapped.end(1), unwrapped[1]) if unwrapped else None,
                Span(called.start(1), called.end(1), called[1]) if called else None,
                end,
            )
        )
    return found


def _stages_end(plain: str, close: int) -> int:
    """Behind the stages: their own brackets (``unwrap bytes(x)``) are theirs."""
    depth = 0
    for place in range(close, len(plain)):
        character = plain[place]
        if character == "[" or (character == ")" and depth == 0):
            return place
        depth += {"(": 1, ")": -1}.get(character, 0)
    return len(plain)


def _filters(text: str, plain: str, start: int, end: int) -> tuple[Matcher, ...]:
    """The label filters on text; ``label_format`` and ``line_format`` have none."""
    found = []
    for stage in re.finditer(r"\|(?![=~>])\s*(?P<body>[^|]+)", plain[:end]):
        if stage.start() < start or re.match(
            r"(json|logfmt|label_format|line_format|regexp|pattern|unwrap|drop|keep)\b",
            stage["body"],
        ):
            continue
        found += [
            Matcher(
                Span(each.start(1), each.end(1), each[1]),
                each[2],
                Span(each.start(3), each.end(3), each[3]),
            )
            for each in _FILTERED.finditer(text, stage.start("body"), stage.end("body"))
        ]
    return tuple(found)
