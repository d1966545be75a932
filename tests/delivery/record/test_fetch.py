"""Servers that are slow, huge, elsewhere or not there, and what is said of them."""

from __future__ import annotations

import base64
import gzip
import socket
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from catalog.errors import ServerError, UsageError, UserError
from delivery.record import fetch as module
from delivery.record.fetch import fetch
from tests.delivery.page_server import PageServer, respond

MEND = "Name the address of a metrics page, mostly http://<host>:<port>/metrics."


def complaint(url: str, kind: type[UserError] = ServerError, timeout: float = 5) -> str:
    with pytest.raises(kind) as caught:
        fetch(url, timeout)
    return str(caught.value)


def test_a_page_and_where_it_came_from(server: PageServer) -> None:
    server.show("a 1\n")
    assert fetch(server.url, 5) == ("a 1\n", server.url)
    accepted = server.requests[0].headers["Accept"]
    assert accepted.startswith("text/plain;version=1.0.0;escaping=underscores, ")
    assert "application/openmetrics-text" in accepted


@pytest.mark.parametrize("path", ["", "/"])
def test_an_address_without_a_path_is_a_server_s(server: PageServer, path: str) -> None:
    fetch(f"http://{server.authority}{path}", 5)
    assert server.requests[0].path == "/metrics"


def test_another_path_and_a_query_are_kept(server: PageServer) -> None:
    fetch(f"http://{server.authority}/federate?match[]=up#top", 5)
    assert server.requests[0].path == "/federate?match%5B%5D=up"


def test_a_compressed_page(server: PageServer) -> None:
    server.answer = respond(gzip.compress(b"a 1\n"), headers={"Content-Encoding": "gzip"})
    assert fetch(server.url, 5)[0] == "a 1\n"


def test_a_page_in_chunks(server: PageServer) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.protocol_version = "HTTP/1.1"
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.send_header("Connection", "close")
        handler.end_headers()
        for part in ("a 1\n", "b 2\n", ""):
            handler.wfile.write(f"{len(part):x}\r\n{part}\r\n".encode())

    server.answer = answer
    assert fetch(server.url, 5)[0] == "a 1\nb 2\n"


def test_what_is_not_utf_8_is_replaced(server: PageServer) -> None:
    server.answer = respond(b'a{x="\xff"} 1\n')
    assert fetch(server.url, 5)[0] == 'a{x="\ufffd"} 1\n'


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:9090/metrics",
        "metrics",
        "ftp://127.0.0.1/metrics",
        "file:///etc/passwd",
        "http://",
        "http://:9090/metrics",
        "http://127.0.0.1:port/metrics",
        "http://127.0.0.1:99999/metrics",
        "http://[::1/metrics",
        "user:secret@127.0.0.1/metrics",
        "",
    ],
)
def test_what_is_no_address_is_not_quoted(url: str) -> None:
    assert complaint(url, UsageError) == f"URL: it is no http or https address. {MEND}"


def test_nobody_listens() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        authority = f"127.0.0.1:{probe.getsockname()[1]}"
    assert complaint(f"http://me:secret@{authority}?token=secret") == (
        f"http://{authority}/metrics: cannot be reached: Connection refused. "
        "Start the server, or correct the address."
    )


def test_there_is_no_such_host() -> None:
    message = complaint("http://nowhere.invalid/metrics")
    assert message.startswith("http://nowhere.invalid/metrics: cannot be reached: ")
    assert message.endswith(". Start the server, or correct the address.")


def test_the_answer_is_not_http(server: PageServer) -> None:
    server.answer = lambda handler: handler.wfile.write(b"\x00\x01 not http\r\n\r\n")
    assert complaint(server.url) == (
        f"{server.url}: cannot be reached: the connection broke off. "
        "Start the server, or correct the address."
    )


def test_the_answer_breaks_off(server: PageServer) -> None:
    server.answer = respond("a 1\n", headers={"Content-Length": "1000"})
    assert "the connection broke off" in complaint(server.url)


