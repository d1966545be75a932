"""Memcached for Loki, and the exporter that tells of it."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress

from delivery.demo.machine import Machine
from delivery.demo.ports import HOST
from delivery.demo.servers import Server

#: As its manifest gives it: a chunk of Loki's has up to 1.5 MB, more than Memcached's own 1 MB.
_ITEM = "5m"
_MEGABYTES = "256"
#: A port that is closed, or one that somebody else answers at.
_TIMEOUT_SECONDS = 5


def command(server: Server, machine: Machine) -> list[str]:
    """On the loopback address, over TCP alone."""
    port = str(machine.ports["memcached"])
    words = [server.path, "-l", HOST, "-p", port, "-U", "0", "-m", _MEGABYTES, "-I", _ITEM]
    # It refuses to run as root.
    return [*words, "-u", "nobody"] if os.geteuid() == 0 else words


def exporter_command(server: Server, machine: Machine) -> list[str]:
    """Beside the cache, as in its pod."""
    return [
        server.path,
        f"--memcached.address={machine.address('memcached')}",
        f"--web.listen-address={machine.address('memcached_exporter')}",
    ]


def stats(address: str) -> Mapping[str, int]:
    """What Memcached says of itself; empty while nobody answers."""
    host, _, port = address.partition(":")
    told = b""
    with (
        suppress(OSError),
        socket.create_connection((host, int(port)), timeout=_TIMEOUT_SECONDS) as line,
    ):
        line.sendall(b"stats\r\n")
        while not told.endswith(b"END\r\n"):
            more = line.recv(65_536)
            if not more:
                return {}
            told += more
    words = (each.split() for each in told.decode().splitlines())
    return {each[1]: int(each[2]) for each in words if len(each) == 3 and each[2].isdigit()}
