"""A real Alertmanager on this machine, and whoever it tells."""

from __future__ import annotations

import copy
import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests
import yaml

from alerts.message import templates
from alerts.receivers import DEAD_MAN_SECRET, SLACK_SECRET
from tests.live.servers import Process, free_port, until

Json = dict[str, Any]

#: Waits that a test can wait for.
QUICK = {"group_wait": "1s", "group_interval": "1s"}


def releases() -> list[str]:
    """Those that ALERTMANAGER_BIN names, or the one on the PATH."""
    listed = [path for path in os.environ.get("ALERTMANAGER_BIN", "").split(":") if path]
    return listed or ["prometheus-alertmanager"]


@dataclass
class Told:
    """What has arrived: when, with which headers, and what it said."""

    at: float
    headers: Mapping[str, str]
    body: Json


@dataclass
class Listener:
    """Somebody who is told over HTTP; ``answer`` is the status that everybody gets."""

    told: list[Told] = field(default_factory=list)
    url: str = ""

    def slack(self) -> list[Json]:
        """What each message to a chat shows, with the channel it went to."""
        return [
            {"channel": each.body["channel"], **each.body["attachments"][0]} for each in self.told
        ]


@contextmanager
def listening() -> Iterator[Listener]:
    """Listens on the loopback address."""
    listener = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            listener.told.append(Told(time.monotonic(), dict(self.headers), json.loads(body)))
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: what arrived is in the list."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def quickened(content: Json) -> Json:
    """The configuration with every wait of its routes cut short, the watchdog's apart."""
    made = copy.deepcopy(content)

    def hurry(route: Json) -> None:
        if route.get("receiver") != "watchdog":
            route.update(QUICK)
        for below in route.get("routes", ()):
            hurry(below)

    hurry(made["route"])
    return made


@dataclass
class Alertmanager:
    """One that runs."""

    url: str
    process: Process

    def post(self, alerts: Iterable[Json]) -> None:
        """What Prometheus would tell it."""
        answer = requests.post(f"{self.url}/api/v2/alerts", json=list(alerts), timeout=30)
        assert answer.ok, answer.text

    def alerts(self) -> list[Json]:
        """What it knows, and what it says of each."""
        answer = requests.get(f"{self.url}/api/v2/alerts", timeout=60)
        assert answer.ok, answer.text
        return list(answer.json())


def write(folder: Path, content: Json, prefix: str, slack: str) -> Path:
    """The configuration as it ships, with its templates, and its secrets in files beside it."""
    (folder / "templates").mkdir(parents=True, exist_ok=True)
    (folder / "templates" / f"{prefix}.tmpl").write_text(templates(prefix), encoding="utf-8")
    (folder / "slack_api_url").write_text(slack, encoding="utf-8")
    (folder / "dead_man_token").write_text("a-token-of-ours", encoding="utf-8")
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
    text = text.replace(SLACK_SECRET, str(folder / "slack_api_url"))
    text = text.replace(DEAD_MAN_SECRET, str(folder / "dead_man_token"))
    path = folder / "alertmanager.yml"
    path.write_text(text, encoding="utf-8")
    return path


@contextmanager
def running(binary: str, config: Path, folder: Path, port: int = 0) -> Iterator[Alertmanager]:
    """An Alertmanager with that configuration, until the end of the block."""
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    command = [
        binary,
        f"--config.file={config}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    process = Process("alertmanager", command, folder)
    try:
        process.ready(f"{url}/-/ready", 30)
        yield Alertmanager(url, process)
    finally:
        process.stop()


def alert(
    labels: Mapping[str, str],
    annotations: Mapping[str, str] | None = None,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
) -> Json:
    """An alert as Prometheus posts it: for the next hour, unless it has ended."""
    now = datetime.now(UTC)
    return {
        "labels": dict(labels),
        "annotations": dict(annotations or {}),
        "startsAt": (start or now).isoformat(),
        "endsAt": (end or now + timedelta(hours=1)).isoformat(),
    }


def wait(holds: Callable[[], bool], what: str, detail: Callable[[], str] = str) -> None:
    """Wait half a minute at most."""
    until(holds, 30, what, detail)
