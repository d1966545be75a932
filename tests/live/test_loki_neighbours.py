"""Several of Loki make one, and what it sends to others arrives."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
import yaml

from catalog.load import load_catalog
from tests.live.deployed_loki import (
    HOST,
    ROOT,
    Place,
    here,
    lines_of,
    loki_cluster_environment,
    push,
    rendered,
    running,
)
from tests.live.servers import Process, Server, find, free_port, missing, until
from tests.live.stack import jaeger_config


def test_three_replicas_take_lines_without_one(loki: Server, place: Place, tmp_path: Path) -> None:
    """Three on three addresses, each line in all of them. Of queries: docs/deployment.md."""
    config = rendered(load_catalog(ROOT / "catalog"), loki.release)
    copies = config["common"]["replication_factor"]
    http, grpc, gossip = free_port(), free_port(), free_port()
    hosts = ("127.0.0.1", "127.0.0.2", "127.0.0.3")
    places = [
        Place(
            tmp_path / host,
            place.store,
            place.memcached,
            host,
            copies,
            gossip,
            tuple(f"{each}:{gossip}" for each in hosts),
            http,
            grpc,
        )
        for host in hosts
    ]
    with ExitStack() as stack:
        processes = []
        for each in places:
            adapted = here(config, each)
            # They share a host's name here, and a pod has one of its own.
            adapted["ingester"]["lifecycler"] = {"id": each.host}
            adapted["compactor"]["compactor_ring"] = {"instance_id": each.host}
            adapted["ruler"]["ring"] = {"instance_id": each.host}
            adapted["query_scheduler"]["scheduler_ring"] = {"instance_id": each.host}
            processes.append(stack.enter_context(running(loki, adapted, each, wait=False)))
        for process, each in zip(processes, places, strict=True):
            process.ready(f"{each.url}/ready", 150)
        until(lambda: _members(places[0].url) == 3, 60, "the ring")
        now = time.time()
        for number, each in enumerate(places):
            answer = push(each.url, {"service": "ryot"}, [(now + number, f"by {number}")])
            assert answer.status_code == 204, answer.text
        everything = ["by 0", "by 1", "by 2"]
        for each in places:
            assert lines_of(each.url, '{service="ryot"}', now - 60, now + 60) == everything
        processes[2].stop()
        answer = push(places[0].url, {"service": "ryot"}, [(now + 5, "by two")])
        assert answer.status_code == 204, answer.text


def _members(url: str) -> int:
    page = requests.get(f"{url}/ring", headers={"Accept": "application/json"}, timeout=10)
    return sum(each["state"] == "ACTIVE" for each in page.json()["shards"])


def test_its_spans_reach_jaeger(loki: Server, place: Place, tmp_path: Path) -> None:
    """With the variables of the StatefulSet, but for the address and the share."""
    jaegers = find("jaeger")
    if not jaegers:
        pytest.skip(missing("jaeger"))
    catalog = load_catalog(ROOT / "catalog")
    query, otlp, thrift = free_port(), free_port(), free_port()
    jaeger_url = f"http://{HOST}:{query}"
    path = jaeger_config(
        tmp_path / "jaeger", jaeger_url, f"http://{HOST}:{otlp}", free_port(), free_port()
    )
    config = yaml.safe_load(path.read_text())
    config["receivers"]["jaeger"] = {"protocols": {"thrift_http": {"endpoint": f"{HOST}:{thrift}"}}}
    config["service"]["pipelines"]["traces"]["receivers"].append("jaeger")
    path.write_text(yaml.safe_dump(config))
    env = {
        name: value.replace(
            "http://jaeger-collector.monitoring.svc.cluster.local", f"http://{HOST}"
        )
        .replace(":4318", f":{otlp}")
        .replace(":14268", f":{thrift}")
        .replace("0.01", "1")
        for name, value in loki_cluster_environment(catalog, loki.release).items()
    }
    quiet = {"OTEL_TRACES_SAMPLER": "always_off"}
    command = [jaegers[0].path, "--config", str(path)]
    jaeger = Process("jaeger", command, tmp_path / "jaeger", quiet)
    try:
        jaeger.ready(f"{jaeger_url}/api/services")
        adapted = here(rendered(catalog, loki.release), place)
        with running(loki, adapted, place, env) as process:
            if "conflicting Schema URL" in process.log.read_text():
                pytest.skip(f"{loki} starts no tracing at all: grafana/loki issue 21588")
            now = time.time()
            push(place.url, {"service": "ryot"}, [(now, "a")])
            lines_of(place.url, '{service="ryot"}', now - 60, now + 60)

            def services() -> list[str]:
                found = requests.get(f"{jaeger_url}/api/services", timeout=10).json()["data"]
                return [each for each in found or () if each.startswith("loki")]

            until(lambda: bool(services()), 60, "Loki's spans", process.tail)
    finally:
        jaeger.stop()
