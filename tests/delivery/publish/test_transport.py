"""How a server is spoken to: patience, limits, certificates, redirects, and where a token goes."""

from __future__ import annotations

import gzip
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from catalog.errors import ServerError
from delivery.publish import transport
from delivery.publish.kinds.datasources import Datasources
from delivery.publish.shipped import Shipped
from delivery.publish.transport import Access, OutcomeUnknownError, Transport, path

TOKEN = "canary-7f3a"  # noqa: S105 - it opens nothing
Answer = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """Answers as it is told, and keeps what it was asked."""

    def __init__(self, answer: Answer, context: ssl.SSLContext | None = None) -> None:
        self.answer = answer
        self.asked: list[tuple[str, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def handle_any(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.asked.append((f"{self.command} {self.path}", dict(self.headers)))
                outer.answer(self)

            do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, *_: object) -> None:
                """Whoever asked goes away in the middle, on purpose."""

        self._server = Quiet(("127.0.0.1", 0), Handler)
        if context is not None:
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        scheme = "https" if context else "http"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_address[1]}"
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def says(
    status: int = 200, body: bytes = b"{}", kind: str = "application/json", **headers: str
) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def in_turn(*answers: Answer) -> Answer:
    """Each once, and the last one for ever."""
    waiting = list(answers)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        (waiting.pop(0) if len(waiting) > 1 else waiting[0])(handler)

    return answer


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    made: list[Server] = []

    def start(answer: Answer, context: ssl.SSLContext | None = None) -> Server:
        made.append(Server(answer, context))
        return made[-1]

    yield start
    for server in made:
        server.stop()


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def to(slept: list[float]) -> Iterator[Callable[..., Transport]]:
    made: list[Transport] = []

    def connect(url: str, **more: object) -> Transport:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        access = Access(url, headers, **more)  # type: ignore[arg-type]
        made.append(Transport(access, sleep=slept.append, jitter=lambda: 1.0))
        return made[-1]

    yield connect
    for each in made:
        each.close()


def test_a_busy_server_is_asked_again_each_time_later(
    serve: Callable[..., Server], to: Callable[..., Transport], slept: list[float]
) -> None:
    server = serve(in_turn(says(503), says(502), says(504), says(429), says(body=b'{"a": 1}')))
    assert to(server.url).read("/x").body == {"a": 1}
    assert slept == [0.5, 1.0, 2.0, 4.0]


def test_a_server_that_stays_busy_is_given_up(
    serve: Callable[..., Server], to: Callable[..., Transport], slept: list[float]
) -> None:
    server = serve(says(503))
    with pytest.raises(ServerError) as raised:
        to(server.url).read("/x")
    assert str(raised.value) == (
        f"{server.url}: still answers 503 after 6 tries. Wait until it is ready."
    )
    assert slept == [0.5, 1.0, 2.0, 4.0, 8.0]


@pytest.mark.parametrize(
    ("told", "least", "most"),
    [
        ("7", 7, 7),
        ("0", 0, 0),
        ("86400", 120, 120),
        ("in a while", 0.5, 0.5),
        ("nan", 0.5, 0.5),
        ("-3", 0.5, 0.5),
        ("future", 20, 30),
        ("past", 0, 0),
    ],
)
def test_a_server_may_say_how_long_it_wants_to_be_left_alone(
    serve: Callable[..., Server],
    to: Callable[..., Transport],
    slept: list[float],
    told: str,
    least: float,
    most: float,
) -> None:
    dates = {"future": time.time() + 30, "past": time.time() - 30}
    told = formatdate(dates[told], usegmt=True) if told in dates else told
    for method in ("GET", "POST"):
        server = serve(in_turn(says(429, Retry_After=told), says()))
        asked = to(server.url)
        answer = asked.read("/x") if method == "GET" else asked.write("POST", "/x", {})
        assert answer.status == 200
        assert len(server.asked) == 2
        assert least <= slept.pop() <= most


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_write_that_broke_is_not_sent_again_unseen(
    serve: Callable[..., Server], to: Callable[..., Transport], slept: list[float], status: int
) -> None:
    server = serve(says(status, b'{"message": "locked"}'))
    with pytest.raises(OutcomeUnknownError, match=f"^{status}: locked$"):
        to(server.url).write("POST", "/x", {})
    assert len(server.asked) == 1
    assert slept == [2.0]


def test_nobody_who_listens_is_waited_for_and_named(
    to: Callable[..., Transport], slept: list[float]
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    for ask in (lambda: to(url).read("/x"), lambda: to(url).write("PUT", "/x", {})):
        with pytest.raises(ServerError) as raised:
            ask()
        assert str(raised.value) == (
            f"{url}: cannot be reached: Connection refused. "
            "Start the server, or correct the address."
        )
    assert len(slept) == 10


def test_another_host_is_not_followed_and_gets_no_token(
    serve: Callable[..., Server], to: Callable[..., Transport]
) -> None:
    other = serve(says())
    server = serve(says(302, Location=f"{other.url}/login?secret=1"))
    for ask in (
        lambda: to(server.url).read("/x"),
        lambda: to(server.url).write("POST", "/x", {}),
    ):
        with pytest.raises(ServerError) as raised:
            ask()
        assert str(raised.value) == (
            f"{server.url}: sends us to {other.url}/login. Name that address, if you trust it."
        )
    assert other.asked == []


def test_a_read_is_followed_on_the_same_server_and_not_for_ever(
    serve: Callable[..., Server], to: Callable[..., Transport]
) -> None:
    server = serve(in_turn(says(301, Location="/y"), says(body=b"[1]")))
    assert to(server.url).read("/x").body == [1]
    server = serve(says(302, Location="/x"))
    with pytest.raises(ServerError) as raised:
        to(server.url).read("/x")
    assert str(raised.value) == (
        f"{server.url}: sends us from address to address. Correct the address."
    )


def test_an_answer_may_not_be_endless(
    serve: Callable[..., Server], to: Callable[..., Transport], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "SIZE_LIMIT", 2**20)
    # One MiB and a bit of zeros is a kilobyte on the way.
    bomb = gzip.compress(bytes(2**20 + 1))
    server = serve(says(body=bomb, Content_Encoding="gzip"))
    with pytest.raises(ServerError) as raised:
        to(server.url).read("/x")
    assert str(raised.value) == (
        f"{server.url}: answers with more than 1 MiB. Is it the server you meant?"
    )
    assert len(server.asked) == 1


def test_an_answer_may_not_drip_for_ever(
    serve: Callable[..., Server], to: Callable[..., Transport], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_LONGEST_ANSWER", 0.2)

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        pause = threading.Event()
        for _ in range(100):
            handler.wfile.write(b" ")
            pause.wait(0.02)

    server = serve(drip)
    with pytest.raises(ServerError) as raised:
        to(server.url).read("/x")
    assert str(raised.value) == (
        f"{server.url}: has not answered in full after 0.2 s. Is it the server you meant?"
    )
    with pytest.raises(OutcomeUnknownError, match="has not answered in full"):
        to(server.url).write("POST", "/x", {})


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (says(body=b"<html>Log in</html>", kind="text/html"), "something else than a list"),
        (says(body=b'{"a": '), "something else than a list"),
        (says(body=b'{"a": 1}'), "something else than a list"),
        (says(body=b"[" * 100_000), "something else than a list"),
        (says(500, b'{"message": "broken"}'), "answers 500: broken"),
    ],
)
def test_an_answer_that_is_none_is_one_clear_line(
    serve: Callable[..., Server], to: Callable[..., Transport], answer: Answer, fault: str
) -> None:
    server = serve(answer)
    kind = Datasources(to(server.url), Shipped(Path(), ()), "x", "")
    with pytest.raises(ServerError) as raised:
        kind.wanted()
    told = str(raised.value)
    assert told.startswith(f"{server.url}/api/datasources: ")
    assert fault in told
    assert "\n" not in told


def test_neither_netrc_nor_cookies_nor_a_proxy_change_what_is_sent(
    serve: Callable[..., Server],
    to: Callable[..., Transport],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login bob password netrc-secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    proxy = serve(says())
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    server = serve(says(Set_Cookie="session=of-the-server; Path=/"))
    asked = to(server.url)
    asked.read("/x")
    asked.write("POST", "/x", {})
    assert proxy.asked == []
    assert len(server.asked) == 2
    for _, headers in server.asked:
        assert headers["Authorization"] == f"Bearer {TOKEN}"
        assert "Cookie" not in headers


def test_no_name_leads_to_another_address(
    serve: Callable[..., Server], to: Callable[..., Transport]
) -> None:
    server = serve(says())
    odd = "../../admin?a=1#b c%2F&Σ"
    to(server.url).read(path("api", "x", odd))
    assert server.asked[0][0] == ("GET /api/x/..%2F..%2Fadmin%3Fa%3D1%23b%20c%252F%26%CE%A3")
    for segment in ("..", ".", ""):
        with pytest.raises(ServerError) as raised:
            path("api", "x", segment)
        assert str(raised.value) == (
            f"the server: an object there is called '{segment}', and no address leads to it. "
            "Give it another uid."
        )


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority, a server's and a client's certificate of it, and an authority of nobody."""
    import shutil

    if shutil.which("openssl") is None:
        pytest.skip("openssl is not on the PATH")
    folder = tmp_path_factory.mktemp("certificates")

    def run(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    for name in ("ca", "nobody"):
        run("req", "-x509", *new, "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "2",
            "-subj", f"/CN=Test {name}")  # fmt: skip
    (folder / "server.ext").write_text("subjectAltName=IP:127.0.0.1\n")
    (folder / "client.ext").write_text("extendedKeyUsage=clientAuth\n")
    for name in ("server", "client"):
        run("req", *new, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        run("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-out", f"{name}.pem", "-days", "2", "-extfile",
            f"{name}.ext")  # fmt: skip
    return folder


@pytest.fixture
def secured(certificates: Path, serve: Callable[..., Server]) -> Callable[[bool], Server]:
    def start(mutual: bool) -> Server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates / "server.pem", certificates / "server.key")
        if mutual:
            context.load_verify_locations(certificates / "ca.pem")
            context.verify_mode = ssl.CERT_REQUIRED
        return serve(says(body=b"[1]"), context)

    return start


def test_a_certificate_of_our_own_authority_is_trusted(
    secured: Callable[[bool], Server],
    to: Callable[..., Transport],
    certificates: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # What an environment says of all its programs does not go over what we were told.
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificates / "nobody.pem"))
    server = secured(mutual=False)
    assert to(server.url, verify=str(certificates / "ca.pem")).read("/x").body == [1]


@pytest.mark.parametrize("authority", [None, "nobody.pem"])
def test_any_other_certificate_is_refused_at_once(
    secured: Callable[[bool], Server],
    to: Callable[..., Transport],
    certificates: Path,
    slept: list[float],
    authority: str | None,
) -> None:
    server = secured(mutual=False)
    verify = str(certificates / authority) if authority else True
    for ask in (
        lambda: to(server.url, verify=verify).read("/x"),
        lambda: to(server.url, verify=verify).write("POST", "/x", {}),
    ):
        with pytest.raises(ServerError) as raised:
            ask()
        assert str(raised.value) == (
            f"{server.url}: cannot be reached: its certificate is not valid: "
            "unable to get local issuer certificate. "
            "Correct the address, or name its authority with --ca-file."
        )
    assert slept == []
    assert server.asked == []


def test_a_server_may_want_to_know_who_we_are(
    secured: Callable[[bool], Server], to: Callable[..., Transport], certificates: Path
) -> None:
    server = secured(mutual=True)
    verify = str(certificates / "ca.pem")
    ours = (str(certificates / "client.pem"), str(certificates / "client.key"))
    assert to(server.url, verify=verify, certificate=ours).read("/x").body == [1]
    with pytest.raises(ServerError) as raised:
        to(server.url, verify=verify).read("/x")
    assert str(raised.value).startswith(f"{server.url}: cannot be reached: ")
    assert len(server.asked) == 1
