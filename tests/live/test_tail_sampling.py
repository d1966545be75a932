"""What the generated sampling keeps, in a collector that runs: Jaeger, which is one."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from catalog.load import load_catalog
from catalog.model import Catalog
from delivery.demo.jaeger import VARIABLES, jaeger_config
from delivery.demo.ports import HOST, free_ports
from delivery.demo.process import Process, until
from pipeline import tail_sampling
from tests.live.servers import Server, find, missing

ROOT = Path(__file__).parents[2]
Json = dict[str, Any]
_SERVER, _OK, _ERROR = 2, 1, 2
#: Of 400 with a share of 27.9 % fewer than 60 or more than 170 are kept once in 10^9 runs.
GOOD, FEWEST, MOST = 400, 60, 170


@dataclass
class Sender:
    """Sends traces of one span for each part; counts them."""

    url: str
    spans: int = 0
    sent: dict[str, list[str]] = field(default_factory=dict)

    def trace(self, kind: str, *parts: tuple[str, float, int]) -> str:
        """Parts are (service, seconds, status), the first of them the root."""
        number = sum(map(len, self.sent.values())) + 1
        # Probabilistic sampling is by a hash of the id.
        identifier = f"{number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128:032x}"
        self.sent.setdefault(kind, []).append(identifier)
        self.part(identifier, *parts)
        return identifier

    def part(self, identifier: str, *parts: tuple[str, float, int]) -> None:
        self._post([(identifier, part) for part in parts])

    def at_once(self, number: int, part: tuple[str, float, int]) -> list[str]:
        """So many traces of one span in one request."""
        identifiers = [f"{0xB0 << 120 | each * 0x9E3779B97F4A7C15:032x}" for each in range(number)]
        self._post([(each, part) for each in identifiers])
        return identifiers

    def _post(self, parts: list[tuple[str, tuple[str, float, int]]]) -> None:
        begin = int((time.time() - 60) * 1e9)
        groups = [
            {
                "resource": {
                    "attributes": [{"key": "service.name", "value": {"stringValue": service}}]
                },
                "scopeSpans": [
                    {"spans": [_span(identifier, self.spans + at, begin, took, status)]}
                ],
            }
            for at, (identifier, (service, took, status)) in enumerate(parts, start=1)
        ]
        self.spans += len(parts)
        body = json.dumps({"resourceSpans": groups})
        done = requests.post(
            f"{self.url}/v1/traces", body, headers={"Content-Type": "application/json"}, timeout=10
        )
        done.raise_for_status()


def _span(identifier: str, number: int, begin: int, seconds: float, status: int) -> Json:
    return {
        "traceId": identifier,
        "spanId": f"{number:016x}",
        "name": "GET /",
        "kind": _SERVER,
        "startTimeUnixNano": str(begin),
        "endTimeUnixNano": str(begin + int(seconds * 1e9)),
        "status": {"code": status},
    }


@dataclass
class Place:
    """Where spans go in, where traces are read, and where spans were counted."""

    otlp: str
    query: str
    counts: str
    own: str

    def sampler(self, what: str) -> float:
        """A counter of the processor's own."""
        text = requests.get(f"{self.own}/metrics", timeout=10).text
        name = f"otelcol_processor_tail_sampling_sampling_{what}"
        [found] = [each for each in text.splitlines() if re.match(rf"{name}(_total)?[ {{]", each)]
        return float(found.rsplit(" ", 1)[1])

    def kept(self, identifiers: list[str]) -> list[str]:
        return [each for each in identifiers if self.spans(each)]

    def spans(self, identifier: str) -> int:
        answer = requests.get(f"{self.query}/api/traces/{identifier}", timeout=10)
        return len(answer.json()["data"][0]["spans"]) if answer.status_code == 200 else 0

    def counted(self) -> int:
        text = requests.get(f"{self.counts}/metrics", timeout=10).text
        lines = [each for each in text.splitlines() if "_calls_total{" in each]
        return round(sum(float(each.rsplit(" ", 1)[1]) for each in lines))


@pytest.fixture(scope="module")
def shipped() -> Catalog:
    return load_catalog(ROOT / "catalog")


