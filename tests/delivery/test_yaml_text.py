from __future__ import annotations

import enum
import re
import subprocess

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from catalog.artifact import Documents, Embedded
from delivery import yaml_text

LOADERS = [yaml.SafeLoader, *([yaml.CSafeLoader] if yaml.__with_libyaml__ else [])]

# What a YAML 1.1 or 1.2 reader takes for something else, or what emitters get wrong.
WORDS = """
    on off On OFF yes no Yes NO y n Y N true false True TRUE null Null NULL ~
    1 -1 +1 0 00 017 0o17 0O17 0x10 0b11 1_000 1e3 1E3 1e+3 1. .5 +.5 1.5 -1.5e-3 12e03
    .inf -.Inf .nan .NaN NaN inf 12:30:00 12:30 1:2:3.4 2001-01-01 2001-12-14t21:59:43Z
    = << - -- --- ... ? : , [ ] { } # & * ! | > % @ ` ' " \\ / $ ( ) !!str !x &a *a %YAML
    5m 30d 1h30m 500ms 1w 1y 10s 5M 1d2 3001:3100 8080/tcp 10.0.0.1 1.2.3 1e 0x 1-2
""".split()
LINES = """
- a|? a|: a|a: b|a:|a :b|a #b|a# b|#a|[a]|{a: b}|a, b|'a'|"a"|it's|@a|`a`|%a|!a b
""".strip().split("|")
SPACED = [" a", "a ", " a ", " ", "  ", "\t", "a\tb", "\ta", "a\t"]

TRAPS = [
    *WORDS,
    *LINES,
    *SPACED,
    "",
    "\n",
    "\n\n",
    "a\n",
    "a\n\n",
    "a\nb",
    "a\nb\n",
    "\na",
    " a\nb",
    "a\n b\n",
    "a\n\nb\n",
    "a \nb",
    "a\nb ",
    "a\n \nb",
    "a\n\tb",
    "a\r\nb",
    "a\rb",
    "#a\nb\n",
    "- a\n- b\n",
    "---\na\n",
    "a\n...\n",
    "😀",
    "a 😀 b: c",
    "a\n😀\n",
    "\U0010ffff",
    "\x00",
    "\x1b[31m",
    "\x7f",
    "\x85",
    "a\x85b",
    "\xa0",
    "a\xa0b",
    "\u2028",
    "a\u2029b",
    "\ufeff",
    "a\ufeffb",
    "\ufffd",
    "\ufffe",
    "\uffff",
    "ΣLANG",
    "Σ: x",
    "x" * 5000,
    ("word " * 1000).strip(),
    "a  b" * 100,
    'sum(rate(a{b="c"}[5m])) > 0',
    '{a="b"} |= "x: #y" | json',
    "{{ $labels.service }}: {{ $value | humanizePercentage }}",
    "$${__value.raw}",
]


def load(text: str, loader: type) -> object:
    return yaml.load(text, loader)  # noqa: S506 (safe loaders only)


def is_key(text: str) -> bool:
    """What yaml_text takes for a mapping's key."""
    return 0 < len(text.encode()) <= 120 and not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029]", text)


# Built from the pieces that traps are made of: far more of them than plain text has.
characters = st.characters(exclude_categories=["Cs"])
text = st.text(characters | st.sampled_from(" \t\n:#-'\"\\0e"))
keys = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=25).filter(is_key)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    text,
    st.sampled_from(TRAPS),
)
data = st.recursive(
    st.dictionaries(keys, scalars) | st.lists(scalars),
    lambda inner: st.dictionaries(keys, inner | scalars) | st.lists(inner | scalars),
    max_leaves=30,
)


def everywhere(value: object) -> dict[str, object]:
    """``value`` at each place where an emitter decides anew."""
    document: dict[str, object] = {"a": value, "b": [value, [value, {"c": value}], {"d": [value]}]}
    if isinstance(value, str) and is_key(value):
        document[value] = {value: value}
    return document


@pytest.mark.parametrize("loader", LOADERS, ids=lambda loader: loader.__name__)
@pytest.mark.parametrize("trap", TRAPS, ids=ascii)
def test_a_trap_comes_back_as_it_was(trap, loader):
    document = everywhere(trap)
    assert load(yaml_text.dump(document), loader) == document


@given(data)
def test_all_data_comes_back_as_it_was(document):
    written = yaml_text.dump(document)
    for loader in LOADERS:
        assert load(written, loader) == document


@pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML was built without libyaml")
@given(data)
def test_the_bytes_do_not_depend_on_libyaml(document):
    assert yaml_text.dump(document, yaml.SafeDumper) == yaml_text.dump(document, yaml.CSafeDumper)


@pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML was built without libyaml")
@pytest.mark.parametrize("trap", TRAPS, ids=ascii)
def test_the_bytes_of_a_trap_do_not_depend_on_libyaml(trap):
    document = everywhere(trap)
    assert yaml_text.dump(document, yaml.SafeDumper) == yaml_text.dump(document, yaml.CSafeDumper)


