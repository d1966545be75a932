"""Both agents on real files, into a real Loki: what arrives is what the catalog promises.

Promtail 2.9.4 writes to the oldest Loki there is, Alloy to the newest, and what Alloy makes of
Promtail's file to the same Loki as Promtail.
"""

from __future__ import annotations

import json
import re
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from catalog import names
from pipeline import prometheus
from simulate.log_lines import WrittenLine
from tests.live import agents
from tests.live.agent_samples import (
    SHIPPED,
    Labels,
    nanoseconds,
    promised,
    rfc3339,
    written,
)
from tests.live.servers import Process, Server, find, free_port, missing, until
from tests.pipeline.planted import PLANTED

Json = dict[str, Any]

_SYSLOG_SEVERITIES = 8
_KINDS = ("promtail", "alloy", "converted")


@dataclass(frozen=True)
class Samples:
    """Lines as the services write them, and how each is to arrive; moments in nanoseconds."""

    since: int
    until: int
    lines: list[WrittenLine]


@dataclass
class Run:
    """One agent and its Loki, after it has read everything."""

    kind: str
    server: Server
    config: Path
    at: agents.Address
    process: Process
    samples: Samples
    structured: bool
    messages: dict[str, str] = field(default_factory=dict)

    @property
    def page(self) -> str:
        """What the agent shows of itself."""
        return requests.get(f"http://{agents.HOST}:{self.at.http}/metrics", timeout=20).text

    def stored(self, selector: str) -> list[agents.Stored]:
        """What Loki holds of the samples' time."""
        return agents.stored(self.at.loki, selector, self.samples.since, self.samples.until)

    def counted(self, selector: str = '{service=~".+"}') -> int:
        """How many lines Loki counts in that time."""
        seconds = (self.samples.until - self.samples.since) // 10**9 + 1
        return agents.counted(self.at.loki, selector, self.samples.until, seconds)


@pytest.fixture(scope="module")
def now() -> float:
    """One moment for all agents, so that they can be compared. The lines go on 2 minutes later."""
    return time.time() - 180


