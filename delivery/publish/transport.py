"""One HTTP server: asked with patience, written to with care.

Reading again does no harm, so reads are tried again after a busy or broken answer. A write is
tried again only where it certainly was not carried out (429, or nobody listened). Where nobody
can know, :class:`OutcomeUnknownError` is raised, and whoever wrote looks before writing again.
"""

from __future__ import annotations

import json
import random
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Literal
from urllib.parse import quote, urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, NewConnectionError

from catalog.errors import Problem, ServerError
from delivery.net import causes, is_loopback, reason, same_server, shown

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

#: How many requests are on their way at once: as many as a browser's pages ask.
CONCURRENCY = 8
#: A list of 5,000 dashboards is some 4 MiB; a server that sends more than this is not ours.
SIZE_LIMIT = 64 * 2**20
#: Six tries wait some half a minute together, which a restart behind a load balancer takes.
TRIES = 6
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 15.0
#: However long a server asks us to wait, nobody waits for that.
_PATIENCE = 120.0
#: Seconds for one whole answer: a read's timeout alone never ends while a byte comes now and then.
_LONGEST_ANSWER = 120.0
_BUSY = frozenset({429, 502, 503, 504})
#: The write was refused before anything was done about it.
_NOT_DONE = frozenset({429})
#: It broke on the way. 500 is also what Grafana says when its SQLite is locked by another write.
_UNCLEAR = frozenset({500, 502, 503, 504})
#: The pause before a look is as long as before the third try of a read.
_BEFORE_LOOKING = 2
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REDIRECT_LIMIT = 5
_CHUNK = 2**16


class OutcomeUnknownError(Exception):
    """A write may or may not have been carried out; ``str()`` says what broke."""


class AcceptedError(OutcomeUnknownError):
    """The server has taken a write, and does not say that it has carried it out (202)."""


class UnreachableError(ServerError):
    """Nobody answers, or nobody knows our token: every further question ends like this one."""


class ForbiddenError(ServerError):
    """The token's account may not read it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said: the status, and the body as data where it is JSON, else as text."""

    status: int
    body: Any
    #: Whose answer it is, as a message names it.
    place: str = "the server"

    @property
    def ok(self) -> bool:
        """Whether it is 2xx."""
        return 200 <= self.status < 300

    @property
    def message(self) -> str:
        """The server's own words of what is wrong, on one line and not too long."""
        text = self.body
        if isinstance(text, dict):
            text = text.get("message") or text.get("error") or text.get("title") or text
        line = " ".join(str(text).split())
        return line if len(line) <= 300 else f"{line[:297]}..."

    def mapping(self, *keys: str) -> dict[str, Any]:
        """The object that a good answer is, with those keys in it.

        :raises ServerError: it is a refusal, or something else than that.
        """
        body = self._good()
        if not isinstance(body, dict) or any(key not in body for key in keys):
            raise self._odd("an object" + (f" with {' and '.join(keys)}" if keys else ""))
        return body

    def array(self) -> list[Any]:
        """The list that a good answer is; raises ServerError as :meth:`mapping` does."""
        body = self._good()
        if not isinstance(body, list):
            raise self._odd("a list")
        return body

    def missing(self) -> bool:
        """Whether there is no such object: 404 says so, and no other refusal does."""
        return self.status == 404

    def _good(self) -> Any:
        if not self.ok:
            fault = f"answers {self.status}: {self.message}"
            raise ServerError(Problem(self.place, fault, "Look into its log"))
        return self.body

    def _odd(self, wanted: str) -> ServerError:
        fault = f"answers with something else than {wanted}"
        return ServerError(Problem(self.place, fault, "Is it the server you meant?"))


