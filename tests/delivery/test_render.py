from __future__ import annotations

import json
import tracemalloc

import pytest
import yaml

from catalog.artifact import Artifact
from catalog.errors import CatalogError, UserError
from delivery.render import distinct, encode


def artifact(path: str, content: object = "") -> Artifact:
    return Artifact(path, content, "dashboard", "platform")


def test_json_is_sorted_indented_and_not_escaped():
    written = encode(artifact("a/b.json", {"b": [1, {}], "a": "ΣLANG 😀 \x00"}))
    assert written.decode() == ('{\n  "a": "ΣLANG 😀 \\u0000",\n  "b": [\n    1,\n    {}\n  ]\n}\n')


@pytest.mark.parametrize("suffix", ["yaml", "yml"])
def test_yaml_says_first_where_it_comes_from(suffix):
    written = encode(artifact(f"a/b.{suffix}", {"b": 1, "a": "ΣLANG"})).decode()
    assert written == (
        "# Generated from catalog/ by build.py. Do not edit: change the catalog or the generator,"
        " then run python build.py.\nb: 1\na: ΣLANG\n"
    )
    assert yaml.safe_load(written) == {"b": 1, "a": "ΣLANG"}


@pytest.mark.parametrize(
    ("content", "written"),
    [("a", "a\n"), ("a\n", "a\n"), ("a\n\n", "a\n"), ("\na\r\nb", "\na\nb\n"), ("", "\n")],
)
def test_other_files_are_text_with_one_line_break_at_the_end(content, written):
    assert encode(artifact("config.alloy", content)) == written.encode()
    assert encode(artifact("json", content)) == written.encode()


def itself() -> list[object]:
    value: list[object] = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    ("path", "content", "fault"),
    [
        ("a.json", float("nan"), "Out of range float values are not JSON compliant: nan"),
        ("a.json", {1: 2, "a": 3}, "'<' not supported between instances of 'str' and 'int'"),
        ("a.json", {"a": {1}}, "Object of type set is not JSON serializable"),
        ("a.json", itself(), "Circular reference detected"),
        ("a.yaml", {"a": {1}}, "the value {1} is a set, which YAML readers do not agree on"),
        ("a.yaml", 5, "the document is a int, not a mapping or a list"),
        ("a.txt", {}, "it is a dict, and only .json and .yaml hold data"),
        (
            "a.txt",
            "\ud800",
            "'utf-8' codec can't encode character '\\ud800' in position 0: surrogates not allowed",
        ),
    ],
)
def test_content_that_cannot_be_written_names_its_file(path, content, fault):
    with pytest.raises(UserError) as caught:
        encode(artifact(path, content))
    message = str(caught.value)
    # Some Pythons add to their own words where in the data the fault is.
    assert message.startswith(f"{path}: the content cannot be written: {fault.split(': nan')[0]}")
    assert message.endswith(". Mend the generator that makes it.")
    assert "\n" not in message


def test_yaml_that_contains_itself_is_refused():
    with pytest.raises(UserError, match=r"^a\.yaml: the content cannot be written: .*recursion"):
        encode(artifact("a.yaml", itself()))


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (["a/b", "A/b"], "A/b: two artifacts share the path, but for case, with a/b."),
        (["../a"], "../a: the path contains an empty, '.' or '..' segment."),
        (["a\nb"], "a\\nb: the path contains a control character."),
    ],
)
def test_a_path_that_another_has_or_that_escapes_is_refused(paths, message):
    with pytest.raises(CatalogError) as caught:
        list(distinct(artifact(path) for path in paths))
    remedy = "Rename what it is named after in the catalog, or mend its generator."
    assert str(caught.value) == f"{message} {remedy}"


def test_artifacts_stream_one_at_a_time():
    """Memory grows with the paths, not with what the files hold."""
    content = {"panels": ["x" * 1000 for _ in range(100)]}

    def produced(count: int):
        for number in range(count):
            yield artifact(f"grafana/dashboards/{number}.json", json.loads(json.dumps(content)))

    tracemalloc.start()
    for each in distinct(produced(500)):
        encode(each)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * len(json.dumps(content))
