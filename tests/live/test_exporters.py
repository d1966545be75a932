"""What is declared of a server's metrics is what that server shows, release by release."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from catalog.exporters import Exporter, ExporterId, describing, load_exporters, same_release
from delivery.record.declare import declare
from delivery.record.fetch import fetch
from delivery.record.page import Family, read_page
from tests.live.servers import Process, Server, find, free_port, missing
from tests.live.stack import ROOT, jaeger_config, loki_config

Json = dict[str, Any]

SHIPPED = load_exporters(ROOT / "catalog")
_HOST = "127.0.0.1"
#: The component of a kind of server, and what the catalog puts before its release.
COMPONENTS: dict[str, tuple[ExporterId, str]] = {
    "alertmanager": ("alertmanager", ""),
    "alloy": ("agent", "alloy "),
    "jaeger": ("jaeger", ""),
    "loki": ("loki", ""),
    "memcached_exporter": ("memcached", ""),
    "prometheus": ("prometheus", ""),
    "promtail": ("agent", "promtail "),
}


def _written(folder: Path, name: str, content: Json | str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    text = content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False)
    path.write_text(text, encoding="utf-8")
    return path


def _loki(server: Server, folder: Path, run: Callable[..., Process]) -> list[str]:
    port = free_port()
    rules = {"type": "local", "local": {"directory": str(folder / "rules")}}
    (folder / "rules").mkdir(parents=True)
    path = loki_config(folder, server, port=port, rules=rules)
    # The compactor speaks of deletions only where there may be some.
    store = "delete_request_store" if server.version >= (3,) else "shared_store"
    deletions = {"retention_enabled": True, store: "filesystem"}
    _written(folder, path.name, {**yaml.safe_load(path.read_text()), "compactor": deletions})
    url = f"http://{_HOST}:{port}"
    run([server.path, f"-config.file={path}"]).ready(f"{url}/ready")
    line = [[str(time.time_ns()), "a line"]]
    old = [[str(time.time_ns() - 30 * 86400 * 10**9), "an old line"]]
    for values in (line, old):
        body = {"streams": [{"stream": {"service": "x"}, "values": values}]}
        requests.post(f"{url}/loki/api/v1/push", json=body, timeout=10)
    for path in ("query", "query_range"):
        query = {"query": 'sum(count_over_time({service="x"}[5m]))'}
        requests.get(f"{url}/loki/api/v1/{path}", params=query, timeout=30)
    return [f"{url}/metrics"]


def _promtail(server: Server, folder: Path, run: Callable[..., Process]) -> list[str]:
    port = free_port()
    (folder / "x.log").write_text("a line\n" * 5)
    static = {"targets": ["localhost"], "labels": {"job": "x", "__path__": str(folder / "x.log")}}
    config = {
        "server": {"http_listen_address": _HOST, "http_listen_port": port, "grpc_listen_port": 0},
        "positions": {"filename": str(folder / "positions.yaml")},
        "clients": [{"url": f"http://{_HOST}:{free_port()}/loki/api/v1/push"}],
        "scrape_configs": [
            {"job_name": "x", "static_configs": [static]},
            {"job_name": "s", "syslog": {"listen_address": f"{_HOST}:{free_port()}"}},
        ],
    }
    path = _written(folder, "promtail.yaml", config)
    url = f"http://{_HOST}:{port}"
    run([server.path, f"-config.file={path}"]).ready(f"{url}/ready")
    return [f"{url}/metrics"]


def _alloy(server: Server, folder: Path, run: Callable[..., Process]) -> list[str]:
    port = free_port()
    (folder / "x.log").write_text("a line\n" * 5)
    target = f'[{{"__path__" = "{folder / "x.log"}"}}]'
    blocks = (
        f'loki.source.file "x" {{ targets = {target}\n'
        " forward_to = [loki.write.x.receiver] }\n"
        f'loki.write "x" {{ endpoint {{ url = "http://{_HOST}:{free_port()}/push" }} }}\n'
    )
    path = _written(folder, "config.alloy", blocks)
    address = f"{_HOST}:{port}"
    command = [server.path, "run", "--disable-reporting", f"--storage.path={folder / 'data'}"]
    run([*command, f"--server.http.listen-addr={address}", str(path)]).ready(
        f"http://{address}/-/ready"
    )
    time.sleep(5)
    return [f"http://{address}/metrics"]


def _prometheus(server: Server, folder: Path, run: Callable[..., Process]) -> list[str]:
    address = f"{_HOST}:{free_port()}"
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(_written(folder, "rules.yaml", {"groups": [_RULES]}))],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [address]}]}]},
        "scrape_configs": [{"job_name": "x", "static_configs": [{"targets": [address]}]}],
        "remote_write": [{"url": f"http://{_HOST}:{free_port()}/write"}],
    }
    path = _written(folder, "prometheus.yaml", config)
    command = [server.path, f"--config.file={path}", f"--storage.tsdb.path={folder / 'data'}"]
    run([*command, f"--web.listen-address={address}"]).ready(f"http://{address}/-/ready")
    time.sleep(8)
    return [f"http://{address}/metrics"]


_RULES = {
    "name": "x",
    "rules": [
        {"alert": "Always", "expr": "vector(1)"},
        {"record": "x:failing", "expr": 'label_replace(up, "instance", "x", "", "")'},
    ],
}


def _alertmanager(server: Server, folder: Path, run: Callable[..., Process]) -> list[str]:
    config = {"route": {"receiver": "x"}, "receivers": [{"name": "x"}]}
    path = _written(folder, "alertmanager.yaml", config)
    address = f"{_HOST}:{free_port()}"
    command = [server.path, f"--config.file={path}", f"--storage.path={folder / 'data'}"]
    run([*command, f"--web.listen-address={address}", "--cluster.listen-address="]).ready(
        f"http://{address}/-/ready"
    )
    alert = [{"labels": {"alertname": "Always"}}]
    requests.post(f"http://{address}/api/v2/alerts", json=alert, timeout=10)
    return [f"http://{address}/metrics"]


def _jaeger(server: Server, folder: Path, run: Callable[..., Process]) -> list[str]:
    port, spans = free_port(), free_port()
    query, otlp = (f"http://{_HOST}:{free_port()}" for _ in range(2))
    path = jaeger_config(folder, query, otlp, port, spans)
    run([server.path, "--config", str(path)]).ready(f"{query}/api/services")
    requests.post(f"{otlp}/v1/traces", json=_span(), timeout=10).raise_for_status()
    time.sleep(8)
    return [f"http://{_HOST}:{each}/metrics" for each in (port, spans)]


def _span() -> Json:
    now = time.time_ns()
    span = {"traceId": "1" * 32, "spanId": "1" * 16, "name": "x", "kind": 3, "status": {"code": 1}}
    span["attributes"] = [{"key": "peer.service", "value": {"stringValue": "y"}}]
    span |= {"startTimeUnixNano": str(now - 10**6), "endTimeUnixNano": str(now)}
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "x"}}]}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [span]}]}]}


def _memcached_exporter(server: Server, folder: Path, run: Callable[..., Process]) -> list[str]:
    cache = next(iter(find("memcached")), None)
    if cache is None:
        pytest.skip(missing("memcached"))
    port = free_port()
    run([cache.path, "-l", _HOST, "-p", str(port), "-U", "0", "-u", "nobody"])
    address = f"{_HOST}:{free_port()}"
    command = [server.path, f"--memcached.address={_HOST}:{port}"]
    run([*command, f"--web.listen-address={address}"]).ready(f"http://{address}/metrics")
    return [f"http://{address}/metrics"]


STARTS: dict[str, Callable[[Server, Path, Callable[..., Process]], list[str]]] = {
    "alertmanager": _alertmanager,
    "alloy": _alloy,
    "jaeger": _jaeger,
    "loki": _loki,
    "memcached_exporter": _memcached_exporter,
    "prometheus": _prometheus,
    "promtail": _promtail,
}


@contextmanager
def running(server: Server, folder: Path) -> Iterator[dict[str, Family]]:
    """Everything that the server's pages show once it has had a little to do."""
    with ExitStack() as stack:

        def run(command: list[str]) -> Process:
            process = Process(Path(command[0]).name, command, folder)
            stack.callback(process.stop)
            return process

        families: dict[str, Family] = {}
        for url in STARTS[server.kind](server, folder, run):
            families |= read_page(fetch(url, 30)[0].split("\n"))
        yield families


