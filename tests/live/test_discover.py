"""A fifth service runs, and nobody has told the catalog: what the servers say becomes a draft.

Its lines, metrics and spans are pushed here, to a real Loki, Prometheus and Jaeger; the draft then
becomes a service whose dashboards and rules build and pass every check.
"""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from catalog.load import load_catalog
from delivery.cli import main
from tests.live.servers import Process, Server, find, free_port, missing, until
from tests.live.stack import jaeger_config, loki_config

ROOT = Path(__file__).resolve().parents[2]
LINES = 240
TRACES = 30
PAGE = """# HELP orders_total Orders, by how they ended.
# TYPE orders_total counter
orders_total{outcome="shipped"} 40
orders_total{outcome="lost"} 2
# HELP packing_seconds How long packing took.
# TYPE packing_seconds histogram
packing_seconds_bucket{le="0.5"} 3
packing_seconds_bucket{le="2"} 4
packing_seconds_bucket{le="+Inf"} 4
packing_seconds_sum 3
packing_seconds_count 4
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total 3
"""


class Stack:
    """Three servers of one test, and the page that is scraped."""

    def __init__(self, loki: Server, folder: Path) -> None:
        self.loki, self.folder = loki, folder
        self.urls = {
            kind: f"http://127.0.0.1:{free_port()}" for kind in ("loki", "prometheus", "jaeger")
        }
        self.otlp = f"http://127.0.0.1:{free_port()}"
        self.page = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
        self.running: list[Process] = []

    def start(self, prometheus: Server, jaeger: Server) -> None:
        """All of it; returns when each is ready."""
        threading.Thread(target=self.page.serve_forever, daemon=True).start()
        folder = self.folder / "loki"
        rules = {"type": "local", "local": {"directory": str(folder / "rules")}}
        (folder / "rules").mkdir(parents=True)
        port = int(self.urls["loki"].rpartition(":")[2])
        config = loki_config(folder, self.loki, port=port, rules=rules)
        self._run("loki", [self.loki.path, f"-config.file={config}"], "/ready")
        config = jaeger_config(
            self.folder / "jaeger", self.urls["jaeger"], self.otlp, free_port(), free_port()
        )
        self._run("jaeger", [jaeger.path, "--config", str(config)], "/api/services")
        config = self.folder / "prometheus.yml"
        labels = {"service": "orders", "namespace": "shop", "app": "orders"}
        targets = [f"127.0.0.1:{self.page.server_address[1]}"]
        config.write_text(
            yaml.safe_dump(
                {
                    "scrape_configs": [
                        {
                            "job_name": "pods",
                            "scrape_interval": "1s",
                            "static_configs": [{"targets": targets, "labels": labels}],
                        }
                    ]
                }
            )
        )
        address = self.urls["prometheus"].removeprefix("http://")
        data = f"--storage.tsdb.path={self.folder / 'tsdb'}"
        command = [prometheus.path, f"--config.file={config}", data]
        self._run("prometheus", [*command, f"--web.listen-address={address}"], "/-/ready")

    def _run(self, name: str, command: list[str], ready: str) -> None:
        process = Process(name, command, self.folder)
        self.running.append(process)
        process.ready(self.urls[name] + ready)

    def stop(self) -> None:
        """Ends what was started."""
        for process in reversed(self.running):
            process.stop()
        self.page.shutdown()
        self.page.server_close()

    def feed(self) -> None:
        """Lines, and spans of orders that ask the vault."""
        now = time.time()
        body = push_body(now, structured=self.loki.version >= (3,))
        answer = requests.post(f"{self.urls['loki']}/loki/api/v1/push", json=body, timeout=30)
        assert answer.ok, answer.text
        answer = requests.post(f"{self.otlp}/v1/traces", json=spans(now), timeout=30)
        assert answer.ok, answer.text
        until(lambda: len(self._jaeger()) > 1, 60, "Jaeger's services")
        until(self._scraped, 60, "Prometheus' series")

    def _jaeger(self) -> list[str]:
        found = requests.get(f"{self.urls['jaeger']}/api/services", timeout=10).json()
        return found["data"] or []

    def _scraped(self) -> bool:
        asked = {"query": "orders_total"}
        url = f"{self.urls['prometheus']}/api/v1/query"
        return bool(requests.get(url, params=asked, timeout=10).json()["data"]["result"])


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(PAGE.encode())

    def log_message(self, *arguments: object) -> None:
        """Nothing: a test's output is its own."""


def push_body(now: float, *, structured: bool) -> dict[str, Any]:
    """Lines of a service whose every request is a stream of its own, as it should not be."""
    streams = []
    for index in range(LINES):
        line = {
            "ts": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now - index)),
            "level": "info" if index % 8 else "error",
            "message": f"order {index} was packed by hand",
            "trace_id": f"{index % TRACES + 1:032x}",
            "outcome": "shipped" if index % 20 else "lost",
            "duration_ms": 3.5 + index,
            "basket": {"items": 3},
        }
        labels = {
            "service": "orders",
            "namespace": "shop",
            "pod": f"orders-{index % 2}",
            "level": str(line["level"]),
            "tier": "backend",
            "request_id": f"r{index % 60}",
        }
        moment = f"{int((now - index) * 1e9)}"
        value: list[Any] = [moment, json.dumps(line)]
        if structured:
            value.append({"customer": f"c{index % 50}"})
        streams.append({"stream": labels, "values": [value]})
    return {"streams": streams}


def spans(now: float) -> dict[str, Any]:
    """Each order asks the vault once."""
    moment = int((now - 60) * 1e9)

    def span(trace: int, number: int, parent: int, name: str) -> dict[str, Any]:
        return {
            "traceId": f"{trace + 1:032x}",
            "spanId": f"{number:016x}",
            "parentSpanId": f"{parent:016x}" if parent else "",
            "name": name,
            "kind": 2,
            "startTimeUnixNano": str(moment),
            "endTimeUnixNano": str(moment + 10**7),
        }

    own = [span(each, 2 * each + 1, 0, "POST /orders") for each in range(TRACES)]
    asked = [span(each, 2 * each + 2, 2 * each + 1, "read") for each in range(TRACES)]
    return {
        "resourceSpans": [
            {
                "resource": {
                    "attributes": [{"key": "service.name", "value": {"stringValue": service}}]
                },
                "scopeSpans": [{"spans": listed}],
            }
            for service, listed in (("orders", own), ("sigmavault", asked))
        ]
    }


@pytest.fixture(scope="module", params=find("loki") or [None], ids=str)
def stack(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    kinds = {kind: find(kind) for kind in ("loki", "prometheus", "jaeger")}
    for kind, servers in kinds.items():
        if not servers:
            pytest.skip(missing(kind))
    running = Stack(request.param, tmp_path_factory.mktemp("discover"))
    try:
        running.start(kinds["prometheus"][-1], kinds["jaeger"][-1])
        running.feed()
        yield running
    finally:
        running.stop()


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("*.py", "__pycache__")
    shutil.copytree(ROOT / "catalog", tmp_path / "catalog", ignore=ignored)
    return tmp_path / "catalog"


def discover(stack: Stack, catalog: Path, out: Path, *targets: str) -> int:
    flags = [word for each in targets for word in (f"--{each}-url", stack.urls[each])]
    return main(["discover", "--catalog", str(catalog), "--out", str(out), *flags])


def test_a_service_that_runs_becomes_one_of_the_catalog(
    stack: Stack, catalog: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert discover(stack, catalog, tmp_path / "drafts", "loki", "prometheus", "jaeger") == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    path = tmp_path / "drafts/orders.yaml"
    text = path.read_text()
    draft = yaml.safe_load(text)
    assert draft["logs"]["format"] == "json"
    assert (draft["logs"]["timestamp"], draft["logs"]["message"]) == ("ts", "message")
    fields = {field["name"]: field for field in draft["logs"]["fields"]}
    assert fields["trace_id"]["type"] == "trace_id"
    assert fields["trace_id"]["lives"]["loki_3"] == "structured_metadata"
    assert (fields["duration_ms"]["type"], fields["duration_ms"]["unit"]) == (
        "number",
        "milliseconds",
    )
    assert "basket" not in fields
    assert ("customer" in fields) == (stack.loki.version >= (3,))
    assert "request_id" not in draft["stream_labels"]
    assert "Left out: request_id, 60 values." in text
    assert draft["stream_labels"]["tier"] == ["backend"]
    assert draft["depends_on"] == ["sigmavault"]
    assert draft["workload"] == {
        "namespace": "shop",
        "app": "orders",
        "metrics_port": stack.page.server_address[1],
    }
    metrics = {metric["name"]: metric for metric in draft["metrics"]}
    assert set(metrics) == {"orders_total", "packing_seconds"}
    assert metrics["packing_seconds"]["buckets"] == [0.5, 2]
    assert metrics["orders_total"]["help"] == "Orders, by how they ended."
    # The draft as it is does not build.
    shutil.copy(path, catalog / "services/orders.yaml")
    assert main(["--catalog", str(catalog), "--out", str(tmp_path / "out")]) == 2
    assert "'owner.team' is still to be filled in: which team is paged" in capsys.readouterr().err
    (catalog / "services/orders.yaml").unlink()
    words = ("--from", str(path), "--team", "sales", "--description", "Takes orders.", "--yes")
    bad = ("--bad", "orders_total:outcome=lost", "--availability", "99")
    generated = str(tmp_path / "out")
    given = ["new-service", "--catalog", str(catalog), "--generated", generated, "--offline"]
    assert main([*given, *words, *bad]) == 0, capsys.readouterr().err
    assert main(["--catalog", str(catalog), "--out", generated]) == 0
    service = load_catalog(catalog).service("orders")
    assert service.owner.team == "sales"
    assert service.by_role("log_lines") is not None


def test_what_the_catalog_knows_is_compared_and_left_alone(
    stack: Stack, catalog: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in catalog.rglob("*.yaml")}
    assert discover(stack, catalog, tmp_path / "drafts", "jaeger") == 0
    out = capsys.readouterr().out
    assert (
        "no loki was asked (LOKI_URL is not set): nothing is known of log lines, their format, "
        "fields and volume" in out
    )
    assert "sigmavault" not in {path.stem for path in (tmp_path / "drafts").iterdir()}
    assert before == {path: path.read_bytes() for path in catalog.rglob("*.yaml")}


def test_loki_alone_is_enough_for_a_draft(stack: Stack, catalog: Path, tmp_path: Path) -> None:
    assert discover(stack, catalog, tmp_path / "drafts", "loki") == 0
    text = (tmp_path / "drafts/orders.yaml").read_text()
    assert "No prometheus was asked: nothing is known of metrics, ports and namespaces." in text
    assert yaml.safe_load(text)["workload"]["metrics_port"] == "TODO: the port of its metrics"
