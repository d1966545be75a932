"""Lines of the examples, read by the log agent that ships: each is found by its trace, on time."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from catalog.load import load_catalog
from tests.examples.lines import PLAYED, ROOT
from tests.examples.program import TRACE, TRACEPARENT, Program, running
from tests.examples.receiver import Receiver
from tests.live import agents
from tests.live.agent_samples import nanoseconds
from tests.live.servers import find, free_port, missing, until

EXAMPLES = ROOT / "examples/trace-ids"


def python_lines() -> Program:
    command = [sys.executable, "service.py", "--port", "0"]
    with Receiver() as receiver:
        variables = {"OTEL_SERVICE_NAME": PLAYED, "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url}
        with running(command, EXAMPLES / "python", **variables) as program:
            asked(program)
    return program


def go_lines(folder: Path) -> Program:
    go = shutil.which("go")
    if go is None:
        pytest.skip("go is not on the PATH")
    built = subprocess.run(
        [go, "build", "-o", str(folder / "service"), "."],
        cwd=EXAMPLES / "go",
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    if built.returncode != 0:
        pytest.skip(f"go cannot build it here: {built.stderr.splitlines()[-1][:200]}")
    command = [str(folder / "service"), "-listen", "127.0.0.1:0"]
    with running(command, EXAMPLES / "go") as program:
        asked(program)
    return program


def asked(program: Program) -> None:
    program.ask("/v1/models", TRACEPARENT)
    program.ask("/v1/fail")


@pytest.mark.parametrize("language", ["python", "go"])
def test_the_agent_reads_them(language: str, tmp_path: Path) -> None:
    lokis, alloys = find("loki"), find("alloy")
    if not lokis:
        pytest.skip(missing("loki"))
    if not alloys:
        pytest.skip(missing("alloy"))
    program = python_lines() if language == "python" else go_lines(tmp_path)
    since = time.time_ns() - 60 * 10**9
    catalog = load_catalog(ROOT / "catalog")
    with agents.running_loki(lokis[-1], tmp_path / "loki") as loki:
        at = agents.Address(tmp_path / "logs", tmp_path / "state", free_port(), free_port(), loki)
        pod = at.root / PLAYED / "stable" / "example-0.log"
        pod.parent.mkdir(parents=True)
        pod.write_text("".join(f"{line}\n" for line in program.lines), encoding="utf-8")
        config = agents.configuration("alloy", alloys[-1], catalog, at, tmp_path / "agent")
        agent = agents.start(alloys[-1], config, at)
        try:

            def found() -> list[agents.Stored]:
                return agents.stored(loki, f'{{service="{PLAYED}"}}', since, time.time_ns())

            until(lambda: len(found()) == len(program.lines), 60, "all lines", agent.tail)
            stored = {each.text: each for each in found()}
        finally:
            agent.stop()
    assert set(stored) == set(program.lines)
    for line, values in zip(program.lines, program.values(), strict=True):
        labels, metadata = dict(stored[line].labels), dict(stored[line].metadata)
        assert labels["level"] == values["level"]
        assert stored[line].moment == nanoseconds(values["ts"])
        ids = {name: values[name] for name in ("trace_id", "span_id") if name in values}
        assert {name: metadata[name] for name in metadata if name in {"trace_id", "span_id"}} == ids
    assert [dict(each.metadata).get("trace_id") for each in stored.values()].count(TRACE) == 1
