"""A server whose pages look to a browser like Grafana's, in as far as pictures go by it.

The elements are those of Grafana 11.0 with and without scenes, as a real one has drawn them.
"""

from __future__ import annotations

import json
import threading
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]

_STYLE = """
body { margin: 0; font: 14px sans-serif; } section { position: relative; overflow: hidden; }
h6 { margin: 0; width: 160px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
"""


class FakeGrafana:
    """``boards`` are its dashboards, ``content`` a panel's inside by its id (HTML)."""

    def __init__(self, token: str = "") -> None:
        self.token = token
        self.boards: dict[str, Json] = {}
        self.content: dict[int, str] = {}
        self.scenes = False
        #: What a page's script does besides.
        self.script = ""
        self.asked: list[tuple[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append((self.path, self.headers.get("Authorization", "")))
                status, kind, body = outer.answer(self)
                data = body.encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, request: BaseHTTPRequestHandler) -> tuple[int, str, str]:
        parts = urlsplit(request.path)
        if self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            return 401, "application/json", '{"message": "Unauthorized"}'
        if parts.path == "/api/health":
            return 200, "application/json", '{"database": "ok"}'
        words = parts.path.strip("/").split("/")
        board = self.boards.get(words[-1])
        if parts.path.startswith("/api/dashboards/uid/"):
            if board is None:
                return 404, "application/json", '{"message": "Dashboard not found"}'
            return 200, "application/json", json.dumps({"dashboard": board, "meta": {}})
        if parts.path.startswith("/d/") and board is not None:
            return 200, "text/html", self._page(board, parse_qs(parts.query))
        return 404, "text/plain", "nothing"

    def _page(self, board: Json, query: dict[str, list[str]]) -> str:
        dark = query.get("theme") == ["dark"]
        body = "".join(map(self._panel, board["panels"]))
        return (
            f"<!doctype html><style>{_STYLE}body {{ background: {'#111' if dark else '#fff'}; "
            f"color: {'#eee' if dark else '#111'} }}</style><body>{body}"
            f"<script>{self.script}</script>"
        )

    def _panel(self, panel: Json) -> str:
        if panel["type"] == "row":
            inside = "".join(map(self._panel, panel.get("panels") or ()))
            # Drawn when somebody opens the row, as Grafana does.
            return (
                '<div class="dashboard-row--collapsed"><button class="dashboard-row__title" '
                "onclick=\"this.parentElement.className='';"
                'this.parentElement.append(this.nextElementSibling.content.cloneNode(true))">'
                f"{escape(panel['title'])}</button><template>{inside}</template></div>"
            )
        name = f'data-viz-panel-key="panel-{panel["id"]}-clone-1"'
        if not self.scenes:
            name = f'data-panelid="{panel["id"]}"'
        height = panel["gridPos"]["h"] * 38
        content = self.content.get(panel["id"], "<p>42</p>")
        # Nothing inside until it is on the screen, as Grafana does.
        return (
            f'<section {name} style="height:{height}px"><div data-testid="header-container">'
            f"<h6>{escape(panel['title'])}</h6></div><template>{content}</template>"
            "<script>(() => { const s = document.currentScript, p = s.parentElement;"
            " new IntersectionObserver((seen, o) => { if (seen[0].isIntersecting) {"
            " o.disconnect(); p.append(p.querySelector('template').content.cloneNode(true)); }"
            " }).observe(p); })()</script></section>"
        )
