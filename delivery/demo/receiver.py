"""Whoever Alertmanager tells: a chat, an automation, a watcher; all of it is kept to be asked for.

``GET /received`` answers everything that came, oldest first. The runbooks that messages link to are
here too.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from delivery.demo.ports import HOST

#: The page at a path, if there is one.
Pages = Callable[[str], str | None]

#: Messages; the oldest give way.
_KEPT = 2_000


@dataclass(frozen=True, slots=True)
class Received:
    """One message: when in seconds since 1970, at which path, and what it said."""

    at: float
    path: str
    body: object


class Receiver:
    """Listens from its construction until it is stopped."""

    def __init__(self, port: int, pages: Pages = lambda _: None) -> None:
        self._kept: deque[Received] = deque(maxlen=_KEPT)
        self._server = ThreadingHTTPServer((HOST, port), _handler(self._kept, pages))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def received(self) -> list[Received]:
        """Everything that came, oldest first."""
        return list(self._kept)

    def stop(self) -> None:
        """Close the port."""
        self._server.shutdown()
        self._thread.join(timeout=10)
        self._server.server_close()


def _handler(kept: deque[Received], pages: Pages) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Takes any message at any path."""

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                body = json.loads(text)
            except ValueError:
                body = text.decode(errors="replace")
            kept.append(Received(time.time(), self.path, body))
            # What a chat answers.
            self._answer(b"ok", "text/plain")

        def do_GET(self) -> None:
            if self.path == "/received":
                told = json.dumps([asdict(each) for each in list(kept)])
                self._answer(told.encode(), "application/json")
            elif self.path == "/ready":
                self._answer(b"ready", "text/plain")
            elif page := pages(urlsplit(self.path).path):
                self._answer(page.encode(), "text/html; charset=utf-8")
            else:
                self.send_error(404, "Ask for /received, or for a runbook: /runbooks/NAME")

        def _answer(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: what arrived is kept."""

    return Handler
