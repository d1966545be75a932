"""What Loki refuses only when it runs a query, or runs otherwise than it reads.

``parse`` takes such a query, as Loki's own parser does; whoever ships it wants to know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import singledispatch
from typing import Final, Literal, NamedTuple

from queries.logql_parser import regexes
from queries.logql_parser.arguments import is_address_pattern, is_json_path, is_logfmt_path
from queries.logql_parser.errors import Refusal
from queries.logql_parser.go_numbers import parse_float
from queries.logql_parser.go_templates import fields
from queries.logql_parser.semantics import pattern_names
from queries.logql_parser.template_tokens import TemplateFault
from queries.logql_parser.tokens import tokenize
from queries.logql_parser.tree import (
    Expression,
    Extraction,
    IpFilter,
    JsonParser,
    LabelFormat,
    LineFilter,
    LineFormat,
    LineMatch,
    LogfmtParser,
    Node,
    NumberFilter,
    Template,
)
from queries.logql_parser.walk import walk

Kind = Literal["ip", "label-format", "line-pattern", "line-regex", "number", "path", "template"]

_ADDRESS: Final = "no address, network (10.0.0.0/8) or range (10.0.0.1-10.0.0.9)"


class Finding(NamedTuple):
    """``text[start:end]`` of the query is at fault."""

    kind: Kind
    start: int
    end: int
    message: str


def findings(text: str, expression: Expression) -> list[Finding]:
    """All of them, in the order in which they stand in ``text``."""
    found = [finding for node in walk(expression) for finding in _of(node, text)]
    return sorted(found, key=lambda finding: finding.start)


@singledispatch
def _of(node: Node, text: str) -> Iterable[Finding]:
    return ()


def _finding(kind: Kind, node: Node, message: str) -> Finding:
    return Finding(kind, node.start, node.end, message)


@_of.register
def _(node: LineFilter, text: str) -> Iterator[Finding]:
    for match in node.alternatives:
        if match.is_ip:
            yield from _line_address(node, match)
        elif node.operator in {"|~", "!~"}:
            fault = regexes.fault(match.text)
            if fault:
                yield _finding("line-regex", match, f"not a regular expression: {fault}")
        elif node.operator in {"|>", "!>"}:
            yield from _line_pattern(match)


def _line_address(node: LineFilter, match: LineMatch) -> Iterator[Finding]:
    if len(node.alternatives) > 1 and node.operator.startswith("|"):
        yield _finding("ip", match, "beside or, Loki looks for the text of an ip() and no address")
    elif node.operator not in {"|=", "!="}:
        yield _finding("ip", match, "ip() stands behind |= or != only")
    elif not is_address_pattern(match.text):
        yield _finding("ip", match, f"{match.text!r} is {_ADDRESS}")


def _line_pattern(match: LineMatch) -> Iterator[Finding]:
    try:
        names = pattern_names(match.text, match.start)
    except Refusal as refusal:
        yield _finding("line-pattern", match, refusal.message)
        return
    named = next((name for name in names if name != "_"), None)
    if named:
        yield _finding(
            "line-pattern", match, f"a line filter extracts nothing: write <_>, not <{named}>"
        )


@_of.register
def _(node: IpFilter, text: str) -> Iterator[Finding]:
    if not is_address_pattern(node.pattern):
        yield _finding("ip", node, f"{node.pattern!r} is {_ADDRESS}")


@_of.register
def _(node: NumberFilter, text: str) -> Iterator[Finding]:
    number = tokenize(text[node.start : node.end]).tokens[-2].value
    if not parse_float(number)[1]:
        yield _finding("number", node, f"Loki reads {number} as {node.value:g}")


@_of.register
def _(node: JsonParser, text: str) -> Iterator[Finding]:
    for extraction in node.extractions:
        if not is_json_path(extraction.expression):
            yield _path(extraction, "JSON")


@_of.register
def _(node: LogfmtParser, text: str) -> Iterator[Finding]:
    for extraction in node.extractions:
        if not is_logfmt_path(extraction.expression):
            yield _path(extraction, "logfmt")


def _path(extraction: Extraction, language: str) -> Finding:
    path = extraction.expression
    return _finding("path", extraction, f"{path!r} is no path into {language}")


@_of.register
def _(node: LineFormat, text: str) -> Iterator[Finding]:
    yield from _template(node, node.template)


@_of.register
def _(node: LabelFormat, text: str) -> Iterator[Finding]:
    seen: set[str] = set()
    for assignment in node.assignments:
        label = assignment.label
        if label == "__error__":
            yield _finding("label-format", assignment, "__error__ cannot be formatted")
        elif label in seen:
            yield _finding("label-format", assignment, f"{label} is formatted twice in one stage")
        seen.add(label)
        if isinstance(assignment, Template):
            yield from _template(assignment, assignment.template)


def _template(node: Node, template: str) -> Iterator[Finding]:
    try:
        fields(template)
    except TemplateFault as fault:
        yield _finding("template", node, f"not a template: {fault}")
