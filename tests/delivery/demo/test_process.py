from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from delivery import places
from delivery.demo import watchdog
from delivery.demo.ports import free_port
from delivery.demo.process import NotStartedError, Process, answers, until
from tests.delivery.demo import programs


def alive(pid: int) -> bool:
    """Whether there is such a process that is not only waited for."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Process]:
    program = programs.write(tmp_path / "bin", "server")
    process = Process("server", [str(program), str(free_port())], tmp_path / "server")
    yield process
    process.stop()


def url(process: Process) -> str:
    return f"http://127.0.0.1:{process.command[1]}/"


def test_it_is_ready_when_it_answers_and_ends_when_it_is_asked_to(server: Process) -> None:
    server.ready(url(server), 20)
    assert answers(url(server))
    assert "listening" in server.tail()
    server.stop()
    assert server.died()
    assert not alive(server.pid)
    assert not answers(url(server))
    server.stop()


def test_one_that_ends_by_itself_is_told_with_what_it_said(tmp_path: Path) -> None:
    program = programs.script(tmp_path / "bad", "#!/bin/sh\necho no such flag\nexit 3\n")
    process = Process("bad", [str(program)], tmp_path / "log")
    with pytest.raises(
        NotStartedError, match=r"^bad: ended with 3: no such flag\. Read .*bad\.log"
    ):
        process.ready("http://127.0.0.1:1/", 20)
    process.stop()


def test_one_whose_port_was_taken_meanwhile_is_to_be_started_again(tmp_path: Path) -> None:
    said = "listen tcp 127.0.0.1:25605: bind: address already in use"
    program = programs.script(tmp_path / "late", f"#!/bin/sh\necho '{said}'\nexit 1\n")
    process = Process("late", [str(program)], tmp_path / "log")
    with pytest.raises(NotStartedError) as caught:
        process.ready("http://127.0.0.1:1/", 20)
    process.stop()
    assert str(caught.value) == (
        f"late: ended with 1: {said}. Another program has taken that port since it was found free: "
        "start it again."
    )
    assert caught.value.exit_status == 3


def test_one_that_does_not_answer_in_time_is_told(tmp_path: Path) -> None:
    program = programs.script(tmp_path / "deaf", "#!/bin/sh\necho hello\nexec sleep 60\n")
    process = Process("deaf", [str(program)], tmp_path / "log")
    with pytest.raises(RuntimeError, match=r"^deaf at http://127.0.0.1:1/: not within 1 s. hello"):
        process.ready("http://127.0.0.1:1/", 1)
    process.stop()
    assert not alive(process.pid)


def test_a_stubborn_one_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("delivery.demo.process._STOP_SECONDS", 1)
    program = programs.write(tmp_path / "bin", "stubborn", stubborn=True)
    process = Process("stubborn", [str(program), str(free_port())], tmp_path / "log")
    process.ready(url(process), 20)
    process.stop()
    assert not alive(process.pid)


def test_waiting_for_nothing_is_told() -> None:
    with pytest.raises(RuntimeError, match=r"^a miracle: not within 0 s. none seen$"):
        until(lambda: False, 0, "a miracle", lambda: "none seen")


#: Starts two servers, one of which does not end when asked, prints their ids and waits.
_PARENT = """
import sys, time
from pathlib import Path
from delivery.demo.process import Process
folder = Path(sys.argv[1])
for name, port in (("server", sys.argv[2]), ("stubborn", sys.argv[3])):
    process = Process(name, [str(folder / "bin" / name), port], folder / name)
    process.ready(f"http://127.0.0.1:{port}/", 20)
    print(process.pid, flush=True)
time.sleep(600)
"""


def test_what_was_started_does_not_outlive_a_parent_that_is_killed(tmp_path: Path) -> None:
    programs.write(tmp_path / "bin", "server")
    programs.write(tmp_path / "bin", "stubborn", stubborn=True)
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(tmp_path), str(free_port()), str(free_port())],
        stdout=subprocess.PIPE,
        text=True,
        cwd=places.ROOT,
    )
    assert parent.stdout
    pids = [int(parent.stdout.readline()) for _ in range(2)]
    try:
        assert all(map(alive, pids))
        parent.kill()
        parent.wait()
        until(lambda: not alive(pids[0]), 8, "the one that ends when it is asked to")
        until(lambda: not alive(pids[1]), 20, "the one that has to be killed")
    finally:
        parent.stdout.close()
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def test_ctrl_c_at_a_terminal_reaches_no_server(server: Process) -> None:
    server.ready(url(server), 20)
    assert os.getpgid(server.pid) == server.pid != os.getpgid(0)


def test_whatever_has_ended_is_not_signalled_again(tmp_path: Path) -> None:
    """Its id may be another program's by then."""
    bystander = subprocess.Popen(["sleep", "60"], process_group=0)
    dog = subprocess.Popen(
        [sys.executable, "-I", watchdog.__file__], stdin=subprocess.PIPE, process_group=0
    )
    try:
        assert dog.stdin
        dog.stdin.write(f"+{bystander.pid}\n-{bystander.pid}\n".encode())
        dog.stdin.close()
        assert dog.wait(20) == 0
        time.sleep(0.2)
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_one_that_was_killed_is_started_again_and_ends_as_before(server: Process) -> None:
    server.ready(url(server), 20)
    first = server.pid
    server.kill()
    assert not answers(url(server))
    server.again()
    server.ready(url(server), 20)
    assert server.pid != first
    assert server.log.read_text().count("listening") == 2
    server.stop()
    assert not alive(server.pid)