@pytest.mark.parametrize(
    ("status", "words", "remedy"),
    [
        (401, "Unauthorized", "Put user and password for that host into ~/.netrc."),
        (403, "Forbidden", "Put user and password for that host into ~/.netrc."),
        (404, "Not Found", MEND),
        (503, "Service Unavailable", "Wait until the server is ready."),
        (204, "No Content", "Wait until the server is ready."),
    ],
)
def test_the_server_refuses(server: PageServer, status: int, words: str, remedy: str) -> None:
    server.answer = respond("", status)
    assert complaint(f"{server.url}?token=secret") == (
        f"{server.url}: answers {status} {words}. {remedy}"
    )


@pytest.mark.parametrize("headers", [{}, {"Content-Encoding": "gzip"}])
def test_a_huge_page_is_not_read_to_its_end(
    server: PageServer, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    monkeypatch.setattr(module, "SIZE_LIMIT", 2**20)
    page = b"# x\n" * 2**20
    server.answer = respond(gzip.compress(page) if headers else page, headers=headers)
    assert complaint(server.url) == (
        f"{server.url}: the page is larger than 1 MiB. "
        "Let the server show fewer series, and record it again."
    )


def late(server: PageServer, seconds: str) -> str:
    return f"{server.url}: did not answer within {seconds} s. Try again with a longer --timeout."


def test_a_server_that_never_answers(server: PageServer) -> None:
    server.answer = lambda _: bool(server.stopping.wait(10))  # type: ignore[assignment]
    assert complaint(server.url, timeout=0.2) == late(server, "0.2")
    server.stopping.set()


def test_a_server_that_answers_a_byte_now_and_then(server: PageServer) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not server.stopping.wait(0.02):
            try:
                handler.wfile.write(b"#")
                handler.wfile.flush()
            except OSError:
                return

    server.answer = answer
    assert complaint(server.url, timeout=0.3) == late(server, "0.3")


def moved(location: str, page: str = "a 1\n") -> object:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.path == "/metrics":
            respond("", 302, {"Location": location})(handler)
        else:
            respond(page)(handler)

    return answer


@pytest.mark.parametrize("location", ["/new", "new", "http://{}/new"])
def test_it_moved_on_the_same_server(server: PageServer, location: str) -> None:
    server.answer = moved(location.format(server.authority))  # type: ignore[assignment]
    url = f"http://me:se%20cret@{server.authority}/metrics"
    assert fetch(url, 5) == ("a 1\n", f"http://{server.authority}/new")
    expected = "Basic " + base64.b64encode(b"me:se cret").decode()
    assert [request.headers["Authorization"] for request in server.requests] == [expected] * 2


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("http://localhost:{port}/new?x=secret", "http://localhost:{port}/new"),
        ("https://127.0.0.1:{port}/new", "https://127.0.0.1:{port}/new"),
        ("http://me:secret@127.0.0.1:1/new", "http://127.0.0.1:1/new"),
        ("//evil.example/new", "http://evil.example/new"),
        ("file:///etc/passwd", "file:///etc/passwd"),
    ],
)
def test_it_moved_to_another_server(server: PageServer, location: str, shown: str) -> None:
    port = server.authority.partition(":")[2]
    server.answer = moved(location.format(port=port))  # type: ignore[assignment]
    assert complaint(f"http://me:secret@{server.authority}/metrics") == (
        f"{server.url}: sends us to another server, {shown.format(port=port)}. "
        "Record that address itself, if you trust it."
    )
    assert len(server.requests) == 1


def test_the_encrypted_port_of_the_same_host_is_the_same_server() -> None:
    assert module._followed("http://h/metrics", "https://h/metrics") == "https://h/metrics"
    with pytest.raises(ServerError, match="sends us to another server, http://h/metrics"):
        module._followed("https://h/metrics", "http://h/metrics")


def test_it_moved_to_no_address(server: PageServer) -> None:
    server.answer = moved("http://[::1/x")  # type: ignore[assignment]
    assert complaint(server.url) == f"{server.url}: sends us to what is no address. {MEND}"


def test_it_moves_for_ever(server: PageServer) -> None:
    server.answer = respond("", 302, {"Location": "/metrics"})
    assert complaint(server.url) == f"{server.url}: sends us from address to address. {MEND}"
    assert len(server.requests) == 5


def test_credentials_of_the_user_s_own_file(
    server: PageServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    fetch(server.url, 5)
    assert server.requests[0].headers["Authorization"].startswith("Basic ")
