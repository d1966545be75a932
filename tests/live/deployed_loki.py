"""Loki as it is deployed, on this machine: the rendered configuration with other addresses.

Whatever else a test changes it says itself.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import yaml

import pipeline.deploy.registry
from catalog.load import load_catalog
from catalog.model import Catalog
from delivery.render import encode
from pipeline.deploy import loki_cluster
from pipeline.deploy.registry import targets
from tests.live.servers import Process, Server, find, free_port, until

Json = dict[str, Any]

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
TENANT = {"X-Scope-OrgID": "neurectomy"}
#: The credentials of a store that takes any.
KEYS = {"AWS_ACCESS_KEY_ID": "anyone", "AWS_SECRET_ACCESS_KEY": "anything"}


def catalog_with(folder: Path, *changes: tuple[str, str, str]) -> Catalog:
    """The committed catalog with texts replaced: (file, old, new)."""
    shutil.copytree(ROOT / "catalog", folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for name, old, new in changes:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, (name, old)
        path.write_text(text.replace(old, new), encoding="utf-8")
    return load_catalog(folder)


def rendered(catalog: Catalog, release: str) -> Json:
    """loki.yaml of the tree whose Loki is nearest to the release, from its ConfigMap's bytes."""
    [target] = [each for each in targets(catalog) if each.tree.loki[0] == release[0]]
    path = f"deploy/{target.tree.id}/18-loki-configmap.yaml"
    [artifact] = [each for each in pipeline.deploy.registry.generate(catalog) if each.path == path]
    found: Json = yaml.safe_load(yaml.safe_load(encode(artifact))["data"]["loki.yaml"])
    return found


def loki_cluster_environment(catalog: Catalog, release: str) -> dict[str, str]:
    """The variables that the StatefulSet gives its container, credentials apart."""
    [target] = [each for each in targets(catalog) if each.tree.loki[0] == release[0]]
    path = f"deploy/{target.tree.id}/18-loki-deployment.yaml"
    [artifact] = [each for each in pipeline.deploy.registry.generate(catalog) if each.path == path]
    [found] = [
        each for each in yaml.safe_load_all(encode(artifact)) if each["kind"] == "StatefulSet"
    ]
    [container] = found["spec"]["template"]["spec"]["containers"]
    return {each["name"]: each["value"] for each in container["env"] if "value" in each}


@dataclass
class Place:
    """Where one Loki is: its folder, addresses and what it keeps things in."""

    folder: Path
    store: str
    memcached: str
    host: str = HOST
    copies: int = 1
    gossip: int = field(default_factory=free_port)
    peers: tuple[str, ...] = ()
    http: int = field(default_factory=free_port)
    grpc: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{self.host}:{self.http}"


def here(config: Json, place: Place) -> Json:
    """The configuration with this machine's addresses and folders, and nothing else new."""
    text = json.dumps(config).replace(loki_cluster.DATA, str(place.folder / "data"))
    text = text.replace("dns+memcached.monitoring.svc.cluster.local:11211", place.memcached)
    found: Json = json.loads(text)
    found["server"] |= {
        "http_listen_address": place.host,
        "http_listen_port": place.http,
        "grpc_listen_address": place.host,
        "grpc_listen_port": place.grpc,
    }
    found["common"] |= {"instance_addr": place.host, "replication_factor": place.copies}
    found["memberlist"] |= {
        "bind_addr": [place.host],
        "bind_port": place.gossip,
        "advertise_addr": place.host,
        "advertise_port": place.gossip,
        "join_members": list(place.peers) or [f"{place.host}:{place.gossip}"],
    }
    for bucket in (found["storage_config"]["aws"], found["ruler"]["storage"]["s3"]):
        bucket |= {"endpoint": place.store, "s3forcepathstyle": True, "insecure": True}
    return found


