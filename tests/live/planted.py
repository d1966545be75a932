"""Faults as they happen to a living stack, each planted where it would happen."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
import yaml

from catalog import names
from delivery.demo.grafana import LOGIN
from simulate.fleet.http_server import Answer, Request, Server
from tests.live.audited import shipped
from tests.live.servers import free_port
from tests.live.stack import Stack

Json = dict[str, Any]

_HOST = "127.0.0.1"
_SECONDS = 60


class Renaming:
    """Tells the pages of a service's pods with a metric under another name, as a release would."""

    def __init__(self, metric: str, name: str) -> None:
        self._metric, self._name = re.compile(rf"\b{metric}"), name
        self.address = f"{_HOST}:{(port := free_port())}"
        self._server = Server(port, self._page)

    def _page(self, request: Request) -> Answer:
        port = request.path.split("/")[1]
        accept = request.headers.get("accept", "")
        answer = requests.get(
            f"http://{_HOST}:{port}/metrics", headers={"Accept": accept}, timeout=_SECONDS
        )
        text = self._metric.sub(self._name, answer.text)
        return Answer(answer.status_code, text.encode(), answer.headers["Content-Type"])

    def stop(self) -> None:
        self._server.close()


def rename(stack: Stack, service: str, metric: str, name: str) -> Renaming:
    """From now on that metric of that service is called differently; whose it is stays."""
    renaming = Renaming(metric, name)
    path = stack.folder / "prometheus/prometheus.yml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    renamed = 0
    for job in config["scrape_configs"]:
        for static in job["static_configs"]:
            if static["labels"].get(names.SERVICE) == service:
                [address] = static["targets"]
                page = f"/{address.rpartition(':')[2]}/metrics"
                static["labels"] |= {"instance": address, "__metrics_path__": page}
                static["targets"] = [renaming.address]
                renamed += 1
    assert renamed, f"Prometheus scrapes no pod of {service}"
    path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    assert requests.post(f"{stack.urls['prometheus']}/-/reload", timeout=_SECONDS).ok
    return renaming


def drop_stream_label(stack: Stack, service: str, label: str) -> None:
    """From now on the agent keeps that label no longer for lines of that service (Alloy)."""
    path = stack.folder / "agent/config.alloy"
    text = path.read_text(encoding="utf-8")
    begin = text.index(f'loki.process "service_{service}" {{')
    keep = text.index("stage.label_keep", begin)
    end = text.index("}", keep)
    listed = text[keep:end]
    assert f'"{label}"' in listed, listed
    shorter = re.sub(rf'"{label}"(, )?', "", listed).replace(", ]", "]")
    path.write_text(text[:keep] + shorter + text[end:], encoding="utf-8")
    port = _agent_port(stack)
    answer = requests.post(f"http://{_HOST}:{port}/-/reload", timeout=_SECONDS)
    assert answer.ok, answer.text


def _agent_port(stack: Stack) -> int:
    """Where the agent listens."""
    return stack.catalog.platform.components["agent"].ports["http"]


class Delaying:
    """Answers as a server does, a while later."""

    def __init__(self, url: str, seconds: float) -> None:
        self._url, self._seconds = url, seconds
        self.url = f"http://{_HOST}:{(port := free_port())}"
        self._server = Server(port, self._late)

    def _late(self, request: Request) -> Answer:
        time.sleep(self._seconds)
        kept = {key: value for key, value in request.headers.items() if key not in _OF_A_HOP}
        answer = requests.request(
            request.method,
            f"{self._url}{request.path}",
            headers=kept,
            data=request.body,
            timeout=_SECONDS,
        )
        return Answer(answer.status_code, answer.content, answer.headers["Content-Type"])

    def stop(self) -> None:
        self._server.close()


#: What concerns one connection only, and how its content is packed, which requests undoes.
_OF_A_HOP = frozenset({"host", "connection", "content-length", "accept-encoding"})


@contextmanager
def provisioned(stack: Stack, change: Callable[[Json], None]) -> Iterator[None]:
    """Grafana's datasources as a change leaves them: those of a file are not changed by the API."""
    shipped(stack)
    folder = stack.folder / "provisioning"
    folder = folder if folder.exists() else stack.generated / "grafana/provisioning"
    files: dict[Path, str] = {}
    try:
        for path in (folder / "datasources").glob("*.yaml"):
            files[path] = path.read_text(encoding="utf-8")
            data = yaml.safe_load(files[path])
            for each in data.get("datasources") or ():
                change(each)
            path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
        _reload(stack)
        yield
    finally:
        for path, text in files.items():
            path.write_text(text, encoding="utf-8")
        _reload(stack)


def _reload(stack: Stack) -> None:
    where = f"{stack.grafana}/api/admin/provisioning/datasources/reload"
    answer = requests.post(where, auth=LOGIN, timeout=_SECONDS)
    assert answer.ok, answer.text


def counted(verdicts: Mapping[str, int]) -> str:
    """``2 OK, 1 EMPTY``: what there is, for the test's own output."""
    return ", ".join(f"{count} {name}" for name, count in verdicts.items() if count)
