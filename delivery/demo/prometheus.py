"""Prometheus with the configuration that ships, and the pods of this machine as its targets."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from catalog import names
from catalog.scalars import format_duration
from delivery.demo.machine import Machine
from delivery.demo.ports import HOST
from delivery.demo.servers import Server
from simulate.feed import Target

Json = dict[str, Any]

#: From 2.39 on overlapping blocks are always taken; 3 does not know the flag any more.
_ALWAYS_OVERLAPPING = (2, 39)


def command(server: Server, machine: Machine, config: Path, data: Path, keep: float) -> list[str]:
    """What of its settings are flags: exemplars, what Loki's ruler writes, and retention."""
    flags = [
        f"--config.file={config}",
        f"--storage.tsdb.path={data}",
        f"--web.listen-address={machine.address('prometheus')}",
        # Else an alert's link to its query leads to this machine's name, where nobody listens.
        f"--web.external-url={machine.url('prometheus')}",
        f"--storage.tsdb.retention.time={format_duration(int(keep))}",
        "--web.enable-remote-write-receiver",
        "--web.enable-lifecycle",
        "--enable-feature=exemplar-storage",
    ]
    if server.version < _ALWAYS_OVERLAPPING:
        flags.append("--storage.tsdb.allow-overlapping-blocks")
    return [server.path, *flags]


def write_config(generated: Path, folder: Path, targets: list[Target], left_out: set[str]) -> Path:
    """The file that ships, in which a service's one target is each of its pods.

    ``left_out`` are components that are not here: nobody could scrape them.
    """
    config = yaml.safe_load((generated / "prometheus/prometheus.yml").read_text(encoding="utf-8"))
    config["rule_files"] = [str(generated / "prometheus/rules/*.yaml")]
    for job in config["scrape_configs"]:
        job["static_configs"] = [
            here
            for each in job["static_configs"]
            if each["labels"].get(names.COMPONENT) not in left_out
            for here in _here(each, targets)
        ]
    config["scrape_configs"] = [each for each in config["scrape_configs"] if each["static_configs"]]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "prometheus.yml"
    path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    return path


def write_bare_config(folder: Path) -> Path:
    """One that scrapes nothing and evaluates nothing: to ask for what was."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "bare.yml"
    path.write_text("global: {}\n", encoding="utf-8")
    return path


def _here(static: Json, targets: Iterable[Target]) -> list[Json]:
    labels = static["labels"]
    if names.SERVICE in labels:
        return [
            {"targets": [each.address], "labels": {**labels, **pod_labels(each)}}
            for each in targets
            if each.pod and each.component == labels[names.SERVICE]
        ]
    component = labels.get(names.COMPONENT)
    # A page that stands in for a component's own has a port of its own.
    standing_in = [
        {"targets": [each.address], "labels": labels}
        for each in targets
        if each.pod is None and each.component == component
    ]
    # Components go by the names that compose gives them.
    ported = [f"{HOST}:{each.rpartition(':')[2]}" for each in static["targets"]]
    return standing_in or [{"targets": ported, "labels": labels}]


def pod_labels(target: Target) -> dict[str, str]:
    """What the scrape configuration says of a pod."""
    pod = target.pod
    if pod is None:
        return {}
    return {
        names.NAMESPACE: pod.service.workload.namespace,
        names.SERVICE: pod.service.id,
        names.POD: pod.name,
        **({names.TRACK: pod.track} if pod.track else {}),
    }
