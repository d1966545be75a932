"""The log agents on this machine: their generated files with this machine's paths and ports.

Nothing else of what ships is changed, so that what is tested is what is mounted.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import yaml

from catalog.model import Catalog
from pipeline.agent import alloy, artifacts, promtail, sources
from simulate.log_lines import WrittenLine
from tests.live.servers import Process, Server, free_port, until
from tests.live.stack import loki_config

Json = dict[str, Any]
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Address:
    """Where an agent of this machine reads, keeps its positions, listens and sends to."""

    root: Path
    state: Path
    http: int
    syslog: int
    loki: str


def promtail_text(catalog: Catalog, environment: str, at: Address) -> str:
    """The shipped promtail.yaml, for this machine."""
    assert catalog.agent
    structured = artifacts.takes_metadata(catalog, "promtail")
    plan = sources.on_host(catalog, catalog.agent, environment, structured=structured)
    assert plan
    return _here(yaml.safe_dump(promtail.configuration(plan), sort_keys=False), catalog, plan, at)


def alloy_text(catalog: Catalog, environment: str, at: Address) -> str:
    """The shipped config.alloy, for this machine."""
    assert catalog.agent
    structured = artifacts.takes_metadata(catalog, "alloy")
    plan = sources.on_host(catalog, catalog.agent, environment, structured=structured)
    assert plan
    return _here(alloy.configuration(plan), catalog, plan, at)


def _here(text: str, catalog: Catalog, plan: sources.Plan, at: Address) -> str:
    assert catalog.agent
    assert catalog.agent.files
    text = text.replace(catalog.agent.files.root, str(at.root)).replace(plan.state, str(at.state))
    text = text.replace(plan.environment.addresses["loki"], at.loki)
    text = re.sub(r"0\.0\.0\.0:\d+", f"{HOST}:{at.syslog}", text).replace(plan.address, HOST)
    return text.replace(f"http_listen_port: {plan.http_port}", f"http_listen_port: {at.http}")


def converted(alloy: Server, promtail_file: Path) -> str:
    """What Alloy itself makes of a Promtail file; it must have nothing to say against it."""
    command = [alloy.path, "convert", "--source-format=promtail", str(promtail_file)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def configuration(kind: str, server: Server, catalog: Catalog, at: Address, folder: Path) -> Path:
    """The agent's file, written where it is read from."""
    folder.mkdir(parents=True)
    if kind == "alloy":
        path = folder / "config.alloy"
        path.write_text(alloy_text(catalog, "host", at), encoding="utf-8")
        return path
    path = folder / "promtail.yaml"
    path.write_text(promtail_text(catalog, "host", at), encoding="utf-8")
    if kind == "converted":
        text = converted(server, path)
        path = folder / "converted.alloy"
        path.write_text(text, encoding="utf-8")
    return path


def start(server: Server, config: Path, at: Address) -> Process:
    """The agent, ready to read."""
    at.state.mkdir(parents=True, exist_ok=True)
    folder = config.parent
    if server.kind == "promtail":
        process = Process("promtail", [server.path, f"-config.file={config}"], folder)
        ready = "metrics"
    else:
        command = [server.path, "run", str(config), f"--storage.path={at.state}"]
        address = f"--server.http.listen-addr={HOST}:{at.http}"
        process = Process("alloy", [*command, address, "--disable-reporting"], folder)
        ready = "-/ready"
    try:
        process.ready(f"http://{HOST}:{at.http}/{ready}")
    except BaseException:
        process.stop()
        raise
    return process


@contextmanager
def running_loki(server: Server, folder: Path, limits: Json | None = None) -> Iterator[str]:
    """A Loki of its own, empty, that takes lines as old as the samples; its address."""
    port = free_port()
    rules = {"type": "local", "local": {"directory": str(folder / "rules")}}
    path = loki_config(folder, server, port=port, rules=rules)
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    config["limits_config"] |= limits or {}
    if server.version >= (3,):
        # What it would add by itself is not the agent's.
        config["limits_config"] |= {"discover_log_levels": False, "discover_service_name": []}
    path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    process = Process("loki", [server.path, f"-config.file={path}"], folder)
    try:
        process.ready(f"http://{HOST}:{port}/ready")
        yield f"http://{HOST}:{port}"
    finally:
        process.stop()


@dataclass(frozen=True, order=True)
class Stored:
    """A line as Loki holds it."""

    moment: int
    text: str
    labels: tuple[tuple[str, str], ...]
    metadata: tuple[tuple[str, str], ...]


#: As many lines as Loki answers at once in less than the 4 MB of a message between its parts.
_PAGE = 1000


def stored(loki: str, selector: str, since: int, until_: int) -> list[Stored]:
    """Everything that a selector finds, with metadata apart from the labels where it can be."""
    found: list[Stored] = []
    while True:
        page = _page(loki, selector, since, until_)
        if len(page) < _PAGE:
            return sorted([*found, *page])
        # Of the last moment there may be more: it is asked for again.
        last = page[-1].moment
        assert page[0].moment < last
        found += [each for each in page if each.moment < last]
        since = last


def _page(loki: str, selector: str, since: int, until_: int) -> list[Stored]:
    answer = requests.get(
        f"{loki}/loki/api/v1/query_range",
        params={
            "query": selector,
            "start": str(since),
            "end": str(until_),
            "limit": str(_PAGE),
            "direction": "forward",
        },
        headers={"X-Loki-Response-Encoding-Flags": "categorize-labels"},
        timeout=60,
    )
    assert answer.ok, answer.text
    found: list[Stored] = []
    for stream in answer.json()["data"]["result"]:
        labels = tuple(sorted(stream["stream"].items()))
        for value in stream["values"]:
            beside = value[2].get("structuredMetadata", {}) if len(value) > 2 else {}
            metadata = tuple(sorted(beside.items()))
            found.append(Stored(int(value[0]), value[1], labels, metadata))
    return sorted(found)


def path_of(root: Path, line: WrittenLine) -> Path:
    """The file of the line's pod."""
    track = [line.pod.track] if line.pod.track else []
    return Path(root, line.pod.service.id, *track, f"{line.pod.name}.log")


def write(root: Path, lines: list[WrittenLine]) -> None:
    """Every pod's lines into its file, in order."""
    texts: dict[Path, list[str]] = {}
    for line in lines:
        texts.setdefault(path_of(root, line), []).append(line.text)
    for path, each in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write("".join(f"{text}\n" for text in each))


def counted(loki: str, selector: str, until_: int, seconds: int) -> int:
    """How many lines Loki counts in the seconds before a moment."""
    query = f"sum(count_over_time({selector}[{seconds}s]))"
    answer = requests.get(
        f"{loki}/loki/api/v1/query", params={"query": query, "time": str(until_)}, timeout=60
    )
    assert answer.ok, answer.text
    result = answer.json()["data"]["result"]
    return int(result[0]["value"][1]) if result else 0


def wait_for(
    loki: str, selector: str, since: int, until_: int, number: int, process: Process
) -> None:
    """Until Loki counts that many lines."""
    seconds = (until_ - since) // 10**9 + 1
    until(
        lambda: counted(loki, selector, until_, seconds) >= number,
        180,
        f"{number} lines of {selector}",
        process.tail,
    )
