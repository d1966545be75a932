"""The command before servers that answer oddly or not at all; real ones are in the live tests."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from delivery.cli import main

ROOT = Path(__file__).resolve().parents[3]
Answers = dict[str, Any]


class Fake:
    """One server for all three: ``answers`` by path; what is not among them is 404."""

    def __init__(self) -> None:
        self.answers: Answers = {}
        self.asked: list[str] = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                fake.asked.append(self.path)
                parts = urlsplit(self.path)
                answer = fake.answers.get(parts.path)
                if callable(answer):
                    answer = answer(parse_qs(parts.query))
                status, body = answer if isinstance(answer, tuple) else (200, answer)
                data = b"no such page" if answer is None else json.dumps(body).encode()
                self.send_response(404 if answer is None else status)
                self.send_header("Content-Type", "application/json" if answer else "text/plain")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *arguments: object) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    for name in ("LOKI", "PROMETHEUS", "JAEGER"):
        for ending in ("URL", "TOKEN", "TOKEN_FILE"):
            monkeypatch.delenv(f"{name}_{ending}", raising=False)
    running = Fake()
    yield running
    running.server.shutdown()
    running.server.server_close()


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., int]:
    catalog = tmp_path / "catalog"
    shutil.copytree(ROOT / "tests/fixtures/minimal", catalog)

    def command(*words: str) -> int:
        return main(
            ["discover", "--catalog", str(catalog), "--out", str(tmp_path / "drafts"), *words]
        )

    return command


def loki(lines: list[str], **labels: str) -> Answers:
    """What Loki 2.9 answers of one service; it has no detected fields."""
    stream = {"namespace": "market", **labels}

    def query_range(asked: dict[str, list[str]]) -> Any:
        if asked["query"][0].startswith("sum"):
            return {"data": {"result": [{"values": [[1, "0.5"], [2, "3"]]}]}}
        values = [[str(number), line] for number, line in enumerate(lines)]
        return {"data": {"result": [{"stream": stream, "values": values}]}}

    api = "/loki/api/v1"
    label = next(iter(labels))
    return {
        f"{api}/labels": {"data": sorted(stream)},
        f"{api}/label/{label}/values": {"data": [labels[label]]},
        f"{api}/series": {"data": [stream]},
        f"{api}/query": {"data": {"result": [{"value": [1, "120"]}]}},
        f"{api}/query_range": query_range,
    }


LINE = json.dumps({"time": "2026-01-02T03:04:05Z", "severity": "error", "msg": "all is lost"})


def test_lines_alone_make_a_draft(fake: Fake, run: Callable[..., int], tmp_path: Path) -> None:
    fake.answers = loki([LINE] * 20, app="Till_Two")
    assert run("--loki-url", fake.url) == 0
    text = (tmp_path / "drafts/till-two.yaml").read_text()
    draft = yaml.safe_load(text)
    assert (draft["id"], draft["name"]) == ("till-two", "Till_Two")
    assert "# It has no label 'service' there yet, and was told by 'app'." in text
    assert "# The servers call it 'Till_Two': let them call it 'till-two'." in text
    assert "'level' is no label yet: the agent takes it from 'severity'." in text
    assert draft["stream_labels"]["level"] == ["error"]
    assert draft["logs"]["message"] == "msg"
    assert draft["volume"]["lines_per_minute"] == 2
    assert draft["owner"]["team"] == "TODO: which team is paged"
    assert "metrics" not in draft


@pytest.mark.parametrize("name", ["ΣΛ", "!!!", "'; drop\n# x: y", "a" * 90])
def test_a_name_that_is_no_id_is_asked_for(
    fake: Fake, run: Callable[..., int], tmp_path: Path, name: str
) -> None:
    fake.answers = loki([LINE], service=name)
    assert run("--loki-url", fake.url) == 0
    (path,) = (tmp_path / "drafts").iterdir()
    draft = yaml.safe_load(path.read_text())
    assert draft["name"] in {name, "TODO: its name"}
    assert set(draft) >= {"id", "owner", "workload", "logs"}
    assert path.stem == "unnamed-1" or path.stem == draft["id"]


def test_plain_lines_are_no_format(fake: Fake, run: Callable[..., int], tmp_path: Path) -> None:
    fake.answers = loki(["Listening on port 80"] * 5, service="proxy")
    assert run("--loki-url", fake.url) == 0
    logs = yaml.safe_load((tmp_path / "drafts/proxy.yaml").read_text())["logs"]
    assert logs["format"] == "TODO: json or logfmt; most lines seen are neither"
    assert logs["fields"] == "TODO: the fields of its lines"


def test_a_draft_that_is_there_is_kept(
    fake: Fake, run: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.answers = loki([LINE], service="proxy")
    path = tmp_path / "drafts/proxy.yaml"
    path.parent.mkdir()
    path.write_text("mine\n")
    assert run("--loki-url", fake.url) == 2
    assert capsys.readouterr().err == (
        f"{path}: the draft is there already, and what was filled in would be lost. "
        "Delete it, or name another --out.\n"
    )
    assert path.read_text() == "mine\n"


def test_a_known_service_is_compared(
    fake: Fake, run: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.answers = loki([json.dumps({"ts": "x", "message": "m", "colour": "red"})], service="shop")
    assert run("--loki-url", fake.url) == 0
    assert not (tmp_path / "drafts").exists()
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("shop: ")] == [
        "shop: the field 'colour' is seen and not declared",
        "shop: the stream label 'cluster' is declared and not seen",
        "shop: the stream label 'environment' is declared and not seen",
        "shop: the stream label 'level' is declared and not seen",
        "shop: the stream label 'pod' is declared and not seen",
    ]
    assert lines[-1] == "1 services seen, 0 drafts, 5 differences to the catalog"


def test_a_later_jaeger_is_asked_otherwise(
    fake: Fake, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    fake.answers = {
        "/api/v3/services": {"services": ["shop", "till", "stall"]},
        "/api/v3/operations": {"operations": [{"name": "GET /", "spanKind": "server"}]},
        "/api/dependencies": {"data": [{"parent": "shop", "child": "till", "callCount": 3}]},
    }
    assert run("--jaeger-url", fake.url, "--format", "json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["missing"] == ["loki", "prometheus"]
    assert found["differences"] == [
        {"name": "till", "service": "shop", "side": "seen and not declared", "signal": "calls"}
    ]
    assert [draft["id"] for draft in found["drafts"]] == ["stall"]


def test_a_server_that_is_not_there_ends_it(
    fake: Fake, run: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.answers = loki([LINE], service="proxy")
    assert run("--loki-url", fake.url, "--jaeger-url", "http://127.0.0.1:9") == 3
    error = capsys.readouterr().err
    assert error.startswith("http://127.0.0.1:9: cannot be reached: Connection refused.")
    assert not (tmp_path / "drafts").exists()


@pytest.mark.parametrize(
    ("answer", "status"),
    [((401, {"message": "who are you"}), 3), ((500, {"message": "broken"}), 3), ("text", 3)],
)
def test_a_server_that_refuses_us_or_is_another(
    fake: Fake, run: Callable[..., int], tmp_path: Path, answer: Any, status: int
) -> None:
    fake.answers = {"/loki/api/v1/labels": answer}
    assert run("--loki-url", fake.url) == status
    assert not (tmp_path / "drafts").exists()


def test_nothing_to_ask(
    fake: Fake, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run() == 2
    assert capsys.readouterr().err == (
        "discover: nothing says where a server is. "
        "Set LOKI_URL, PROMETHEUS_URL or JAEGER_URL, or add --loki-url and its like.\n"
    )


def test_a_stretch_that_is_none(
    fake: Fake, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--loki-url", fake.url, "--since", "yesterday") == 2
    assert capsys.readouterr().err == (
        "--since: is 'yesterday', not a duration. "
        "Write a whole number and one of s, m, h, d, w, y, as in 30d.\n"
    )
