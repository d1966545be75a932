from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from delivery import cli


@pytest.fixture
def run(capsys, monkeypatch):
    """``run("logql", b"…")`` is the exit status and the objects that were printed."""

    def main(language: str, text: bytes) -> tuple[int, list[dict]]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
        status = cli.main(("parse", "--language", language))
        captured = capsys.readouterr()
        assert captured.err == ""
        assert captured.out.isascii()
        return status, [json.loads(line) for line in captured.out.splitlines()]

    return main


def good(query: str) -> dict:
    return {"query": query, "ok": True, "error": None}


def test_one_object_a_query_in_order(run):
    text = b'{a="b"}\n{a="b"\nsum(rate({a="b"}[5m]))\n'
    broken = {"line": 1, "column": 7, "message": "the query ends too early; expected } or ,"}
    assert run("logql", text) == (
        1,
        [
            good('{a="b"}'),
            {"query": '{a="b"', "ok": False, "error": broken},
            good('sum(rate({a="b"}[5m]))'),
        ],
    )


def test_promql_too(run):
    broken = {"line": 1, "column": 4, "message": "the query ends too early"}
    assert run("promql", b"up\nup{") == (
        1,
        [good("up"), {"query": "up{", "ok": False, "error": broken}],
    )


def test_all_well_is_0(run):
    assert run("logql", b'{a="b"}') == (0, [good('{a="b"}')])
    assert run("promql", b"up\n") == (0, [good("up")])


@pytest.mark.parametrize("language", ["logql", "promql"])
def test_no_input_is_no_query_and_an_empty_line_is_one(run, language):
    assert run(language, b"") == (0, [])
    for text, count in ((b"\n", 1), (b"\n\n", 2)):
        status, objects = run(language, text)
        assert status == 1
        assert [entry["query"] for entry in objects] == [""] * count
        assert not any(entry["ok"] for entry in objects)


def test_only_a_line_feed_ends_a_line_and_nothing_is_trimmed(run):
    queries = [
        ' {a="b"} ',
        '{a="b"}\r',
        '{a="\u2028\x85\x0b\x0c\x1c\x1d\x1e"}',
        '\ufeff{a="b"}',
        '\t{a="b"}',
    ]
    text = "\n".join(queries).encode()
    assert run("logql", text) == (0, [good(query) for query in queries])
    assert run("logql", b'{a="b"}\x0c')[1][0]["query"] == '{a="b"}\x0c'


def test_a_byte_that_is_no_utf_8_is_an_error_of_its_line(run):
    status, objects = run("logql", b'{a="\xff"}\n{a="\xed\xa0\x80"}\n{a="b"}\n')
    assert status == 1
    assert [entry["query"] for entry in objects] == [
        '{a="\udcff"}',
        '{a="\udced\udca0\udc80"}',
        '{a="b"}',
    ]
    fault = {"line": 1, "column": 5, "message": "the query is not valid UTF-8"}
    assert [entry["error"] for entry in objects] == [fault, fault, None]
    assert run("promql", b"up\xff")[1][0]["error"] == {**fault, "column": 3}


@pytest.mark.parametrize("language", ["logql", "promql"])
def test_hostile_lines_do_not_stop_it(run, language):
    lines = [
        b"(" * 100_000,
        b"\0" * 10,
        b'"' * 10_001,
        b"x" * 1_000_000,
        b"+".join([b"1"] * 20_000),
    ]
    status, objects = run(language, b"\n".join([*lines, b"1"]))
    assert status == 1
    assert [entry["ok"] for entry in objects] == [False] * len(lines) + [True]


def test_the_language_must_be_said(capsys):
    assert cli.main(("parse",)) == 2
    error = capsys.readouterr().err
    assert error.startswith("build.py: Missing option '--language'.")
    assert error.count("\n") == 1
    assert cli.main(("parse", "--language", "sql")) == 2


def command(root: Path) -> list[str]:
    return [sys.executable, str(root / "build.py"), "parse", "--language", "logql"]


def test_an_answer_comes_before_the_next_question(root):
    with subprocess.Popen(
        command(root), stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root
    ) as process:
        assert process.stdin
        assert process.stdout
        for query in (b'{a="b"}\n', b"{\n"):
            process.stdin.write(query)
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["query"] == query.decode().rstrip("\n")
        process.stdin.close()
        assert process.wait() == 1


def test_a_reader_that_goes_away_is_no_error(root):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        command(root),
        input=b'{a="b"}\n' * 1000,
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
        cwd=root,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")
