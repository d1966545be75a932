"""Faults that are planted in a living stack are found, each with the right reason."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from catalog.service import Service
from delivery.audit.model import Audit
from tests.live.audited import audited
from tests.live.servers import missing, until
from tests.live.stack import Stack

#: A rate of five minutes forgets what is gone, and then the lookback has to pass (seconds).
_GONE = 720


def need(stack: Stack, *kinds: str) -> None:
    for kind in kinds:
        if kind not in stack.processes:
            pytest.skip(missing(kind))


@contextmanager
def relabelled(stack: Stack, *rules: dict[str, Any]) -> Iterator[None]:
    """Prometheus with further relabelling of what it scrapes from services."""
    path = stack.folder / "prometheus" / "prometheus.yml"
    original = path.read_text(encoding="utf-8")
    config = yaml.safe_load(original)
    job = next(each for each in config["scrape_configs"] if each["job_name"] == "services")
    job.setdefault("metric_relabel_configs", []).extend(rules)
    try:
        path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
        assert requests.post(f"{stack.urls['prometheus']}/-/reload", timeout=30).ok
        yield
    finally:
        path.write_text(original, encoding="utf-8")
        requests.post(f"{stack.urls['prometheus']}/-/reload", timeout=30)


def served(stack: Stack) -> list[tuple[Service, str]]:
    """The services with their histogram of requests, which is always there."""
    found = []
    for service in stack.catalog.services:
        metric = service.by_role("requests")
        if metric is not None and metric.emission == "always":
            found.append((service, metric.name))
    return found


def reasons(made: Audit, service: str) -> list[str]:
    return [
        each.reason for each in made.results if (each.service, each.verdict) == (service, "EMPTY")
    ]


def test_a_renamed_metric_and_a_dropped_label_are_named(stack: Stack) -> None:
    need(stack, "prometheus")
    (one, metric), (other, _), *_ = served(stack)
    # The label by which a request is bad: objectives and panels read it.
    bad = other.by_role("requests")
    assert bad is not None
    label = next(iter(bad.bad or bad.good or {}))
    rename = {
        "source_labels": ["__name__", "service"],
        "regex": f"{metric}_(count|sum|bucket);{one.id}",
        "target_label": "__name__",
        "replacement": "renamed_$1",
    }
    drop = {
        "source_labels": ["service", "__name__"],
        "regex": f"{other.id};{bad.name}_.*",
        "target_label": label,
        "replacement": "",
    }
    began = time.time()
    with relabelled(stack, rename, drop):
        time.sleep(_GONE)
        made = audited(stack, "links", "costs", "latency", "rules")
    told = reasons(made, one.id)
    assert any(each.startswith(f"{metric}_") and "disappeared at" in each for each in told), told
    day = time.strftime("%Y-%m-%d", time.gmtime(began))
    assert any(day in each for each in told), told
    lost = f"the label '{label}', which the legend names, is missing from every series"
    assert lost in reasons(made, other.id)


@contextmanager
def provisioned(stack: Stack, change: Callable[[dict[str, Any]], None]) -> Iterator[None]:
    """Grafana's datasources as a change leaves them: those of a file are not changed by the API."""
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
        reload(stack)
        yield
    finally:
        for path, text in files.items():
            path.write_text(text, encoding="utf-8")
        reload(stack)


def reload(stack: Stack) -> None:
    where = f"{stack.grafana}/api/admin/provisioning/datasources/reload"
    answer = requests.post(where, auth=("admin", "admin"), timeout=30)
    assert answer.ok, answer.text


def test_a_broken_derived_field_is_named(stack: Stack) -> None:
    need(stack, "prometheus", "loki", "jaeger")

    def change(datasource: dict[str, Any]) -> None:
        for field in (datasource.get("jsonData") or {}).get("derivedFields") or ():
            field["matcherRegex"] = field["matcherRegex"].replace("trace_id", "traceid")

    with provisioned(stack, change):
        made = audited(stack, "rules", "costs", "latency")
    broken = [each for each in made.links if each.verdict == "BROKEN"]
    assert broken
    assert {each.kind for each in broken} == {"derived-field"}
    assert any("and it finds none of them" in each.reason for each in broken)
    assert made.status == 1


def test_a_dead_jaeger_is_unreachable_and_nothing_is_missing(stack: Stack) -> None:
    need(stack, "prometheus", "loki", "jaeger")
    pid = stack.processes["jaeger"].pid
    os.kill(pid, signal.SIGSTOP)
    try:
        # One that is stopped takes connections and does not answer: Grafana gives up for us.
        made = audited(
            stack, "rules", "costs", "latency", dashboards=(f"{stack.catalog.prefix}-unified",)
        )
    finally:
        os.kill(pid, signal.SIGCONT)
        until(
            lambda: requests.get(f"{stack.urls['jaeger']}/api/services", timeout=5).ok, 60, "Jaeger"
        )
    assert made.status == 3
    lost = [each for each in made.results if each.verdict == "UNREACHABLE"]
    assert lost
    assert not [each for each in made.results if each.verdict in {"EMPTY", "ERROR"}]
