"""Can a server use a Go template, and which labels does it read?

Loki makes a template of ``line_format`` and ``label_format`` only when it runs a query; until
then any text passes. The texts of an alert are templates too, with other functions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from queries.logql_parser.template_tokens import Piece, TemplateFault, pieces

OF_GO: Final = frozenset(
    {
        *("and", "call", "eq", "ge", "gt", "html", "index", "js", "le", "len", "lt", "ne", "not"),
        *("or", "print", "printf", "println", "slice", "urlquery"),
    }
)
FUNCTIONS: Final = OF_GO | frozenset(
    {
        # Loki's
        *("Replace", "ToLower", "ToUpper", "Trim", "TrimLeft", "TrimPrefix", "TrimRight"),
        *("TrimSpace", "TrimSuffix", "__line__", "__timestamp__", "alignLeft", "alignRight"),
        *("bytes", "count", "duration", "duration_seconds", "regexReplaceAll"),
        *("regexReplaceAllLiteral", "toDateInZone", "unixEpochMillis", "unixEpochNanos"),
        *("unixToTime", "urldecode", "urlencode"),
        # sprig's, those that Loki lets in
        *("add", "addf", "b64dec", "b64enc", "ceil", "contains", "date", "default", "div", "divf"),
        *("float64", "floor", "fromJson", "hasPrefix", "hasSuffix", "indent", "int", "lower"),
        *("max", "maxf", "min", "minf", "mod", "mul", "mulf", "nindent", "now", "repeat"),
        *("replace", "round", "sub", "subf", "substr", "title", "toDate", "trim", "trimAll"),
        *("trimPrefix", "trimSuffix", "trunc", "unixEpoch", "upper"),
    }
)

_VALUES: Final = frozenset(
    {"bool", "dot", "field", "name", "number", "nil", "string", "variable", "("}
)
_NO_FUNCTION: Final = frozenset({"bool", "dot", "nil", "number", "string"})
_NO_FIELDS: Final = _NO_FUNCTION
_DEEPEST: Final = 100
_END: Final = Piece("end of the template", "")


class _Block(NamedTuple):
    """An open ``if``, ``range``, ``with``, ``define`` or ``block``."""

    kind: str
    has_else: bool
    variables: list[str]
    in_range: bool


def fields(
    template: str, functions: frozenset[str] = FUNCTIONS, server: str = "Loki"
) -> tuple[str, ...]:
    """The labels that the template reads, in order, each once.

    :raises TemplateFault: when Go cannot parse it, or the server lacks a function.
    """
    checker = _Checker(pieces(template), functions, server)
    checker.run()
    return tuple(dict.fromkeys(checker.fields))


class _Checker:
    def __init__(self, stream: Iterator[Piece], functions: frozenset[str], server: str) -> None:
        self._stream, self._functions, self._server = stream, functions, server
        self._next: list[Piece] = []
        self._blocks: list[_Block] = []
        self._variables = ["$"]
        self._in_range = False
        self.fields: list[str] = []

    def run(self) -> None:
        while (piece := self._take()) is not _END:
            if piece.kind == "left":
                self._action()
        if self._blocks:
            raise TemplateFault(f"{self._blocks[-1].kind} has no end")

    # Tokens. Between the parts of an action space means nothing, between arguments it does.

    def _take(self) -> Piece:
        return self._next.pop() if self._next else next(self._stream, _END)

    def _peek(self) -> Piece:
        piece = self._take()
        self._next.append(piece)
        return piece

    def _take_solid(self) -> Piece:
        while (piece := self._take()).kind == "space":
            pass
        return piece

    def _peek_solid(self) -> Piece:
        piece = self._take_solid()
        self._next.append(piece)
        return piece

    def _expect(self, kind: str, context: str) -> Piece:
        piece = self._take_solid()
        if piece.kind != kind:
            raise TemplateFault(f"unexpected {_shown(piece)} in {context}")
        return piece

    # Actions.

    def _action(self) -> None:
        keyword = self._peek_solid().kind
        if keyword in {"if", "range", "with"}:
            self._take_solid()
            self._open(keyword)
        elif keyword == "define" and not self._blocks:
            self._take_solid()
            self._expect("string", "define")
            self._expect("right", "define")
            self._enter("define", fresh=True)
        elif keyword == "block":
            self._take_solid()
            self._expect("string", "block")
            self._pipeline("block", "right")
            self._enter("block", fresh=True)
        elif keyword == "template":
            self._take_solid()
            self._expect("string", "template")
            if self._peek_solid().kind == "right":
                self._take_solid()
            else:
                self._pipeline("template", "right")
        elif keyword in {"break", "continue"}:
            self._take_solid()
            self._expect("right", keyword)
            if not self._in_range:
                raise TemplateFault(f"{keyword} stands outside range")
        elif keyword == "else":
            self._take_solid()
            self._else()
        elif keyword == "end":
            self._take_solid()
            self._expect("right", "end")
            if not self._blocks:
                raise TemplateFault("an end ends nothing")
            self._leave()
        else:
            self._pipeline("an action", "right")

    def _open(self, kind: str) -> None:
        self._enter(kind)
        self._pipeline(kind, "right")
        self._in_range = self._in_range or kind == "range"

    def _enter(self, kind: str, *, fresh: bool = False) -> None:
        self._blocks.append(
            _Block(kind, has_else=False, variables=self._variables, in_range=self._in_range)
        )
        self._variables = ["$"] if fresh else list(self._variables)
        self._in_range = self._in_range and not fresh

    def _leave(self) -> None:
        block = self._blocks.pop()
        self._variables, self._in_range = block.variables, block.in_range

    def _else(self) -> None:
        block = self._blocks[-1] if self._blocks else None
        if block is None or block.has_else or block.kind in {"define", "block"}:
            raise TemplateFault("an else belongs to nothing")
        following = self._peek_solid().kind
        self._in_range = block.in_range
        if following == block.kind and following in {"if", "with"}:
            # One end ends the whole chain.
            self._take_solid()
            self._pipeline(following, "right")
            return
        self._expect("right", "else")
        self._blocks[-1] = block._replace(has_else=True)

    # Pipelines.

    def _pipeline(self, context: str, closing: str, depth: int = 0) -> None:
        if depth > _DEEPEST:
            raise TemplateFault("parentheses are nested too deeply")
        if self._peek_solid().kind == "variable":
            self._declaration(context)
        first = True
        while (piece := self._peek_solid()).kind != closing:
            if piece.kind not in _VALUES:
                raise TemplateFault(f"unexpected {_shown(piece)} in {context}")
            if not first and piece.kind in _NO_FUNCTION:
                raise TemplateFault(f"{_shown(piece)} is no function to pipe into")
            self._command(depth)
            first = False
        self._take_solid()
        if first:
            raise TemplateFault(f"{context} has no value")

    def _declaration(self, context: str, count: int = 1) -> None:
        variable = self._take()
        after = self._peek()
        following = self._peek_solid() if after.kind == "space" else after
        if following.kind in {"=", "declare"}:
            self._take_solid()
            self._variables.append(variable.text)
        elif following == Piece("character", ","):
            self._take_solid()
            self._variables.append(variable.text)
            if context != "range" or count == 2:
                raise TemplateFault(f"{context} declares too many variables")
            if self._peek_solid().kind == "variable":
                self._declaration(context, count + 1)
            elif self._peek_solid().kind not in {"right", ")"}:
                raise TemplateFault("range declares variables and nothing else")
        else:
            if after.kind == "space":
                self._next.append(after)
            self._next.append(variable)

    def _command(self, depth: int) -> None:
        empty = True
        while True:
            self._peek_solid()
            empty = not self._operand(depth) and empty
            piece = self._take()
            if piece.kind == "space":
                continue
            if piece.kind in {"right", ")"}:
                self._next.append(piece)
            elif piece.kind != "|":
                raise TemplateFault(f"unexpected {_shown(piece)} behind a value")
            break
        if empty:
            raise TemplateFault("a command is empty")

    def _operand(self, depth: int) -> bool:
        piece = self._take_solid()
        if piece.kind not in _VALUES:
            self._next.append(piece)
            return False
        if piece.kind == "name" and piece.text not in self._functions:
            raise TemplateFault(f"{piece.text} is no function that {self._server} has")
        if piece.kind == "variable" and piece.text not in self._variables:
            raise TemplateFault(f"{piece.text} is not declared")
        if piece.kind == "(":
            self._pipeline("parentheses", ")", depth + 1)
        is_label = piece.kind == "field"
        if is_label:
            self.fields.append(piece.text[1:])
        while self._peek().kind == "field":
            if piece.kind in _NO_FIELDS:
                raise TemplateFault(f"{_shown(piece)} has no fields")
            chained = self._take()
            if piece.text == "$" and piece.kind == "variable":
                self.fields.append(chained.text[1:])
        return True


def _shown(piece: Piece) -> str:
    return piece.text or piece.kind
