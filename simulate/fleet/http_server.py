"""A server on the loopback address that can be closed as a process that dies closes it."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

HOST: Final = "127.0.0.1"
JSON_TYPE: Final = "application/json"
_POLL_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


class HungUpError(Exception):
    """There is no answer: the connection is closed, as when a process has died."""


Handle = Callable[[Request], Answer]


def as_json(value: Any, status: int = 200) -> Answer:
    """An answer that is a JSON document."""
    return Answer(status, json.dumps(value).encode(), JSON_TYPE)


class Server:
    """Listens from the start on, until it is closed."""

    def __init__(self, port: int, handle: Handle) -> None:
        self._open: set[socket.socket] = set()
        self._server = _Listener((HOST, port), _handler(handle, self._open))
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), daemon=True
        )
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Close the port and every connection."""
        self._server.shutdown()
        self._server.server_close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 512
    block_on_close = False


def _handler(handle: Handle, connections: set[socket.socket]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Keeps connections and answers in one packet."""

        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def setup(self) -> None:
            super().setup()
            connections.add(self.connection)

        def finish(self) -> None:
            connections.discard(self.connection)
            with contextlib.suppress(OSError, ValueError):
                super().finish()

        def handle(self) -> None:
            # Whoever asked may be gone by now.
            with contextlib.suppress(ConnectionError, TimeoutError, ValueError):
                super().handle()

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Request(self.command, self.path, headers, self.rfile.read(length))
            try:
                found = handle(asked)
            except HungUpError:
                self.close_connection = True
                return
            self.send_response_only(found.status)
            self.send_header("Content-Type", found.content_type)
            self.send_header("Content-Length", str(len(found.body)))
            self.end_headers()
            self.wfile.write(found.body)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815 - the names that the base class calls

        def log_message(self, format: str, *args: object) -> None:
            """A scrape every few seconds is no news."""

    return Handler
