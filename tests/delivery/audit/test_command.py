"""The command against a Grafana that is not there, or is something else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from delivery.cli import main

_SERVERS = ("GRAFANA", "LOKI", "PROMETHEUS", "JAEGER", "ALERTMANAGER")


@pytest.fixture(autouse=True)
def no_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _SERVERS:
        monkeypatch.delenv(f"{name}_URL", raising=False)


def test_without_a_grafana_there_is_nothing_to_ask(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit"]) == 2
    assert capsys.readouterr().err == (
        "audit: nothing says where Grafana is. Set GRAFANA_URL, or add --grafana-url.\n"
    )


def test_a_report_that_cannot_be_written_is_told_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--report", "a.pdf"]) == 2
    assert "End it in .html, .json, .xml, .txt" in capsys.readouterr().err


class _Html(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b"<html>welcome</html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def html() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Html)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_is_no_grafana_is_told(html: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--grafana-url", html]) == 3
    assert capsys.readouterr().err == (
        f"{html}/api/health: answers with something else than an object. "
        "Is it the server you meant?\n"
    )
