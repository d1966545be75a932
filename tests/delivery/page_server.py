"""A metrics page on the loopback address, as well or badly behaved as a test needs it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


class PageServer:
    """``server.answer`` says what each request gets; ``server.requests`` are those so far."""

    def __init__(self) -> None:
        self.requests: list[BaseHTTPRequestHandler] = []
        self.answer: Answer = respond("")
        self.stopping = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests.append(self)
                outer.answer(self)

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def authority(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.authority}/metrics"

    def show(self, page: str) -> None:
        self.answer = respond(page)

    def stop(self) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def respond(page: str | bytes, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """The answer that is a whole page."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        body = page if isinstance(page, bytes) else page.encode()
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer
