"""Both agents on real files, into a real Loki: what arrives is what the catalog promises.

Promtail 2.9.4 writes to the oldest Loki there is, Alloy to the newest, and what Alloy makes of
Promtail's file to the same Loki as Promtail.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from catalog import names
from catalog.agent_metrics import counted_events
from catalog.load import load_catalog
from catalog.model import Catalog
from catalog.service import Service
from catalog.signals import Metric
from pipeline import prometheus
from simulate.log_lines import LogLine, LogLines, WrittenLine
from simulate.traces import Traces
from simulate.world import World
from tests.live import agents
from tests.live.servers import Process, Server, find, free_port, missing, until
from tests.live.stack import ROOT
from tests.pipeline.planted import PLANTED

Json = dict[str, Any]
Labels = tuple[tuple[str, str], ...]

SHIPPED = load_catalog(ROOT / "catalog")
#: Seconds of lines, and how many of the seed's volume: some 1,500 lines, of every kind.
_SECONDS, _SCALE = 300, 0.05
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


def written(catalog: Catalog, environment: str, structured: bool, now: float) -> list[WrittenLine]:
    """The lines of every service; the same ones for both releases of Loki."""
    place = next(each for each in catalog.platform.environments if each.id == environment)
    world = World(catalog, place, now - 3600, 1, _SCALE)
    release = "loki_3" if structured else "loki_2_9"
    begin = now - _SECONDS - 60
    lines = LogLines(world, Traces(world), release).written_between(begin, now - 60)
    return [*lines, *odd_lines(lines, catalog), *secret_lines(lines, catalog)]


def altered(line: WrittenLine, seconds: float, /, **values: object) -> WrittenLine:
    """The line some seconds later, with other values; a label that is not declared goes."""
    service = line.pod.service
    moment = line.sent.moment + int(seconds * 1e9)
    told = {**line.values, **values, service.logs.timestamp: _rfc3339(moment)}
    labels = dict(line.sent.labels)
    for name, value in values.items():
        declared = service.stream_labels.get(name, ())
        if declared and value not in declared:
            labels.pop(name, None)
    sent = LogLine(moment, tuple(sorted(labels.items())), line.sent.text, line.sent.metadata)
    return WrittenLine(line.pod, json.dumps(told, ensure_ascii=False), told, sent)


def odd_lines(lines: list[WrittenLine], catalog: Catalog) -> list[WrittenLine]:
    """Of each service: an undeclared level, an undeclared value of an event, a null."""
    found: list[WrittenLine] = []
    for service in catalog.services:
        last = [line for line in lines if line.pod.service is service and "event" in line.values][
            -1
        ]
        found += [
            altered(last, 61, level="catastrophe"),
            altered(last, 62, outcome="perhaps", message="nobody declared this outcome"),
            altered(last, 63, duration_ms=None, memory_operations=None),
        ]
    return found


def secret_lines(lines: list[WrittenLine], catalog: Catalog) -> list[WrittenLine]:
    """Each planted secret in the message of each service."""
    return [
        altered(
            [line for line in lines if line.pod.service is service][-1],
            70 + at,
            message=planted.message,
        )
        for service in catalog.services
        for at, planted in enumerate(PLANTED)
    ]


def _rfc3339(moment: int) -> str:
    whole = datetime.fromtimestamp(moment // 10**9, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{moment % 10**9:09d}Z"


def _nanoseconds(text: str) -> int:
    whole, _, rest = text.removesuffix("Z").partition(".")
    seconds = datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC).timestamp()
    return int(seconds) * 10**9 + int(rest.ljust(9, "0"))


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
        config = configuration(kind, server, at, folder / "config")
        process = agents.start(server, config, at)
        found = Run(kind, server, config, at, process, samples, structured)
        try:
            send_syslog(found)
            number = len(lines) + len(found.messages)
            agents.wait_for(url, '{service=~".+"}', samples.since, samples.until, number, process)
            yield found
        finally:
            found.process.stop()


def configuration(kind: str, server: Server, at: agents.Address, folder: Path) -> Path:
    """The agent's file, written where it is read from."""
    folder.mkdir(parents=True)
    if kind == "alloy":
        path = folder / "config.alloy"
        path.write_text(agents.alloy_text(SHIPPED, "host", at), encoding="utf-8")
        return path
    path = folder / "promtail.yaml"
    path.write_text(agents.promtail_text(SHIPPED, "host", at), encoding="utf-8")
    if kind == "converted":
        text = agents.converted(server, path)
        path = folder / "converted.alloy"
        path.write_text(text, encoding="utf-8")
    return path


