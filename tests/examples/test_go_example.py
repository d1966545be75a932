"""The example in Go: its own tests, and its lines held against the catalog.

Go and its modules are not among what .ci/run installs: Debian's Go is older than OpenTelemetry
asks for. So it is skipped by name where they cannot be had, also in CI.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.examples.lines import ROOT, faults
from tests.examples.program import CALLER, TRACE, TRACEPARENT, Program, running

FOLDER = ROOT / "examples/trace-ids/go"
#: The modules are 3 MB; a machine without a way out is not waited for.
_DOWNLOAD_SECONDS = 120


def version(text: str) -> tuple[int, ...]:
    found = re.search(r"\bgo ?(\d+)\.(\d+)", text)
    assert found, text
    return int(found[1]), int(found[2])


@pytest.fixture(scope="module")
def go() -> str:
    """The program, with the example's modules there."""
    program = shutil.which("go")
    if program is None:
        pytest.skip("go is not on the PATH")
    needed = version((FOLDER / "go.mod").read_text(encoding="utf-8"))
    told = subprocess.run([program, "version"], capture_output=True, text=True, check=True).stdout
    if version(told) < needed:
        pytest.skip(f"{told.strip()} is older than go.mod asks for")
    try:
        done = subprocess.run(
            [program, "mod", "download"],
            cwd=FOLDER,
            capture_output=True,
            text=True,
            check=False,
            timeout=_DOWNLOAD_SECONDS,
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"the example's modules did not come within {_DOWNLOAD_SECONDS} s")
    if done.returncode != 0:
        assert "checksum mismatch" not in done.stderr, done.stderr
        pytest.skip(f"the example's modules cannot be had: {done.stderr.splitlines()[-1][:200]}")
    return program


@pytest.mark.parametrize("command", ["mod verify", "vet ./...", "test ./..."])
def test_go_finds_no_fault(go: str, command: str) -> None:
    done = subprocess.run(
        [go, *command.split()], cwd=FOLDER, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def ran(go: str, tmp_path_factory: pytest.TempPathFactory) -> Program:
    """The service after three requests."""
    binary: Path = tmp_path_factory.mktemp("go") / "service"
    subprocess.run([go, "build", "-o", str(binary), "."], cwd=FOLDER, check=True)
    with running([str(binary), "-listen", "127.0.0.1:0"], FOLDER) as program:
        assert program.ask("/v1/models").status_code == 200
        assert program.ask("/v1/models", TRACEPARENT).status_code == 200
        assert program.ask("/v1/other").status_code == 500
    return program


def test_a_line_names_the_span_that_was_sent(ran: Program) -> None:
    sent = [json.loads(line) for line in ran.told]
    named = [(each["trace_id"], each["span_id"]) for each in ran.values() if "trace_id" in each]
    assert named == [(each["trace_id"], each["span_id"]) for each in sent]
    assert len(set(named)) == 3
    assert [each["parent"] for each in sent if each["trace_id"] == TRACE] == [CALLER]


def test_lines_are_what_the_catalog_declares(ran: Program) -> None:
    assert len(ran.lines) == 4
    assert [each for line in ran.lines for each in faults(line)] == []
    assert "trace_id" not in ran.values()[0]
