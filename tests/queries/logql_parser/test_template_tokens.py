from __future__ import annotations

from queries.logql_parser.template_tokens import Piece, pieces


def test_text_actions_and_comments():
    assert list(pieces("a{{ .b | lower -}} {{/* c */}}d")) == [
        Piece("text", "a"),
        Piece("left", "{{"),
        Piece("space", " "),
        Piece("field", ".b"),
        Piece("space", " "),
        Piece("|", "|"),
        Piece("space", " "),
        Piece("name", "lower"),
        Piece("right", "}}"),
        Piece("text", " "),
        Piece("text", "d"),
    ]


def test_kinds_of_values():
    kinds = [piece.kind for piece in pieces("{{. $ $x 'c' 1.5 .5 `r` true if nil := = , ( )}}")]
    assert [kind for kind in kinds if kind != "space"][1:-1] == [
        *("dot", "variable", "variable", "number", "number", "number", "string", "bool", "if"),
        *("nil", "declare", "=", "character", "(", ")"),
    ]
