"""What every part that speaks HTTP agrees on: how an address is shown, and why it failed.

An address may carry a password, and an exception of the libraries the whole address with it:
neither reaches a message.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

PORTS = {"http": 80, "https": 443}


def shown(url: str) -> str:
    """The address as a message may show it: without user, password and query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{authority(parts)}{parts.path}"


def authority(parts: SplitResult) -> str:
    """Host and port, as an address spells them; raises ValueError for a port that is none."""
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{parts.port}" if parts.port is not None else host


def port(parts: SplitResult) -> int | None:
    """The port that is spoken to, spelled out or not."""
    return parts.port or PORTS.get(parts.scheme)


def is_loopback(host: str) -> bool:
    """Whether what is sent there stays on this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def same_server(old: SplitResult, new: SplitResult) -> bool:
    """Whether a redirect stays on the server, be it on its encrypted port."""
    same = (new.scheme, new.hostname, port(new)) == (old.scheme, old.hostname, port(old))
    safer = (old.scheme, port(old), new.scheme, port(new)) == ("http", 80, "https", 443)
    return same or (safer and new.hostname == old.hostname)


def reason(error: BaseException) -> str:
    """The system's words for what went wrong; the libraries' hold the whole address."""
    for cause in causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not valid: {cause.verify_message}"
        if isinstance(cause, OSError) and isinstance(cause.strerror, str):
            return cause.strerror
    return "it is no address" if isinstance(error, ValueError) else "the connection broke off"


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that it was raised from, each once."""
    waiting, seen = [error], set[int]()
    while waiting:
        cause = waiting.pop()
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        further = (*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__)
        waiting += [each for each in further if isinstance(each, BaseException)]