@pytest.fixture(scope="module", params=["jaeger", "gateway"])
def place(
    request: pytest.FixtureRequest, shipped: Catalog, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """A Jaeger that samples itself, and one behind a gateway that does."""
    servers: list[Server] = find("jaeger")
    if not servers:
        pytest.skip(missing("jaeger"))
    program = servers[-1].path
    folder = tmp_path_factory.mktemp(request.param)
    files = {}
    for path, content in tail_sampling.configurations(shipped):
        file = folder / Path(path).name
        file.write_text(yaml.safe_dump(content), encoding="utf-8")
        files[file.stem] = str(file)
    port = free_ports(("query", "otlp", "metrics", "spans", "grpc", "in_grpc", "in", "m2", "s2"))
    url, otlp = f"http://{HOST}:{port['query']}", f"http://{HOST}:{port['otlp']}"
    config = jaeger_config(folder / "base", url, otlp, port["metrics"], port["spans"])
    base = yaml.safe_load(config.read_text(encoding="utf-8"))
    base["receivers"]["otlp"]["protocols"]["grpc"] = {"endpoint": f"{HOST}:{port['grpc']}"}
    config.write_text(yaml.safe_dump(base), encoding="utf-8")
    command = [program, "--config", str(config)]
    running: list[Process] = []
    try:
        if request.param == "jaeger":
            command += ["--config", files["jaeger"]]
            found = Place(otlp, url, f"http://{HOST}:{port['spans']}", "")
            found.own = f"http://{HOST}:{port['metrics']}"
        else:
            found = Place(f"http://{HOST}:{port['in']}", url, f"http://{HOST}:{port['s2']}", "")
            found.own = f"http://{HOST}:{port['m2']}"
            variables = {
                **VARIABLES,
                "OTLP_GRPC": f"{HOST}:{port['in_grpc']}",
                "OTLP_HTTP": f"{HOST}:{port['in']}",
                "JAEGER_OTLP": f"{HOST}:{port['grpc']}",
                "SPAN_METRICS": f"{HOST}:{port['s2']}",
                "METRICS_HOST": HOST,
                "METRICS_PORT": str(port["m2"]),
            }
            gateway = [program, "--config", files["gateway"]]
            running.append(Process("gateway", gateway, folder / "gateway", variables))
        running.append(Process("jaeger", command, folder / "jaeger", VARIABLES))
        running[-1].ready(f"{url}/api/services")
        running[0].ready(f"{found.counts}/metrics")
        yield found
    finally:
        for each in running:
            each.stop()


def test_failed_and_slow_traces_are_kept_and_of_the_rest_a_share(
    place: Place, shipped: Catalog
) -> None:
    promised = tail_sampling.promises(shipped)
    strict, loose = min(promised, key=promised.__getitem__), max(promised, key=promised.__getitem__)
    send = Sender(place.otlp)
    for _ in range(20):
        send.trace("failed", (loose, 0.01, _OK), (strict, 0.01, _ERROR))
    for service, seconds in promised.items():
        for _ in range(5):
            send.trace(f"slow {service}", (loose, 0.01, 0), (service, seconds + 0.001, 0))
            send.trace("on time", (service, seconds, 0))
    # It lasts longer than the stricter service promises, which is not what is slow in it.
    for _ in range(10):
        send.trace("on time", (loose, promised[loose], 0), (strict, promised[strict], 0))
    # Slower than the budget: the share alone decides.
    for _ in range(GOOD):
        send.trace("good", (strict, 0.01, 0))
        time.sleep(0.02)
    wait = tail_sampling.decision_wait_seconds(shipped)
    time.sleep(wait + 3)

    for kind in ("failed", *(f"slow {service}" for service in promised)):
        kept = place.kept(send.sent[kind])
        assert kept == send.sent[kind], f"{kind}: {len(kept)} of {len(send.sent[kind])}"
    kept = place.kept(send.sent["good"])
    on_time = place.kept(send.sent["on time"])
    print(
        f"of {GOOD} good traces {len(kept)}, of {len(send.sent['on time'])} on time {len(on_time)}"
    )
    assert FEWEST <= len(kept) <= MOST
    assert len(on_time) < len(send.sent["on time"]) / 2

    # A span that is late shares the fate of its trace.
    dropped = next(each for each in send.sent["good"] if each not in kept)
    saved = send.sent["failed"][0]
    before = place.spans(saved)
    for identifier in (dropped, saved):
        send.part(identifier, (loose, 0.01, 0))
    until(lambda: place.spans(saved) == before + 1, 30, "the late span", lambda: "")
    assert place.spans(dropped) == 0
    # No trace gave way before it was decided on, and no condition could not be read.
    assert place.sampler("trace_dropped_too_early") == 0
    assert place.sampler("policy_evaluation_error") == 0
    # Nothing was thrown away before it was counted.
    until(lambda: place.counted() == send.spans, 40, "the counts", lambda: str(place.counted()))


def test_a_peak_is_kept_within_the_budget(place: Place, shipped: Catalog) -> None:
    """1,000 good traces of one moment: their share alone would be 279 spans."""
    assert shipped.platform.traces
    sent = Sender(place.otlp).at_once(1000, (shipped.services[0].id, 0.01, 0))
    time.sleep(tail_sampling.decision_wait_seconds(shipped) + 3)
    kept = len(place.kept(sent))
    print(f"of {len(sent)} at once {kept}")
    # The collector saves up two seconds' worth at most.
    assert 0 < kept <= 2 * shipped.platform.traces.sampling.spans_per_second


def test_compose_s_jaeger_takes_it(shipped: Catalog, tmp_path: Path) -> None:
    """The overlay over what examples/compose/compose.yaml gives its Jaeger."""
    servers: list[Server] = find("jaeger")
    if not servers:
        pytest.skip(missing("jaeger"))
    compose = yaml.safe_load((ROOT / "examples/compose/compose.yaml").read_text(encoding="utf-8"))
    base = tmp_path / "base.yaml"
    base.write_text(compose["configs"]["jaeger"]["content"], encoding="utf-8")
    overlay = tmp_path / "overlay.yaml"
    content = dict(tail_sampling.configurations(shipped))["otel-collector/jaeger.yaml"]
    overlay.write_text(yaml.safe_dump(content), encoding="utf-8")
    command = [servers[-1].path, "validate", "--config", str(base), "--config", str(overlay)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    # It would say so, were a key none of the processor's.
    content["processors"]["tail_sampling"]["decision_waits"] = "10s"
    overlay.write_text(yaml.safe_dump(content), encoding="utf-8")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "decision_waits" in done.stderr
