"""A dashboard by its uid, from a server that answers as Grafana does; and whose it is later."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest

from catalog.errors import UserError
from delivery.importing.source import from_server
from delivery.publish.kinds.shipped_dashboards import ShippedDashboards
from delivery.publish.transport import Access, Transport
from tests.delivery.importing.samples import dashboard, panel

HARBOUR = dashboard(panel(), id=7, version=3)
ANSWERS = {
    "/api/dashboards/uid/harbour": {"dashboard": HARBOUR, "meta": {"folderUid": "quay"}},
    "/api/datasources": [{"uid": "L1", "name": "Lines", "type": "loki"}],
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = ANSWERS.get(self.path)
        data = json.dumps({"message": "not found"} if found is None else found).encode()
        self.send_response(404 if found is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def server() -> Iterator[Transport]:
    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=served.serve_forever, daemon=True).start()
    transport = Transport(Access(f"http://127.0.0.1:{served.server_port}"))
    try:
        yield transport
    finally:
        transport.close()
        served.shutdown()
        served.server_close()


def test_the_dashboard_comes_with_its_folder_and_the_names_of_datasources(
    server: Transport,
) -> None:
    found = from_server(server, "harbour")
    assert (found.dashboard, found.folder) == (HARBOUR, "quay")
    assert found.datasources == (("L1", "Lines", "loki"),)


def test_one_that_is_not_there_is_told(server: Transport) -> None:
    with pytest.raises(UserError) as error:
        from_server(server, "nowhere")
    assert str(error.value) == (
        f"{server.place}/d/nowhere: there is no such dashboard. Look up its uid again."
    )


def test_an_imported_dashboard_is_ours_by_its_tag_and_its_file() -> None:
    entries = [SimpleNamespace(uid="harbour", path="x", kind="dashboard")]
    shipped = SimpleNamespace(root=Path(), of_kind=lambda kind: entries)
    kind = ShippedDashboards(None, shipped, "sys")
    assert kind.is_ours("harbour", ["sys"])
    assert not kind.is_ours("harbour", [])
    assert not kind.is_ours("elsewhere", ["sys"])
    assert kind.is_ours("sys-elsewhere", ["sys"])
