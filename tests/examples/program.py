"""An example that runs as a program: asked over HTTP, and ended by SIGTERM."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

#: The caller's span, as W3C's traceparent tells it.
TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRACEPARENT = {"traceparent": f"00-{TRACE}-{CALLER}-01"}


class Program:
    """Its lines are there once it has ended."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.lines: list[str] = []
        self.told: list[str] = []

    def ask(self, path: str, headers: Mapping[str, str] | None = None) -> requests.Response:
        return requests.get(self.url + path, headers=headers, timeout=10)

    def values(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


@contextmanager
def running(command: list[str], folder: Path, **variables: str) -> Iterator[Program]:
    """``told`` is what it wrote to its error output."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    try:
        first = process.stdout.readline()
        port = re.search(r"listening at (?:127\.0\.0\.1:)?(\d+)", first)
        assert port, first + process.communicate(timeout=10)[1]
        found = Program(f"http://127.0.0.1:{port[1]}")
        yield found
        process.terminate()
        out, err = process.communicate(timeout=30)
        assert process.returncode == 0, err
        found.lines += [first.rstrip("\n"), *out.splitlines()]
        found.told += err.splitlines()
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
