"""`build.py check`: what it prints and where, and with which status it ends."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from delivery.manifest import Entry, encode, sha256
from tests.delivery.checks.trees import RULES, TESTS, annotated, group, proofs, rules, write

ROOT = Path(__file__).resolve().parents[2]
MINIMAL = ROOT / "tests/fixtures/minimal"
EXPR = "sum by (cluster) (rate(sale_total[5m])) > 1"
LINE = (
    "prometheus/rules/shop.yaml: alert HighErrorRatio in group shop: metric/unknown: "
    "nobody emits 'sale_total' (at column 24: sale_total). Did you mean 'sales_total'?\n"
)


def tree(root: Path, expr: str = EXPR) -> Path:
    """A finished tree with one rule file and its tests."""
    elsewhere = "https://elsewhere.example/?from=now-1h&to=now"
    rule = {**annotated(dashboard_url=elsewhere), "expr": expr}
    paths = write(root, {RULES: rules(group(rule)), TESTS: proofs(rule)})
    entries = [
        Entry(path, sha256((root / path).read_bytes()), "prometheus-rules", None, "sales")
        for path in paths
    ]
    (root / "manifest.json").write_bytes(encode(entries))
    return root


def check(*arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "build.py", "check", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture
def broken(tmp_path) -> list[str | Path]:
    return ["--catalog", MINIMAL, "--generated", tree(tmp_path / "out")]


def test_the_committed_tree_has_no_finding():
    done = check()
    expected = (0, "generated: nothing to complain about\n", "")
    assert (done.returncode, done.stdout, done.stderr) == expected


def test_text_off_a_terminal_is_one_finding_a_line(broken):
    done = check(*broken)
    assert (done.returncode, done.stdout, done.stderr) == (1, LINE, "")


def test_json(broken):
    done = check(*broken, "--format", "json")
    (only,) = json.loads(done.stdout)
    assert (done.returncode, only["check"], only["start"], only["end"]) == (
        1,
        "metric/unknown",
        23,
        33,
    )


def test_junit(broken):
    done = check(*broken, "--format", "junit")
    suite = ET.fromstring(done.stdout)  # noqa: S314 - our own text
    assert (done.returncode, suite.attrib["failures"]) == (1, "1")


def test_annotations_name_the_file_as_the_repository_does(tmp_path):
    shutil.copytree(tree(tmp_path / "out"), tmp_path / "generated")
    done = check(
        "--catalog", MINIMAL, "--generated", "generated", "--format", "github", cwd=tmp_path
    )
    assert done.returncode == 1
    assert done.stdout == (
        "::error file=generated/prometheus/rules/shop.yaml,title=metric/unknown::"
        "alert HighErrorRatio in group shop: nobody emits 'sale_total'. "
        "Did you mean 'sales_total'?\n"
    )


@pytest.mark.parametrize(
    ("style", "printed"),
    [("json", "[]\n"), ("github", ""), ("text", "out: nothing to complain about\n")],
)
def test_nothing_found(tmp_path, style, printed):
    tree(tmp_path / "out", EXPR.replace("sale_", "sales_"))
    done = check("--catalog", MINIMAL, "--generated", "out", "--format", style, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, printed, "")


def test_nothing_found_is_a_passed_case(tmp_path):
    tree(tmp_path / "out", EXPR.replace("sale_", "sales_"))
    done = check("--catalog", MINIMAL, "--generated", "out", "--format", "junit", cwd=tmp_path)
    suite = ET.fromstring(done.stdout)  # noqa: S314 - our own text
    assert (done.returncode, suite.attrib["tests"], suite.attrib["failures"]) == (0, "1", "0")


def on_a_terminal(*arguments: str | Path, **environment: str) -> tuple[int, str]:
    """The exit status and what a person sees."""
    master, slave = pty.openpty()
    known = {"TERM": "xterm-256color", "COLUMNS": "40"}
    variables = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    process = subprocess.Popen(
        [sys.executable, ROOT / "build.py", "check", *arguments],
        cwd=ROOT,
        env={**variables, **known, **environment},
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    seen = b""
    while True:
        try:
            part = os.read(master, 4096)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        seen += part
    os.close(master)
    return process.wait(), seen.decode().replace("\r\n", "\n")


BLOCK = """\
prometheus/rules/shop.yaml: alert HighErrorRatio in group shop
  metric/unknown: nobody emits 'sale_total'
    sum by (cluster) (rate(sale_total[5m])) > 1
                           ^^^^^^^^^^
  Did you mean 'sales_total'?
"""


def test_a_person_sees_a_caret_and_nothing_is_wrapped(broken):
    """The terminal is 40 columns wide, and every line of the block is longer."""
    assert on_a_terminal(*broken, NO_COLOR="1") == (1, BLOCK)


def test_a_person_sees_colour(broken):
    status, seen = on_a_terminal(*broken)
    assert status == 1
    bold, red, plain = "\x1b[1m", "\x1b[31m", "\x1b[0m"
    coloured = BLOCK.replace("^^^^^^^^^^", f"{red}^^^^^^^^^^{plain}")
    first, rest = coloured.split("\n", 1)
    found = seen.replace(
        f"{red}                           ^^^^^^^^^^{plain}", " " * 27 + f"{red}{'^' * 10}{plain}"
    )
    assert found == f"{bold}{first}{plain}\n{rest}"


def test_a_dumb_terminal_gets_lines(broken):
    assert on_a_terminal(*broken, TERM="dumb") == (1, LINE)


def test_a_tree_that_a_build_did_not_finish_is_refused(tmp_path):
    out = tree(tmp_path / "out")
    (out / ".journal").write_text("")
    done = check("--catalog", MINIMAL, "--generated", "out", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "out: a build of this folder is unfinished (killed, or still running). "
        "Run python build.py --out out.\n"
    )


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("edited", "out/prometheus/rules/shop.yaml: the file is not what the manifest says."),
        (
            "gone",
            "out/prometheus/rules/shop.yaml: the manifest lists this file, and it is missing.",
        ),
        ("no manifest", "out/manifest.json: there is no manifest: no build made this folder."),
    ],
)
def test_a_tree_that_is_not_what_a_build_made_is_refused(tmp_path, change, fault):
    out = tree(tmp_path / "out")
    match change:
        case "edited":
            (out / RULES).write_text("groups: []\n")
        case "gone":
            (out / RULES).unlink()
        case _:
            (out / "manifest.json").unlink()
    done = check("--catalog", MINIMAL, "--generated", "out", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"{fault} Run python build.py --out out.\n"


def test_wrong_usage_and_an_invalid_catalog(tmp_path, broken):
    done = check(*broken, "--format", "xml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("build.py: Invalid value for '--format': ")
    done = check("--catalog", tmp_path / "none", "--generated", broken[3])
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no such folder" in done.stderr
