"""The YAML reader takes plain data, says on which line anything else stands, and never hangs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from catalog import yaml_file
from catalog.errors import CatalogError
from catalog.yaml_file import SIZE_LIMIT, locate, read_yaml


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "it.yaml"


def complaint(file: Path) -> str:
    with pytest.raises(CatalogError) as caught:
        read_yaml(file)
    return str(caught.value).removeprefix(f"{file.parent}/")


def refusal(file: Path, content: str | bytes) -> str:
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return complaint(file)


EMPTY = "it.yaml:1: the file is empty. Fill it in, or delete the file."
NO_MAPPING = "it.yaml:1: the file is not a mapping. Write 'key: value' lines."
NO_TAGS = "Write the plain value without it."
DEEP = "nested deeper than 20 levels. Close brackets you did not mean to open."
STRANGE_KEY = "a key is a list or a mapping. Write 'key: value' with a plain word for a key."
INDENT = "Indent the lines of one level alike, by spaces, with ': ' after each key."


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\n \n",
        "# a comment\n",
        "\ufeff",
        "---\n",
        "--- # nothing\n...\n",
        "null\n",
        "~",
        "\r\n",
    ],
)
def test_a_file_without_a_value_is_empty(file: Path, content: str) -> None:
    assert refusal(file, content) == EMPTY


@pytest.mark.parametrize("content", ["word", "- a\n- b\n", "12", "[]", "'quoted'", "'null'"])
def test_a_file_is_one_mapping(file: Path, content: str) -> None:
    assert refusal(file, content) == NO_MAPPING


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"a: 1\nb: caf\xe9\n",
            "it.yaml:2: not UTF-8: byte 0xe9 at offset 11. Save the file as UTF-8.",
        ),
        (
            "a: 1\n".encode("utf-16"),
            "it.yaml:1: not UTF-8: byte 0xff at offset 0. Save the file as UTF-8.",
        ),
        (b"a: 1\nb: \x00\n", "it.yaml:2: the invisible character U+0000. Delete it."),
        (b"a: 1\nb: \x1b[31mred\n", "it.yaml:2: the invisible character U+001B. Delete it."),
        (b"a: 1\nb: \x7f\n", "it.yaml:2: the invisible character U+007F. Delete it."),
        ("a: 1\nb: \x85\n", "it.yaml:2: the invisible character U+0085. Delete it."),
        ("a: 1\nb: \u2028c\n", "it.yaml:2: the invisible character U+2028. Delete it."),
        ("a: 1\nb: \ufeffc\n", "it.yaml:2: the invisible character U+FEFF. Delete it."),
        ("a: 1\nb: \uffff\n", "it.yaml:2: the invisible character U+FFFF. Delete it."),
    ],
)
def test_a_file_is_readable_text(file: Path, content: str | bytes, message: str) -> None:
    assert refusal(file, content) == message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "a: 1\nb: 2\na: 3\n",
            "it.yaml:3: the key 'a' stands on line 1 too. Keep one of the two.",
        ),
        (
            "a:\n  - b: 1\n    c: 2\n    'b': 3\n",
            "it.yaml:4: the key 'b' stands on line 2 too. Keep one of the two.",
        ),
        ("{a: 1, a: 1}", "it.yaml:1: the key 'a' stands on line 1 too. Keep one of the two."),
        (
            "a: 1\nb: !!python/object/apply:os.system ['true']\n",
            f"it.yaml:2: '!!python/object/apply:os.system' is a YAML tag. {NO_TAGS}",
        ),
        ("a: 1\nb: !foo bar\n", f"it.yaml:2: '!foo' is a YAML tag. {NO_TAGS}"),
        ("a: 1\nb: !!str 7\n", f"it.yaml:2: '!!str' is a YAML tag. {NO_TAGS}"),
        ("a: 1\nb: ! 7\n", f"it.yaml:2: '!' is a YAML tag. {NO_TAGS}"),
        ("a: 1\n!!str b: 7\n", f"it.yaml:2: '!!str' is a YAML tag. {NO_TAGS}"),
        ("--- !!map\na: 1\n", f"it.yaml:1: '!!map' is a YAML tag. {NO_TAGS}"),
        (
            "%TAG ! tag:x,2000:\n---\na: !b c\n",
            f"it.yaml:3: 'tag:x,2000:b' is a YAML tag. {NO_TAGS}",
        ),
        ("a: 1\nb: &c 7\n", "it.yaml:2: '&c' is an anchor. Write the value out."),
        ("a: 1\nb: &c [7]\n", "it.yaml:2: '&c' is an anchor. Write the value out."),
        ("a: 1\nb: *c\n", "it.yaml:2: '*c' is an alias. Write the value out."),
        ("a: 1\n<<: {b: 2}\n", "it.yaml:2: '<<' merges another mapping. Write the keys out."),
        (
            "a: 1\n---\nb: 2\n",
            "it.yaml:2: a second document starts here. Keep one document a file.",
        ),
        ("a: 1\n? [b, c]\n: 2\n", f"it.yaml:2: {STRANGE_KEY}"),
        ("a: 1\n? {b: c}\n: 2\n", f"it.yaml:2: {STRANGE_KEY}"),
        ("a: 1\n{{ b }}: 2\n", f"it.yaml:2: {STRANGE_KEY}"),
    ],
)
def test_only_plain_data_is_taken(file: Path, content: str, message: str) -> None:
    assert refusal(file, content) == message


def test_a_bomb_of_aliases_is_refused_at_its_first_anchor(file: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    assert refusal(file, "\n".join(lines)) == (
        "it.yaml:1: '&a0' is an anchor. Write the value out."
    )


@pytest.mark.parametrize("opened", ["[", "{a: ", "- ", "[{a: ", "? "])
def test_a_hundred_thousand_levels_are_refused(file: Path, opened: str) -> None:
    message = refusal(file, "top: 1\nkey:\n  " + opened * 100_000)
    assert message in {f"it.yaml:3: {DEEP}", f"it.yaml:3: {STRANGE_KEY}"}


def test_twenty_levels_are_taken(file: Path) -> None:
    file.write_text("a: " + "[" * 19 + "]" * 19)
    assert read_yaml(file)["a"] != ()
    assert refusal(file, "a: " + "[" * 20 + "]" * 20) == f"it.yaml:1: {DEEP}"


def test_a_huge_file_is_refused_unparsed(file: Path) -> None:
    assert refusal(file, b"a" * (SIZE_LIMIT + 1)) == (
        "it.yaml: larger than 1000000 bytes. "
        "Remove what is not the catalog's; a service takes a few hundred lines."
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "a: 1\nb: 'c\nd: 2\n",
            (
                "it.yaml:2: not YAML: a quotation mark is never closed. "
                "Close it; inside it, write a quotation mark twice."
            ),
        ),
        (
            "a: 1\nb: [c, d\ne: 2\n",
            (
                "it.yaml:3: not YAML: did not find expected ',' or ']'. "
                "Close the bracket of line 2, or put a comma between two items."
            ),
        ),
        (
            "a: 1\nb: {c: 1\ne: 2\n",
            (
                "it.yaml:3: not YAML: did not find expected ',' or '}'. "
                "Close the bracket of line 2, or put a comma between two items."
            ),
        ),
        (
            "a:\n\tb: 1\n",
            (
                "it.yaml:2: not YAML: found character that cannot start any token. "
                "Indent with spaces instead of tabs; put text that begins with % @ ` in quotes."
            ),
        ),
        (
            "a: 1\nb: 50 %\nc: @d\n",
            (
                "it.yaml:3: not YAML: found character that cannot start any token. "
                "Indent with spaces instead of tabs; put text that begins with % @ ` in quotes."
            ),
        ),
        (
            "a: 1\nb: one: two\n",
            (
                "it.yaml:2: not YAML: mapping values are not allowed in this context. "
                "Put text that holds ': ' in quotes, and indent keys of one level alike."
            ),
        ),
        (
            "a: 1\n b: 2\n",
            (
                "it.yaml:2: not YAML: mapping values are not allowed in this context. "
                "Put text that holds ': ' in quotes, and indent keys of one level alike."
            ),
        ),
        ("a: 1\nb\nc: 2\n", f"it.yaml:3: not YAML: could not find expected ':'. {INDENT}"),
        ("a:\n    b: 1\n  c: 2\n", f"it.yaml:3: not YAML: did not find expected key. {INDENT}"),
    ],
)
def test_a_slip_of_syntax_says_where_and_what_to_try(
    file: Path, content: str, message: str
) -> None:
    if not hasattr(yaml_file.yaml, "CSafeLoader"):
        pytest.skip("PyYAML without libyaml words some of these otherwise")
    assert refusal(file, content) == message


def test_a_file_that_is_not_there(file: Path) -> None:
    assert complaint(file) == "it.yaml: there is no such file. Create it."


def test_a_folder_in_place_of_the_file(file: Path) -> None:
    file.mkdir()
    assert complaint(file) == "it.yaml: not a file. Put a file of that name in its place."


def test_a_pipe_in_place_of_the_file_is_not_waited_for(file: Path) -> None:
    os.mkfifo(file)
    assert complaint(file) == "it.yaml: not a file. Put a file of that name in its place."


def test_a_file_that_may_not_be_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    file.write_text("a: 1")
    monkeypatch.setattr(Path, "open", refuse)
    assert complaint(file) == (
        "it.yaml: cannot be read: Permission denied. Allow yourself to read it."
    )


@pytest.mark.parametrize(
    "text",
    [
        "yes", "no", "on", "off", "y", "n", "True", "FALSE", "12:30", "1:30:00", "0o7", "007",
        "0x1F", "1_000", "1_0.5", ".inf", "-.INF", ".nan", "2024-01-02", "=", "1e400", "1.2.3",
        "9" * 20, "1e", "+", "-",
    ],
)  # fmt: skip
def test_what_older_yaml_reads_as_something_else_stays_text(file: Path, text: str) -> None:
    file.write_text(f"a: {text!s}\n" if text != "-" else "a: '-'\n")
    assert read_yaml(file) == {"a": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True), ("false", False), ("", None), ("~", None), ("null", None), ("Null", None),
        ("0", 0), ("-7", -7), ("+7", 7), ("8080", 8080), ("0.5", 0.5), ("-1.", -1.0), (".5", 0.5),
        ("1e3", 1000.0), ("2.5E-1", 0.25), ("'7'", "7"), ('"true"', "true"), ("''", ""),
        ("[]", ()), ("{}", {}), ("[1, a]", (1, "a")), ("[a,]", ("a",)), ("ΣLANG", "ΣLANG"),
        ("|\n  b\n", "b\n"), ("b\n  c", "b c"),
    ],
)  # fmt: skip
def test_what_yaml_1_2_reads(file: Path, text: str, value: object) -> None:
    file.write_text(f"a: {text}", encoding="utf-8")
    read = read_yaml(file)["a"]
    assert read == value
    assert type(read) is type(value)


def test_keys_are_text(file: Path) -> None:
    file.write_text("200: a\nyes: b\nnull: c\n'': d\n'<<': e\n")
    assert read_yaml(file) == {"200": "a", "yes": "b", "null": "c", "": "d", "<<": "e"}


@pytest.mark.parametrize("content", ["\ufeffa: 1\n", "a: 1\r\n", "# c\n---\na: 1\n...\n", "a: 1"])
def test_marks_and_line_ends_of_other_systems_are_taken(file: Path, content: str) -> None:
    file.write_bytes(content.encode())
    assert read_yaml(file) == {"a": 1}


def test_every_key_and_item_has_its_line(file: Path) -> None:
    file.write_text("a: 1\nb:\n  - c\n  - d: 1\n    e: [x,\n       y]\nf: {g: {h: 1}}\n")
    assert locate(file) == {
        ("a",): 1,
        ("b",): 2,
        ("b", 0): 3,
        ("b", 1): 4,
        ("b", 1, "d"): 4,
        ("b", 1, "e"): 5,
        ("b", 1, "e", 0): 5,
        ("b", 1, "e", 1): 6,
        ("f",): 7,
        ("f", "g"): 7,
        ("f", "g", "h"): 7,
    }