@pytest.fixture(scope="module", params=_KINDS)
def run(
    request: pytest.FixtureRequest, now: float, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Run]:
    """An agent that has read the samples, and got some syslog messages."""
    kind = request.param
    wanted = "promtail" if kind == "promtail" else "alloy"
    server = next(iter(find(wanted)), None)
    lokis = sorted(find("loki"), key=lambda each: each.version)
    if server is None or not lokis:
        pytest.skip(missing(wanted) if server is None else missing("loki"))
    loki = lokis[-1] if kind == "alloy" else lokis[0]
    structured = kind == "alloy"
    if structured != (loki.version >= (3,)):
        pytest.skip(f"no Loki for {kind}: only {loki} is here")
    folder = tmp_path_factory.mktemp(kind)
    lines = written(SHIPPED, "host", structured, now)
    samples = Samples(int((now - 1000) * 1e9), int((now + 600) * 1e9), lines)
    agents.write(folder / "logs", lines)
    for path in (folder / "logs").rglob("*.log"):
        # One that tells nothing; before the first record, or it would belong to one.
        path.write_text("  \n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    with agents.running_loki(loki, folder / "loki") as url:
        at = agents.Address(folder / "logs", folder / "state", free_port(), free_port(), url)
        config = agents.configuration(kind, server, SHIPPED, at, folder / "config")
        process = agents.start(server, config, at)
        found = Run(kind, server, config, at, process, samples, structured)
        try:
            send_syslog(found)
            number = len(lines) + len(found.messages)
            agents.wait_for(url, '{service=~".+"}', samples.since, samples.until, number, process)
            yield found
        finally:
            found.process.stop()


def send_syslog(run: Run) -> None:
    """A message of each severity, until the listener is there to take them.

    Promtail takes datagrams for a stream, in which a line feed ends a message.
    """
    ending = b"\n" if run.kind == "promtail" else b""
    # Whole microseconds without a zero at their end, which the agents would not repeat.
    moment = (run.samples.until // 10**9 - 120) * 10**9 + 123456000
    for severity in range(_SYSLOG_SEVERITIES):
        stamp = rfc3339(moment + severity * 10**9)[:-4] + "Z"
        text = f"<{16 * 8 + severity}>1 {stamp} router-1 kernel 42 link - port {severity} went down"
        run.messages[text] = stamp
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:

        def arrived() -> bool:
            for text in run.messages:
                sender.sendto(text.encode() + ending, (agents.HOST, run.at.syslog))
            time.sleep(2)
            return run.counted('{service="syslog"}') == _SYSLOG_SEVERITIES

        until(arrived, 90, "syslog messages", run.process.tail)


def expected(run: Run) -> Counter[tuple[int, str, Labels, Labels]]:
    """Every line but those with secrets: moment, text, labels, metadata."""
    messages = {planted.message for planted in PLANTED}
    found: Counter[tuple[int, str, Labels, Labels]] = Counter()
    for line in run.samples.lines:
        if line.values[line.pod.service.logs.message] not in messages:
            moment = nanoseconds(str(line.values[line.pod.service.logs.timestamp]))
            metadata = tuple(sorted(line.sent.metadata.items()))
            found[moment, line.text, line.sent.labels, metadata] += 1
    return found


def test_every_line_arrives_as_the_catalog_promises(run: Run) -> None:
    """Timestamps to the nanosecond, records of several lines as one, labels, metadata."""
    wanted = expected(run)
    assert any("\n" in text for _, text, _, _ in wanted)
    assert any(metadata for *_, metadata in wanted) == run.structured
    stored = Counter(
        (each.moment, each.text, each.labels, each.metadata)
        for service in SHIPPED.services
        for each in run.stored(f'{{service="{service.id}"}} !~ "redacted:"')
    )
    assert wanted - stored == Counter()
    assert stored - wanted == Counter()


def test_no_stream_has_a_label_that_is_not_declared(run: Run) -> None:
    for service in SHIPPED.services:
        window = {"start": str(run.samples.since), "end": str(run.samples.until)}
        answer = requests.get(
            f"{run.at.loki}/loki/api/v1/series",
            params={"match[]": f'{{service="{service.id}"}}', **window},
            timeout=30,
        )
        series = answer.json()["data"]
        assert series
        for labels in series:
            assert set(labels) <= set(service.stream_labels)
            for name, value in labels.items():
                assert value in (service.stream_labels[name] or (value,))


def test_no_planted_secret_reaches_loki(run: Run) -> None:
    everything = json.dumps(
        [[each.text, each.labels, each.metadata] for each in run.stored('{service=~".+"}')]
    )
    for planted in PLANTED:
        for part in planted.secret.split("\n"):
            assert part not in everything, planted.kind
    for service in SHIPPED.services:
        found = run.stored(f'{{service="{service.id}"}} |~ "redacted:"')
        assert len(found) == len(PLANTED)
        # They are still lines: of JSON, at their own time, with what else they tell.
        for line in found:
            told = json.loads(line.text)
            assert nanoseconds(told[service.logs.timestamp]) == line.moment
            assert dict(line.labels)[names.LEVEL] == told["level"]


def test_syslog_arrives_with_its_own_time_and_our_levels(run: Run) -> None:
    stored = run.stored('{service="syslog"}')
    levels = ["error"] * 4 + ["warn", "info", "info", "debug"]
    assert [dict(each.labels)[names.LEVEL] for each in stored] == levels
    for each, (text, stamp) in zip(stored, run.messages.items(), strict=True):
        assert each.text == text
        assert each.moment == nanoseconds(stamp)
        assert dict(each.labels).keys() == {"cluster", "environment", "service", "level"}
        beside = {"hostname": "router-1", "app_name": "kernel"} if run.structured else {}
        assert dict(each.metadata) == beside


# Metrics


def scraped(run: Run, folder: Path, server: Server) -> dict[str, dict[Labels, float]]:
    """The series of these names as Prometheus holds them, scraped as prometheus.yml says."""
    [job] = [
        each
        for each in prometheus.configuration(SHIPPED)["scrape_configs"]
        if each["job_name"] == "agent"
    ]
    job["static_configs"][0]["targets"] = [f"{agents.HOST}:{run.at.http}"]
    config = folder / "prometheus.yml"
    text = yaml.safe_dump({"global": {"scrape_interval": "1s"}, "scrape_configs": [job]})
    config.write_text(text, encoding="utf-8")
    address = f"{agents.HOST}:{free_port()}"
    command = [server.path, f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}"]
    process = Process("prometheus", [*command, f"--web.listen-address={address}"], folder)
    try:
        process.ready(f"http://{address}/-/ready")
        until(lambda: bool(_asked(address, "log_lines_total")), 60, "a scrape", process.tail)
        return {name: _asked(address, name) for name in promised(run.samples.lines)}
    finally:
        process.stop()


def _asked(address: str, name: str) -> dict[Labels, float]:
    answer = requests.get(f"http://{address}/api/v1/query", params={"query": name}, timeout=30)
    of_the_target = {"__name__", "job", "instance", names.COMPONENT}
    found: dict[Labels, float] = {}
    for each in answer.json()["data"]["result"]:
        labels = {key: value for key, value in each["metric"].items() if key not in of_the_target}
        if names.LE in labels:
            # One agent writes 100, the other 100.0.
            labels[names.LE] = str(float(labels[names.LE]))
        found[tuple(sorted(labels.items()))] = float(each["value"][1])
    return found


def test_every_metric_has_its_name_labels_and_value(run: Run, tmp_path: Path) -> None:
    server = next(iter(find("prometheus")), None)
    if server is None:
        pytest.skip(missing("prometheus"))
    wanted, seen = promised(run.samples.lines), scraped(run, tmp_path, server)
    declared = {
        metric.name
        for service in SHIPPED.services
        for metric in service.metrics
        if metric.emitted_by == "agent"
    }
    assert {re.sub("_(count|sum|bucket)$", "", name) for name in wanted} == declared
    for name, series in wanted.items():
        assert seen[name].keys() == series.keys(), name
        for labels, value in series.items():
            assert seen[name][labels] == pytest.approx(value), (name, labels)


# Reading again


def test_a_restart_reads_nothing_twice_and_a_lost_position_doubles_nothing(run: Run) -> None:
    """The last test of an agent: it is stopped, started, and started without its positions."""
    before, counted = run.stored('{service=~".+"}'), run.counted()
    assert len(before) == counted
    run.process.stop()
    run.process = agents.start(run.server, run.config, run.at)
    until(lambda: _files(run) > 0, 60, "open files", run.process.tail)
    time.sleep(5)
    assert "custom_log_lines_total{" not in run.page
    assert run.counted() == counted
    run.process.stop()
    for path in sorted(run.at.state.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    run.process = agents.start(run.server, run.config, run.at)

    def read() -> float:
        told = re.findall(r"custom_log_lines_total\{.*\} (\S+)$", run.page, re.MULTILINE)
        return sum(map(float, told))

    until(lambda: read() == len(run.samples.lines), 90, "all lines again", run.process.tail)
    time.sleep(5)
    assert run.counted() == counted
    assert run.stored('{service=~".+"}') == before


def _files(run: Run) -> float:
    """How many files the agent has open."""
    told = re.search(
        r"^(?:promtail|loki_source_file)_files_active_total(?:\{.*\})? (\S+)$",
        run.page,
        re.MULTILINE,
    )
    return float(told[1]) if told else 0
