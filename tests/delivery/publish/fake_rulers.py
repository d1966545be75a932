"""A ruler of Loki or Mimir, and a Prometheus, as far as publishing speaks to them.

What they answer was seen on Loki 2.9.4 and 3.7.6, and on Prometheus 2.42 and 3.12.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

import yaml

from tests.delivery.publish.fake_grafana import Broken, Fault

Json = dict[str, Any]
Reply = tuple[int, str, str]
TEXT, JSON, YAML = "text/plain; charset=utf-8", "application/json", "application/yaml"


class Fake:
    """A server on a free port; ``answer`` is what it is about."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, str | None]] = []
        self.broken: Broken | None = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                path = unquote(self.path.partition("?")[0])
                fault = outer.fault(len(outer.seen))
                outer.seen.append((self.command, path, self.headers.get("X-Scope-OrgID")))
                status, kind, text = 0, TEXT, "broken on purpose"
                if fault in {None, "unanswered", "502 done", "504 done"}:
                    status, kind, text = outer.answer(self.command, path, body)
                if fault in {"lost", "unanswered"}:
                    self.close_connection = True
                    self.connection.close()
                    return
                if fault is not None:
                    status, kind, text = int(fault.split()[0]), TEXT, "broken on purpose"
                data = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_DELETE = handle_any  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, method: str, path: str, body: str) -> Reply:
        raise NotImplementedError

    def fault(self, number: int) -> Fault | None:
        """How that request goes wrong."""
        return self.broken.fault if self.broken and self.broken.hits(number) else None

    def writes(self) -> list[tuple[str, str, str | None]]:
        return [each for each in self.seen if each[0] != "GET"]

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class FakeRuler(Fake):
    """``root`` is the API's path; ``limit`` how many groups it takes, 0 for any number.

    What it takes is there after ``late`` more reads; the next ``dropped`` writes it only says to
    have taken. ``page`` is what it answers to every read instead of its rules.
    """

    def __init__(self, root: str) -> None:
        super().__init__()
        self.root, self.limit, self.local, self.tells = root, 0, False, True
        self.spaces: dict[str, dict[str, Json]] = {}
        self.late, self.dropped, self.page = 0, 0, ""
        self._taken: list[tuple[int, Callable[[], object]]] = []

    def _read(self, rest: list[str]) -> Reply:
        if self.page:
            return 200, "text/html", self.page
        self._pass_time()
        if len(rest) == 2:
            group = self.spaces.get(rest[0], {}).get(rest[1])
            if group is None:
                return 404, TEXT, "group does not exist\n"
            return 200, YAML, yaml.safe_dump(group)
        listed = {name: list(groups.values()) for name, groups in self.spaces.items() if groups}
        if not listed:
            return 404, TEXT, "no rule groups found\n"
        return 200, YAML, yaml.safe_dump(listed)

    def _later(self, act: Callable[[], object]) -> Reply:
        if self.dropped:
            self.dropped -= 1
        elif self.late:
            self._taken.append((self.late, act))
        else:
            act()
        return 202, JSON, '{"status":"success"}'

    def _pass_time(self) -> None:
        waiting = [(reads - 1, act) for reads, act in self._taken]
        for act in [act for reads, act in waiting if reads < 0]:
            act()
        self._taken = [each for each in waiting if each[0] >= 0]

    def answer(self, method: str, path: str, body: str) -> Reply:
        if path == "/config":
            if not self.tells:
                return 404, TEXT, "404 page not found"
            storage = {"type": "local" if self.local else "s3"}
            return 200, TEXT, yaml.safe_dump({"ruler": {"storage": storage}})
        rest = path.removeprefix(self.root).strip("/").split("/")
        if method == "GET":
            return self._read(rest)
        if self.local:
            return 500, TEXT, "SetRuleGroup unsupported in rule local store"
        if method == "DELETE":
            return self._later(lambda: self.spaces.get(rest[0], {}).pop(rest[1], None))
        count = sum(map(len, self.spaces.values()))
        if self.limit and count >= self.limit:
            told = f"per-user rule groups limit (limit: {self.limit} actual: {count + 1}) exceeded"
            return 400, TEXT, told
        group = yaml.safe_load(body)
        for rule in group["rules"]:
            if rule.get("for") == "5m":
                rule["for"] = "5m0s"
        groups = self.spaces.setdefault(rest[0], {})
        return self._later(lambda: groups.update({group["name"]: group}))


class FakePrometheus(Fake):
    """``files`` are what it would read, ``groups`` what it has read."""

    def __init__(self, files: dict[str, Json]) -> None:
        super().__init__()
        self.files, self.lifecycle, self.broken = files, True, False
        self.groups: list[Json] = []

    def read(self) -> None:
        self.groups = [
            {
                "name": group["name"],
                "file": f"/etc/prometheus/rules/{name}",
                "interval": {"30s": 30, "1m": 60, "2m": 120, "5m": 300}[group["interval"]],
                "rules": [_loaded(rule) for rule in group["rules"]],
            }
            for name, file in self.files.items()
            for group in file["groups"]
        ]

    def answer(self, method: str, path: str, body: str) -> Reply:
        if path == "/-/reload":
            if not self.lifecycle:
                return 403, TEXT, "Lifecycle API is not enabled."
            if self.broken:
                return 500, TEXT, "failed to reload config: one or more errors occurred"
            self.read()
            return 200, TEXT, ""
        data: Json = {
            "/api/v1/rules": {"groups": self.groups},
            "/api/v1/status/flags": {"web.enable-lifecycle": str(self.lifecycle).lower()},
            "/api/v1/status/runtimeinfo": {"reloadConfigSuccess": True},
        }[path]
        return 200, JSON, json.dumps({"status": "success", "data": data})


def _loaded(rule: Json) -> Json:
    """With blanks and durations as Prometheus puts them."""
    made = {
        "name": rule.get("alert") or rule["record"],
        "query": rule["expr"].replace("[60m]", "[1h]").replace(" > ", "  >  "),
        "labels": rule.get("labels", {}),
        "type": "alerting" if "alert" in rule else "recording",
    }
    if "alert" in rule:
        waits = {"5m": 300, "10m": 600, "15m": 900, "1m": 60, "2m": 120, "30m": 1800, "1h": 3600}
        made["duration"] = waits[rule["for"]] if "for" in rule else 0
        made["keepFiringFor"] = waits.get(rule.get("keep_firing_for", ""), 0)
        made["annotations"] = rule.get("annotations", {})
    return made
