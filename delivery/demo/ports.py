"""Ports of the loopback address that nobody listens on."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

HOST = "127.0.0.1"
#: Where the system takes the ports of outgoing connections from: none of ours may be among them,
#: or a server that starts late finds its own taken by another's connection.
_RANGE_FILE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST = 15_000
#: IANA's first dynamic port, for systems that do not tell theirs.
_DYNAMIC = 49_152
_TRIES = 200


def free_port() -> int:
    """A port that nobody listens on, over TCP or UDP."""
    return free_ports(("one",))["one"]


def free_ports(names: Iterable[str], before: Mapping[str, int] | None = None) -> dict[str, int]:
    """A free port for each name, no two the same.

    Those that a name had ``before`` are kept where they are free: series and bookmarks of an
    earlier run then go on.
    """
    chosen: dict[str, int] = {}
    for name in names:
        earlier = (before or {}).get(name)
        if earlier and earlier not in chosen.values() and is_free(earlier):
            chosen[name] = earlier
        else:
            chosen[name] = _any(taken=set(chosen.values()))
    return chosen


def _any(taken: set[int]) -> int:
    highest = _highest()
    for _ in range(_TRIES):
        port = random.randrange(_LOWEST, highest)  # noqa: S311 - no secret
        if port not in taken and is_free(port):
            return port
    raise RuntimeError(f"no free port among {_TRIES} tried between {_LOWEST} and {highest}")


def _highest() -> int:
    with suppress(OSError, ValueError, IndexError):
        first = int(_RANGE_FILE.read_text(encoding="ascii").split()[0])
        if first > _LOWEST + 1_000:
            return first
    return _DYNAMIC


def is_free(port: int) -> bool:
    """Whether it can be listened on."""
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:
                # As servers do: what a stopped one has left behind is in nobody's way.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                return False
    return True
