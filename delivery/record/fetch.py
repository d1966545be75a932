"""Fetches a metrics page as Prometheus would, from a server that may be slow, huge or not ours.

The address may carry a password, and the server may send us elsewhere. Neither credentials nor
a query reach a message, and what is not the same server gets no request at all.
"""

from __future__ import annotations

import time
from contextlib import closing
from http.client import responses
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

from catalog.errors import Problem, ServerError, UsageError
from delivery.net import PORTS, authority, reason, same_server, shown

#: Some 300,000 series; what is larger would fill the memory before it is read.
SIZE_LIMIT = 64 * 2**20

#: The text format first: in OpenMetrics, Go's library calls a counter without ``_total`` unknown.
#: No characters in names that need quotes, as Prometheus asks for where it is set up so.
_ACCEPT = ", ".join(
    (
        "text/plain;version=1.0.0;escaping=underscores",
        "text/plain;version=0.0.4;q=0.9",
        "application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.5",
        "*/*;q=0.1",
    )
)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REDIRECT_LIMIT = 5
_CHUNK = 2**16
_PAGE = "Name the address of a metrics page, mostly http://<host>:<port>/metrics"
_REMEDIES = {
    401: "Put user and password for that host into ~/.netrc",
    403: "Put user and password for that host into ~/.netrc",
    404: _PAGE,
}


def fetch(url: str, timeout: float) -> tuple[str, str]:
    """The page's text, and the address it came from as a message may show it.

    An address without a path is that of a server, whose page is ``/metrics``.

    :raises UsageError: the address is none.
    :raises ServerError: it cannot be reached, or refuses us, or does not end.
    """
    parts = _checked(url)
    path = parts.path if parts.path.strip("/") else "/metrics"
    target = parts._replace(netloc=authority(parts), path=path, fragment="").geturl()
    deadline = time.monotonic() + timeout
    with requests.Session() as session:
        if parts.username or parts.password:
            session.auth = (unquote(parts.username or ""), unquote(parts.password or ""))
        for _ in range(_REDIRECT_LIMIT):
            try:
                with closing(_get(session, target, deadline - time.monotonic())) as response:
                    if response.status_code in _REDIRECTS:
                        target = _followed(target, response.headers.get("Location", ""))
                        continue
                    return _text(response, target, deadline), shown(target)
            except (requests.Timeout, ReadTimeoutError, TimeoutError):
                fault = f"did not answer within {timeout:g} s"
                raise _failed(target, fault, "Try again with a longer --timeout") from None
            except (requests.RequestException, HTTPError, OSError) as error:
                fault = f"cannot be reached: {reason(error)}"
                raise _failed(target, fault, "Start the server, or correct the address") from None
            except ValueError:  # Of the library too, which looks ahead.
                raise _failed(target, "sends us to what is no address", _PAGE) from None
    raise _failed(target, "sends us from address to address", _PAGE)


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        authority(parts)
    except ValueError:
        parts = SplitResult("", "", "", "", "")
    if parts.scheme not in PORTS or not parts.hostname:
        # Not quoted: what is no address may still hold a password.
        raise UsageError(Problem("URL", "it is no http or https address", _PAGE))
    return parts


def _get(session: requests.Session, target: str, timeout: float) -> requests.Response:
    if timeout <= 0:
        raise TimeoutError
    headers = {"Accept": _ACCEPT}
    return session.get(target, headers=headers, timeout=timeout, stream=True, allow_redirects=False)


def _followed(target: str, location: str) -> str:
    """Where the same server sends us, be it to its encrypted port."""
    old, new = urlsplit(target), urlsplit(urljoin(target, location))
    if same_server(old, new):
        return new._replace(netloc=authority(new), fragment="").geturl()
    fault = f"sends us to another server, {shown(new.geturl())}"
    raise _failed(target, fault, "Record that address itself, if you trust it")


def _text(response: requests.Response, target: str, deadline: float) -> str:
    status = response.status_code
    if status != requests.codes.ok:
        fault = f"answers {status} {responses.get(status, '')}".rstrip()
        raise _failed(target, fault, _REMEDIES.get(status, "Wait until the server is ready"))
    data = bytearray()
    # As it arrives: a server that sends a byte now and then would hold a larger read for ever.
    while chunk := response.raw.read1(_CHUNK, decode_content=True):
        data += chunk
        if len(data) > SIZE_LIMIT:
            fault = f"the page is larger than {SIZE_LIMIT // 2**20} MiB"
            raise _failed(target, fault, "Let the server show fewer series, and record it again")
        if time.monotonic() > deadline:
            raise TimeoutError
    return data.decode("utf-8", "replace")


def _failed(target: str, fault: str, remedy: str) -> ServerError:
    return ServerError(Problem(shown(target), fault, remedy))