@dataclass(frozen=True, slots=True)
class Access:
    """How a server is reached. Nothing of it is ever printed.

    ``headers`` carry the token; ``verify`` is True or the file of a certificate authority,
    ``certificate`` a client's certificate and key.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    verify: bool | str = True
    certificate: tuple[str, str] | None = field(default=None, repr=False)
    timeout: float = 30.0


def path(*segments: str) -> str:
    """``/api/folders/<uid>``: every segment quoted, so that no name leads elsewhere.

    :raises ServerError: a segment that no quoting keeps in its place.
    """
    for segment in segments:
        if segment in {"", ".", ".."}:
            fault = f"an object there is called '{segment}', and no address leads to it"
            raise ServerError(Problem("the server", fault, "Give it another uid"))
    return "".join(f"/{quote(segment, safe='')}" for segment in segments)


class Transport:
    """A session with one server. ``sleep`` and ``jitter`` are handed in by tests."""

    def __init__(
        self,
        access: Access,
        *,
        sleep: Callable[[float], None] | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._access, self._sleep, self._jitter = access, sleep or time.sleep, jitter
        self._session = requests.Session()
        self._session.headers.update(access.headers)
        self._session.cert = access.certificate
        # ~/.netrc would replace our token, and a cookie would outlive the request it came with.
        self._session.auth = _unchanged
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # A proxy would be sent the token in plain text on the way to this machine itself.
        local = is_loopback(urlsplit(access.url).hostname or "")
        self._proxies = {"http": "", "https": ""} if local else None
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=CONCURRENCY)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    @property
    def place(self) -> str:
        """The server, as a message may name it."""
        return shown(self._access.url).rstrip("/")

    def close(self) -> None:
        """End the session."""
        self._session.close()

    def read(
        self,
        where: str,
        query: Mapping[str, str | int] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """GET, again and again while the server is busy.

        :raises ServerError: it cannot be reached, stays busy, or does not let us read.
        """
        for attempt in range(TRIES):
            last = attempt == TRIES - 1
            try:
                answer, wait = self._send("GET", where, query=query, headers=headers)
            except _BROKEN as error:
                if last or _is_hopeless(error):
                    raise self._unreachable(error) from None
                self._pause(attempt, None)
                continue
            if answer.status in _BUSY and not last:
                self._pause(attempt, wait)
                continue
            return self._readable(where, answer)
        raise AssertionError("the last try returns or raises")

    def ask(self, where: str, body: object, *, headers: Mapping[str, str] | None = None) -> Answer:
        """POST that changes nothing, sent once: whoever times a question must not wait in it.

        :raises ServerError: it cannot be reached, or does not let us read.
        """
        sent = {**(headers or {}), "Content-Type": "application/json"}
        try:
            answer, _ = self._send("POST", where, data=json.dumps(body), headers=sent)
        except _BROKEN as error:
            raise self._unreachable(error) from None
        return answer if answer.status in _BUSY else self._readable(where, answer)

    def glance(
        self,
        where: str,
        query: Mapping[str, str | int] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """GET, sent once, as :meth:`ask`."""
        try:
            answer, _ = self._send("GET", where, query=query, headers=headers)
        except _BROKEN as error:
            raise self._unreachable(error) from None
        return answer if answer.status in _BUSY else self._readable(where, answer)

    def write(
        self,
        method: Method,
        where: str,
        body: object = None,
        *,
        query: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        content_type: str = "application/json",
    ) -> Answer:
        """One write; the answer, whatever it is, is the caller's to judge.

        :raises OutcomeUnknownError: whether it was carried out cannot be known.
        :raises ServerError: nobody listens, or nobody has for a while.
        """
        data = body if isinstance(body, str) or body is None else json.dumps(body)
        sent = {**(headers or {}), **({"Content-Type": content_type} if data is not None else {})}
        for attempt in range(TRIES):
            last = attempt == TRIES - 1
            try:
                answer, wait = self._send(method, where, query=query, data=data, headers=sent)
            except _BROKEN as error:
                if not _was_never_sent(error):
                    raise OutcomeUnknownError(_told(error)) from None
                if last or _is_hopeless(error):
                    raise self._unreachable(error) from None
                self._pause(attempt, None)
                continue
            if answer.status in _NOT_DONE and not last:
                self._pause(attempt, wait)
                continue
            if answer.status in _UNCLEAR:
                # Whoever looks then does not look at a server that is still going down.
                self._pause(_BEFORE_LOOKING, wait)
                raise OutcomeUnknownError(f"{answer.status}: {answer.message}")
            return answer
        raise AssertionError("the last try returns or raises")

    def _send(
        self,
        method: Method,
        where: str,
        *,
        query: Mapping[str, str | int] | None = None,
        data: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[Answer, float | None]:
        target = self._access.url.rstrip("/") + where
        for _ in range(_REDIRECT_LIMIT):
            with closing(
                self._session.request(
                    method,
                    target,
                    params=dict(query or {}),
                    data=data.encode() if data is not None else None,
                    headers=dict(headers or {}),
                    timeout=self._access.timeout,
                    # Said with each request: a variable of the environment goes over the session.
                    verify=self._access.verify,
                    proxies=self._proxies,
                    allow_redirects=False,
                    stream=True,
                )
            ) as response:
                if response.status_code in _REDIRECTS:
                    target = self._followed(method, target, response.headers.get("Location", ""))
                    query = None
                    continue
                body, place = _body(response), f"{self.place}{where}"
                return Answer(response.status_code, body, place), _asked_to_wait(response)
        raise ServerError(
            Problem(self.place, "sends us from address to address", "Correct the address")
        )

    def _followed(self, method: Method, target: str, location: str) -> str:
        """Where the same server sends a reader; a writer is told instead, and so is a token."""
        new = urljoin(target, location)
        if method == "GET" and same_server(urlsplit(target), urlsplit(new)):
            return new
        raise ServerError(
            Problem(self.place, f"sends us to {shown(new)}", "Name that address, if you trust it")
        )

    def _readable(self, where: str, answer: Answer) -> Answer:
        if answer.status == 401:
            raise UnreachableError(
                Problem(self.place, "does not know our token (401)", "Give a valid one")
            )
        if answer.status == 403:
            raise ForbiddenError(
                Problem(
                    self.place,
                    f"does not let us read {where} (403): {answer.message}",
                    "Give the token's account the permissions of docs/publishing.md",
                )
            )
        if answer.status in _BUSY:
            fault = f"still answers {answer.status} after {TRIES} tries"
            raise ServerError(Problem(self.place, fault, "Wait until it is ready"))
        return answer

    def _pause(self, attempt: int, asked: float | None) -> None:
        longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2**attempt)
        # Half of it by chance: publishers that were turned away together come back apart.
        self._sleep(asked if asked is not None else longest * (0.5 + 0.5 * self._jitter()))

    def _unreachable(self, error: Exception) -> UnreachableError:
        if isinstance(error, _EndlessError):
            return UnreachableError(
                Problem(self.place, _told(error), "Is it the server you meant?")
            )
        remedy = "Start the server, or correct the address"
        if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes(error)):
            remedy = "Correct the address, or name its authority with --ca-file"
        return UnreachableError(Problem(self.place, f"cannot be reached: {reason(error)}", remedy))


class _EndlessError(Exception):
    """More than any answer of theirs, or slower; ``str()`` says which."""


#: All that a request can break with.
_BROKEN = (requests.RequestException, HTTPError, OSError, _EndlessError)


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, _EndlessError) else reason(error)


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _body(response: requests.Response) -> Any:
    data, until = bytearray(), time.monotonic() + _LONGEST_ANSWER
    # read1 returns what has come; read would wait for a whole chunk, however slowly it comes.
    while chunk := response.raw.read1(_CHUNK, decode_content=True):
        data += chunk
        if len(data) > SIZE_LIMIT:
            raise _EndlessError(f"answers with more than {SIZE_LIMIT // 2**20} MiB")
        if time.monotonic() > until:
            raise _EndlessError(f"has not answered in full after {_LONGEST_ANSWER:g} s")
    text = data.decode("utf-8", "replace")
    if "json" in response.headers.get("Content-Type", ""):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text


def _asked_to_wait(response: requests.Response) -> float | None:
    """Seconds of ``Retry-After``: a number, or a date."""
    told = response.headers.get("Retry-After")
    if not told:
        return None
    if told.strip().isdecimal():
        seconds = float(told)
    else:
        try:
            seconds = parsedate_to_datetime(told).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return min(max(seconds, 0.0), _PATIENCE)


def _was_never_sent(error: Exception) -> bool:
    """Whether the connection was not even made, so that nothing can have come of it."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    before = NewConnectionError | ssl.SSLCertVerificationError
    return any(isinstance(cause, before) for cause in causes(error))


def _is_hopeless(error: Exception) -> bool:
    """Whether another try must fail as well: a certificate does not become valid by waiting."""
    hopeless = requests.exceptions.SSLError | requests.exceptions.InvalidURL | _EndlessError
    return isinstance(error, hopeless)