def test_gos_yaml_reads_every_trap_as_text(tmp_path, need_binary):
    """Prometheus' own reader, given each trap as we write it and with every character escaped."""
    promtool = need_binary("promtool")
    # "{{" would start a template.
    annotations = {f"a{number}": trap.replace("{{", "") for number, trap in enumerate(TRAPS)}
    rule = {"alert": "Trap", "expr": "vector(1)", "annotations": annotations}
    rules = {"groups": [{"name": "group", "rules": [rule]}]}
    (tmp_path / "rules.yaml").write_text(yaml_text.dump(rules))
    escaped = {
        name: "".join(f"\\U{ord(character):08x}" for character in trap)
        for name, trap in annotations.items()
    }
    (tmp_path / "test.yaml").write_text(
        "rule_files: [rules.yaml]\n"
        "tests:\n"
        "- alert_rule_test:\n"
        "  - alertname: Trap\n"
        "    eval_time: 1m\n"
        "    exp_alerts:\n"
        "    - exp_annotations:\n"
        + "".join(f'        {name}: "{trap}"\n' for name, trap in escaped.items())
    )
    command = [promtool, "test", "rules", "test.yaml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_layout_is_the_usual_one():
    document = {
        "groups": [
            {
                "name": "ryot",
                "for": "5m",
                "expr": "sum(rate(a[5m]))\n  / sum(rate(b[5m]))\n",
                "note": "on",
                "labels": {},
                "rules": [],
                "on": True,
                "ratio": 0.25,
                "none": None,
                "emoji": "😀",
            }
        ]
    }
    assert yaml_text.dump(document) == (
        "groups:\n"
        "- name: ryot\n"
        "  for: 5m\n"
        "  expr: |\n"
        "    sum(rate(a[5m]))\n"
        "      / sum(rate(b[5m]))\n"
        "  note: 'on'\n"
        "  labels: {}\n"
        "  rules: []\n"
        "  'on': true\n"
        "  ratio: 0.25\n"
        "  none: null\n"
        '  emoji: "\\U0001F600"\n'
    )


def test_several_documents_stand_one_after_another():
    documents = Documents(({"a": 1}, {"b": 2}))
    text = yaml_text.dump(documents)
    assert text == "a: 1\n---\nb: 2\n"
    assert list(yaml.safe_load_all(text)) == [{"a": 1}, {"b": 2}]


def test_a_file_in_a_file_is_text_that_reads_as_the_same_data():
    inner = {"on": "5m", "list": ["a: b", 1]}
    text = yaml_text.dump({"data": {"x.yaml": Embedded(inner)}})
    assert text == "data:\n  x.yaml: |\n    'on': 5m\n    list:\n    - 'a: b'\n    - 1\n"
    assert yaml.safe_load(yaml.safe_load(text)["data"]["x.yaml"]) == inner


def test_shared_data_is_written_out_without_anchors():
    shared = {"a": [1]}
    assert yaml_text.dump([shared, shared]) == "- a:\n  - 1\n- a:\n  - 1\n"


def test_enums_are_what_they_derive_from():
    class Level(enum.StrEnum):
        ON = "on"

    class Port(enum.IntEnum):
        HTTP = 80

    assert yaml_text.dump({"level": Level.ON, "port": Port.HTTP}) == "level: 'on'\nport: 80\n"


KEY_FAULT = "is empty, over 120 bytes long or has a control character"


class Unknown:
    def __repr__(self):
        return "Unknown()"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text", "the document is a str, not a mapping or a list"),
        ({1: 2}, "the mapping key 1 is a int, not a string"),
        ({True: 2}, "the mapping key True is a bool, not a string"),
        ({"": 2}, f"the mapping key '' {KEY_FAULT}"),
        ({"Σ" * 61: 2}, f"the mapping key '{'Σ' * 61}' {KEY_FAULT}"),
        ({"a\nb": 2}, f"the mapping key 'a\\nb' {KEY_FAULT}"),
        ([float("nan")], "the number nan is not finite"),
        ([float("-inf")], "the number -inf is not finite"),
        ([b"x"], "the value b'x' is a bytes, which YAML readers do not agree on"),
        ([Unknown()], "the value Unknown() is a Unknown, which YAML readers do not agree on"),
    ],
)
def test_what_readers_do_not_agree_on_is_refused(content, message):
    with pytest.raises(yaml_text.YamlError) as caught:
        yaml_text.dump(content)
    assert str(caught.value) == message


def test_a_text_with_tabs_is_a_block_too():
    text = 'a "b" {\n\tc = 1\n\n\td {\n\t\te = "\t"\n\t}\n}\n'
    told = yaml_text.dump({"config": text, "one line": "a\tb"})
    assert told == (
        'config: |\n  a "b" {\n  \tc = 1\n\n  \td {\n  \t\te = "\t"\n  \t}\n  }\n'
        'one line: "a\\tb"\n'
    )
    for loader in LOADERS:
        assert yaml.load(told, Loader=loader) == {"config": text, "one line": "a\tb"}  # noqa: S506


def test_what_stands_in_for_a_tab_is_refused():
    with pytest.raises(yaml_text.YamlError, match="holds what stands in for a tab"):
        yaml_text.dump({"a": f"x{yaml_text._TAB}y"})