def send_syslog(run: Run) -> None:
    """A message of each severity, until the listener is there to take them.

    Promtail takes datagrams for a stream, in which a line feed ends a message.
    """
    ending = b"\n" if run.kind == "promtail" else b""
    # Whole microseconds without a zero at their end, which the agents would not repeat.
    moment = (run.samples.until // 10**9 - 120) * 10**9 + 123456000
    for severity in range(_SYSLOG_SEVERITIES):
        stamp = _rfc3339(moment + severity * 10**9)[:-4] + "Z"
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
            moment = _nanoseconds(str(line.values[line.pod.service.logs.timestamp]))
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
            assert _nanoseconds(told[service.logs.timestamp]) == line.moment
            assert dict(line.labels)[names.LEVEL] == told["level"]


def test_syslog_arrives_with_its_own_time_and_our_levels(run: Run) -> None:
    stored = run.stored('{service="syslog"}')
    levels = ["error"] * 4 + ["warn", "info", "info", "debug"]
    assert [dict(each.labels)[names.LEVEL] for each in stored] == levels
    for each, (text, stamp) in zip(stored, run.messages.items(), strict=True):
        assert each.text == text
        assert each.moment == _nanoseconds(stamp)
        assert dict(each.labels).keys() == {"cluster", "environment", "service", "level"}
        beside = {"hostname": "router-1", "app_name": "kernel"} if run.structured else {}
        assert dict(each.metadata) == beside


# Metrics


def told_of(service: Service, metric: Metric, line: WrittenLine) -> float | None:
    """What the metric takes of a line: 1 if it counts it, a measure, None if it passes."""
    values = line.values
    if metric.role == "log_lines":
        return 1
    if metric.role == "log_errors":
        return 1 if values.get(names.LEVEL) in SHIPPED.platform.error_levels else None
    for event in counted_events(service, metric):
        if all(values.get(name) in wanted for name, wanted in event.match.items()):
            if metric.type == "counter":
                return 1
            measured = values.get(event.measures or "")
            return float(str(measured)) if measured is not None else None
    return None


def labels_of(service: Service, metric: Metric, line: WrittenLine) -> Labels:
    """The labels of the line's pod, and those that are declared of the metric."""
    declared = {each.name: each.values for each in service.logs.fields}
    where = (
        names.CLUSTER,
        names.ENVIRONMENT,
        names.NAMESPACE,
        names.SERVICE,
        names.POD,
        names.TRACK,
    )
    known = {**{name: str(value) for name, value in line.values.items()}, **dict(line.sent.labels)}
    return tuple(
        sorted(
            (name, known[name])
            for name in {*where, *metric.labels}
            if name in known and known[name] in (declared.get(name) or (known[name],))
        )
    )


def promised(samples: Samples) -> dict[str, dict[Labels, float]]:
    """Each series that the agent is to show: counters, the last of a gauge, a histogram's sums."""
    found: dict[str, dict[Labels, float]] = {}

    def add(name: str, labels: Labels, value: float) -> None:
        series = found.setdefault(name, {})
        series[labels] = series.get(labels, 0) + value

    for line in samples.lines:
        service = line.pod.service
        for metric in service.metrics:
            value = told_of(service, metric, line) if metric.emitted_by == "agent" else None
            if value is None:
                continue
            labels = labels_of(service, metric, line)
            if metric.type == "gauge":
                found.setdefault(metric.name, {})[labels] = value
            elif metric.type == "counter":
                add(metric.name, labels, value)
            else:
                add(f"{metric.name}_count", labels, 1)
                add(f"{metric.name}_sum", labels, value)
                for bound in (*metric.buckets, float("inf")):
                    inside = tuple(sorted((*labels, (names.LE, str(float(bound))))))
                    add(f"{metric.name}_bucket", inside, float(value <= bound))
    return found


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
        return {name: _asked(address, name) for name in promised(run.samples)}
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
    wanted, seen = promised(run.samples), scraped(run, tmp_path, server)
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


# What needs no run


@pytest.mark.parametrize("catalog", ["catalog", "tests/fixtures/second", "tests/fixtures/minimal"])
def test_the_agents_accept_the_files_of_every_catalog(catalog: str, tmp_path: Path) -> None:
    """Every file that is built: promtail -check-syntax, alloy validate; and alloy fmt agrees."""
    from delivery.render import encode
    from pipeline.agent import artifacts

    programs = {name: next(iter(find(name)), None) for name in ("promtail", "alloy")}
    if None in programs.values():
        pytest.skip(" ".join(missing(name) for name in programs if programs[name] is None))
    checked = 0
    for number, artifact in enumerate(artifacts.generate(load_catalog(ROOT / catalog))):
        texts = {Path(artifact.path).name: encode(artifact).decode()}
        if artifact.path.endswith("configmap.yaml"):
            texts = yaml.safe_load(encode(artifact))["data"]
        for name, text in texts.items():
            path = tmp_path / str(number) / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            if name == "promtail.yaml":
                _accepts([programs["promtail"].path, "-check-syntax", f"-config.file={path}"])
            elif name == "config.alloy":
                _accepts([programs["alloy"].path, "validate", str(path)])
                assert _accepts([programs["alloy"].path, "fmt", str(path)]) == text
            checked += name in {"promtail.yaml", "config.alloy"}
    assert checked


def _accepts(command: list[str]) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("kind", ["promtail", "alloy"])
def test_nothing_is_lost_while_loki_refuses_lines_as_too_many(kind: str, tmp_path: Path) -> None:
    """Some 4 MB at once, of which Loki takes 0.3 MB a second: 429, and in the end all of it."""
    server = next(iter(find(kind)), None)
    lokis = sorted(find("loki"), key=lambda each: each.version)
    if server is None or not lokis:
        pytest.skip(missing(kind) if server is None else missing("loki"))
    loki = lokis[-1] if kind == "alloy" else lokis[0]
    now, number = time.time(), 4000
    first = written(SHIPPED, "host", loki.version >= (3,), now)[0]
    lines = [altered(first, at / 1000, message="m" * 900, number=at) for at in range(number)]
    agents.write(tmp_path / "logs", lines)
    limits = {"ingestion_rate_mb": 0.3, "ingestion_burst_size_mb": 1.5}
    with agents.running_loki(loki, tmp_path / "loki", limits) as url:
        at = agents.Address(tmp_path / "logs", tmp_path / "state", free_port(), free_port(), url)
        config = configuration(kind, server, at, tmp_path / "config")
        process = agents.start(server, config, at)
        try:
            since, end = int((now - 1000) * 1e9), int((now + 600) * 1e9)
            agents.wait_for(url, '{service=~".+"}', since, end, number, process)
            told = agents.stored(url, '{service=~".+"}', since, end)
            page = requests.get(f"http://{agents.HOST}:{at.http}/metrics", timeout=20).text
        finally:
            process.stop()
        refused = requests.get(f"{url}/metrics", timeout=20).text
    assert sum(_values(refused, r"loki_discarded_samples_total\{.*rate_limited.*\}")) > 0
    assert sum(_values(page, r"(?:promtail|loki_write)_dropped_entries_total\{.*\}")) == 0
    assert [json.loads(each.text)["number"] for each in told] == list(range(number))


def _values(page: str, series: str) -> list[float]:
    return [float(value) for value in re.findall(rf"^{series} (\S+)$", page, re.MULTILINE)]


def test_alloy_goes_on_where_promtail_stopped(tmp_path: Path) -> None:
    """The positions are taken over: no line is read a second time, and none is left out."""
    programs = [next(iter(find(kind)), None) for kind in ("promtail", "alloy")]
    lokis = sorted(find("loki"), key=lambda each: each.version)
    if None in programs or not lokis or lokis[-1].version < (3,):
        pytest.skip("needs Promtail, Alloy and a Loki 3")
    now = time.time()
    lines = written(SHIPPED, "host", True, now)[:200]
    agents.write(tmp_path / "logs", lines)
    since, end = int((now - 1000) * 1e9), int((now + 600) * 1e9)
    with agents.running_loki(lokis[-1], tmp_path / "loki") as url:
        at = agents.Address(tmp_path / "logs", tmp_path / "state", free_port(), free_port(), url)
        for server in programs:
            assert server
            config = configuration(server.kind, server, at, tmp_path / server.kind)
            process = agents.start(server, config, at)
            try:
                agents.wait_for(url, '{service=~".+"}', since, end, len(lines), process)
                if server.kind == "alloy":
                    page = requests.get(f"http://{agents.HOST}:{at.http}/metrics", timeout=20).text
            finally:
                process.stop()
            if server.kind == "promtail":
                more = [altered(lines[-1], second, message=f"no. {second}") for second in (1, 2)]
                agents.write(tmp_path / "logs", more)
                lines += more
        assert sum(_values(page, r"loki_process_custom_log_lines_total\{.*\}")) == len(more)
        assert agents.counted(url, '{service=~".+"}', end, 1600) == len(lines)