def servers() -> Iterator[Any]:
    """Each release of each kind that this machine has, or the reason why there is none."""
    for kind in COMPONENTS:
        for server in find(kind):
            yield pytest.param(server, id=str(server).replace(" ", "-"))
        if not find(kind):
            yield pytest.param(None, id=kind, marks=pytest.mark.skip(missing(kind)))


def differences(exporter: Exporter, families: dict[str, Family]) -> Iterator[str]:
    """Where the pages contradict the declaration."""
    for name, declared in exporter.metrics.items():
        family = families.get(name)
        if family is None:
            if declared.emission == "always" and not declared.labels and not _spelt(name, families):
                yield f"{name} is declared as always there, and is not"
            continue
        seen = declare(family, fresh=False)
        if seen.type != declared.type:
            yield f"{name} is declared as {declared.type} and is {seen.type}"
        for label, values in family.labels.items():
            if label not in declared.labels:
                yield f"{name} has a label {label} that is not declared"
            elif (listed := declared.labels[label]) is not None and values - set(listed):
                yield f"{name}: {label} has {sorted(values - set(listed))}, which is not declared"


def _spelt(name: str, families: dict[str, Family]) -> bool:
    """Whether the collector shows it under its other name, with or without type and unit."""
    if not name.startswith("otelcol_"):
        return False
    return any(each.startswith(name) or name.startswith(each) for each in families)


@pytest.mark.parametrize("server", list(servers()))
def test_a_server_shows_what_is_declared_of_it(server: Server, tmp_path: Path) -> None:
    component, program = COMPONENTS[server.kind]
    release = _release(server)
    exporter = describing(SHIPPED, component, program + release)
    assert exporter is not None
    if not same_release(exporter.release, program + release):
        pytest.skip(f"{component} {program}{release} is not declared")
    with running(server, tmp_path) as families:
        shown = exporter.metrics.keys() & families.keys()
        # So much that it is a test at all.
        assert len(shown) > len(exporter.metrics) / 3
        assert list(differences(exporter, families)) == []


def _release(server: Server) -> str:
    """Of the exporter it is Memcached's, as the catalog declares it."""
    if server.kind != "memcached_exporter":
        return server.release
    cache = next(iter(find("memcached")), None)
    return cache.release if cache else server.release