@contextmanager
def running(
    server: Server,
    config: Json,
    place: Place,
    env: dict[str, str] | None = None,
    *,
    wait: bool = True,
) -> Iterator[Process]:
    """That Loki, ready; it is asked to end afterwards.

    One of several is ready only with the others, and not waited for.
    """
    place.folder.mkdir(parents=True, exist_ok=True)
    path = place.folder / "loki.yaml"
    path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    command = [server.path, f"-config.file={path}", "-target=all"]
    process = Process("loki", command, place.folder, {**KEYS, **(env or {})})
    try:
        if wait:
            process.ready(f"{place.url}/ready", 120)
        yield process
    finally:
        process.stop()


def moto() -> str | None:
    """Moto's S3 server (``pip install 'moto[server]'``); it tells no release, and is not asked."""
    return os.environ.get("MOTO_BIN") or shutil.which("moto_server")


@contextmanager
def store(folder: Path) -> Iterator[str]:
    """Moto's S3, in memory, with the buckets of the committed catalog."""
    program = moto()
    assert program
    port = free_port()
    url = f"http://{HOST}:{port}"
    process = Process("moto", [program, "-H", HOST, "-p", str(port)], folder)
    try:
        process.ready(f"{url}/moto-api/", 120)
        deployment = load_catalog(ROOT / "catalog").deployment
        assert deployment
        for bucket in (deployment.object_store.chunks, deployment.object_store.ruler):
            assert requests.put(f"{url}/{bucket}", timeout=10).ok
        yield url
    finally:
        process.stop()


@contextmanager
def memcached(folder: Path) -> Iterator[str]:
    """Memcached with the arguments of its manifest, on a port of its own."""
    [server] = find("memcached")[:1]
    port = free_port()
    command = [server.path, "-l", HOST, "-p", str(port), "-U", "0", "-m", "64", "-I", "5m"]
    if os.geteuid() == 0:
        command += ["-u", "nobody"]
    process = Process("memcached", command, folder)
    try:
        until(lambda: bool(stats(f"{HOST}:{port}")), 60, "memcached")
        yield f"{HOST}:{port}"
    finally:
        process.stop()


def stats(address: str) -> dict[str, int]:
    """What Memcached says of itself; empty while nobody answers."""
    host, _, port = address.partition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=5) as line:
            line.sendall(b"stats\r\n")
            told = b""
            while not told.endswith(b"END\r\n"):
                told += line.recv(65536)
    except OSError:
        return {}
    words = (each.split() for each in told.decode().splitlines())
    return {each[1]: int(each[2]) for each in words if len(each) == 3 and each[2].isdigit()}


def objects(url: str, bucket: str, prefix: str = "") -> list[str]:
    """The keys of a bucket."""
    answer = requests.get(
        f"{url}/{bucket}", params={"list-type": "2", "prefix": prefix}, timeout=10
    )
    return re.findall(r"<Key>([^<]*)</Key>", answer.text)


def push(
    url: str, labels: dict[str, str], lines: list[tuple[float, str]], **metadata: str
) -> requests.Response:
    """Lines at their times, each with the same structured metadata."""
    values = [
        [str(int(when * 1e9)), line, *([metadata] if metadata else [])] for when, line in lines
    ]
    body = {"streams": [{"stream": labels, "values": values}]}
    return requests.post(f"{url}/loki/api/v1/push", json=body, headers=TENANT, timeout=60)


def lines_of(url: str, query: str, since: float, until_: float) -> list[str]:
    """The lines that a query finds between two times."""
    answer = requests.get(
        f"{url}/loki/api/v1/query_range",
        params={
            "query": query,
            "start": str(int(since * 1e9)),
            "end": str(int(until_ * 1e9)),
            "limit": "5000",
        },
        headers=TENANT,
        timeout=60,
    )
    assert answer.ok, answer.text
    return sorted(
        line for stream in answer.json()["data"]["result"] for _, line in stream["values"]
    )


def flush(url: str) -> None:
    """Everything that is collected goes to the store."""
    assert requests.post(f"{url}/flush", headers=TENANT, timeout=60).ok
    time.sleep(2)


def verdict(server: Server, config: Path) -> tuple[int, str]:
    """What ``-verify-config`` says of a file."""
    command = [server.path, "-verify-config", "-config.expand-env=true", f"-config.file={config}"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr
