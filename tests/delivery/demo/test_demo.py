"""The command itself, with programs that stand in for the servers: what it says and leaves.

The services are real: they are started, answer, and end with the rest.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from delivery import places
from delivery.demo.process import until
from delivery.demo.servers import BINARIES
from tests.delivery.demo import programs

CATALOG = places.ROOT / "tests/fixtures/minimal"
#: Serves 200 where its words or its configuration say that it listens.
_SERVER = """\
#!{python}
import http.server, re, signal, sys
if "--version" in sys.argv:
    print("version 2.42.0")
    sys.exit(0)
words = " ".join(sys.argv)
address = re.search(r"--web.listen-address=(\\S+)", words)
if not address:
    text = open(sys.argv[sys.argv.index("--config") + 1]).read()
    address = re.search(r"jaeger_query:.*?http:\\s+endpoint: (\\S+)", text, re.DOTALL)
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    do_POST = do_GET
    def log_message(self, *args):
        pass
host, port = address[1].split(":")
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
{extra}
http.server.ThreadingHTTPServer((host, int(port)), Page).serve_forever()
"""


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine that has a Prometheus and an Alertmanager."""
    folder = tmp_path / "bin"
    for kind in ("prometheus", "alertmanager"):
        text = _SERVER.format(python=sys.executable, extra="")
        programs.script(folder / BINARIES[kind][1], text)
    hidden = {variable for variable, _ in BINARIES.values()} | {"GRAFANA_HOME"}
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    return {**kept, "PATH": str(folder)}


def left(folder: Path) -> list[str]:
    """The processes that were told of the folder."""
    found = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = each.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in words and " demo " not in words:
            found.append(words)
    return found


def words(data: Path, *more: str) -> list[str]:
    shared = ["--catalog", str(CATALOG), "--no-history", "--runtime", "servers"]
    return [sys.executable, "build.py", "demo", "--data", str(data), *shared, *more]


def ran(machine: dict[str, str], data: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """The command, run to its end."""
    return subprocess.run(
        words(data, *more),
        check=False,
        env=machine,
        cwd=places.ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )


@contextmanager
def running(machine: dict[str, str], data: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    demo = subprocess.Popen(
        words(data, *more),
        env=machine,
        cwd=places.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield demo
    finally:
        demo.kill()
        demo.communicate()


def ready(demo: subprocess.Popen[str]) -> list[str]:
    """What it says until it is ready."""
    said: list[str] = []
    assert demo.stdout
    for line in demo.stdout:
        said.append(line.rstrip())
        if line.startswith("ready"):
            return said
    raise AssertionError("\n".join(said))


def test_it_says_what_is_missing_and_where_everything_is(
    machine: dict[str, str], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    with running(machine, data, "--scale", "0.05") as demo:
        said = ready(demo)
        missing = [each for each in said if each.startswith("missing: ")]
        assert len(missing) == 7
        assert any(each.endswith("there is no dashboard to look at") for each in missing)
        assert "found: prometheus 2.42.0, alertmanager 2.42.0" in said
        urls = json.loads((data / "urls.json").read_text())
        assert urls["PROMETHEUS_URL"] == urls["prometheus"]
        assert "grafana" not in urls
        assert f"prometheus: {urls['prometheus']}" in said
        [incidents] = [each.split()[1] for each in said if each.startswith("incidents: ")]
        assert urls["INCIDENTS_URL"] == incidents
        assert requests.get(incidents, timeout=10).json() == []
        assert requests.get(f"{urls['receiver']}/received", timeout=10).json() == []
        assert list((data / "telemetry/logs").rglob("*.log"))
        assert len(left(data)) >= 3, "two servers and a service"
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(60) == 0
    assert left(data) == []


def test_it_goes_on_in_its_folder_and_in_no_other(machine: dict[str, str], tmp_path: Path) -> None:
    data = tmp_path / "data"
    for expected in (False, True):
        done = ran(machine, data, "--for", "0")
        assert done.returncode == 0, done.stdout + done.stderr
        assert ("goes on with the data of an earlier run" in done.stdout) is expected
    done = ran(machine, data, "--seed", "2")
    assert done.returncode == 2
    assert "it was made by another demo: --seed was 1 and is 2." in done.stderr
    assert left(data) == []


def test_what_it_started_ends_with_it_when_it_is_killed(
    machine: dict[str, str], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    with running(machine, data) as demo:
        ready(demo)
        assert left(data)
        demo.kill()
        demo.wait()
        until(lambda: not left(data), 30, "the end of all", lambda: "\n".join(left(data)))
    with running(machine, data) as again:
        assert any("goes on" in each for each in ready(again))
        again.send_signal(signal.SIGINT)
        assert again.wait(60) == 0
    assert left(data) == []


def test_a_server_that_does_not_start_ends_all_of_it(
    machine: dict[str, str], tmp_path: Path
) -> None:
    bad = _SERVER.format(python=sys.executable, extra='sys.exit("no such flag")')
    programs.script(Path(machine["PATH"]) / BINARIES["prometheus"][1], bad)
    data = tmp_path / "data"
    done = ran(machine, data)
    assert done.returncode == 3
    assert "prometheus: ended with 1: no such flag. Read " in done.stderr
    assert "fault of this program" not in done.stderr
    assert left(data) == []


def test_it_can_be_ended_while_it_starts(machine: dict[str, str], tmp_path: Path) -> None:
    """A Prometheus that never answers would keep it waiting for minutes."""
    deaf = _SERVER.format(python=sys.executable, extra="signal.pause()")
    programs.script(Path(machine["PATH"]) / BINARIES["prometheus"][1], deaf)
    data = tmp_path / "data"
    with running(machine, data) as demo:
        log = data / "prometheus/prometheus.log"
        until(log.exists, 60, "the start of Prometheus")
        time.sleep(1)
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(60) == 0
    assert left(data) == []


def test_a_machine_without_any_server_is_told_so(machine: dict[str, str], tmp_path: Path) -> None:
    empty = {**machine, "PATH": str(tmp_path / "nothing")}
    done = ran(empty, tmp_path / "data")
    assert done.returncode == 2
    assert done.stderr == (
        "demo: there is neither a docker nor any of the servers on this machine. "
        "Install one of them; docs/demo.md says which servers.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("--bad-canary", "nobody"),
            "--bad-canary nobody: there is no such service. Name one of shop, till.\n",
        ),
        (("--runtime", "compose"), "--runtime compose: there is no docker on the PATH that "),
    ],
)
def test_what_cannot_be_is_refused_before_anything_starts(
    machine: dict[str, str], tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    done = ran(machine, tmp_path / "data", *arguments)
    assert (done.returncode, done.stderr.startswith(told)) == (2, True), done.stderr
