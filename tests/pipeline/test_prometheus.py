"""Prometheus' configuration: accepted as it ships, and every target labelled as queries expect."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

import alerts.registry
import pipeline.registry
from catalog.load import load_catalog
from catalog.model import Catalog
from delivery.render import encode
from pipeline.prometheus import configuration

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def shipped() -> Catalog:
    return load_catalog(ROOT / "catalog")


def job(catalog: Catalog, name: str) -> dict[str, Any]:
    [found] = [
        each for each in configuration(catalog)["scrape_configs"] if each["job_name"] == name
    ]
    return dict(found)


@pytest.mark.parametrize("source", ["catalog", "tests/fixtures/minimal", "tests/fixtures/second"])
def test_promtool_accepts_it_with_the_rules_beside_it(
    source: str, tmp_path: Path, need_binary: Callable[[str], str]
) -> None:
    catalog = load_catalog(ROOT / source)
    for registry in (alerts.registry, pipeline.registry):
        for artifact in registry.generate(catalog):
            path = tmp_path / artifact.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encode(artifact))
    command = [need_binary("promtool"), "check", "config", "prometheus.yml"]
    folder = tmp_path / "prometheus"
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    number = len(list((folder / "rules").glob("*.yaml")))
    assert f"{number} rule files found" in done.stdout
    shutil.rmtree(folder)


def test_every_target_carries_its_cluster_and_environment(shipped: Catalog) -> None:
    """External labels are not seen by local queries."""
    content = configuration(shipped)
    scope = {"cluster": "compose", "environment": "development"}
    assert content["global"]["external_labels"] == scope
    for each in content["scrape_configs"]:
        for group in each["static_configs"]:
            assert scope.items() <= group["labels"].items()


def test_a_service_is_scraped_at_its_port(shipped: Catalog) -> None:
    targets = {
        group["labels"]["service"]: group for group in job(shipped, "services")["static_configs"]
    }
    assert targets.keys() == {service.id for service in shipped.services}
    assert targets["ryot"] == {
        "targets": ["ryot:8080"],
        "labels": {
            "cluster": "compose",
            "environment": "development",
            "namespace": "neurectomy",
            "service": "ryot",
            "pod": "ryot",
            "track": "stable",
        },
    }


def test_a_component_is_scraped_where_the_environment_says(shipped: Catalog) -> None:
    jobs = {each["job_name"] for each in configuration(shipped)["scrape_configs"]}
    scraped = {
        name
        for name, component in shipped.platform.components.items()
        if component.metrics_port is not None
    }
    assert jobs == {"services", *scraped, "jaeger-spans"}
    [jaeger] = job(shipped, "jaeger")["static_configs"]
    assert jaeger["targets"] == ["jaeger:8888"]
    [cache] = job(shipped, "memcached")["static_configs"]
    assert cache["targets"] == ["memcached:9150"]
    assert cache["labels"]["component"] == "memcached"


def test_spans_are_counted_on_a_page_of_their_own_and_not_by_who_counts(shipped: Catalog) -> None:
    spans = job(shipped, "jaeger-spans")
    [target] = spans["static_configs"]
    assert target["targets"] == ["jaeger:8889"]
    assert target["labels"]["component"] == "jaeger"
    [forget] = spans["metric_relabel_configs"]
    assert forget["action"] == "labeldrop"
    import re

    for label in ("exported_job", "collector_instance_id", "otel_scope_name"):
        assert re.fullmatch(forget["regex"], label)
    for label in ("job", "instance", "service_name", "peer_service", "le"):
        assert not re.fullmatch(forget["regex"], label)


def test_without_a_port_for_it_nothing_counts_spans() -> None:
    catalog = load_catalog(ROOT / "tests/fixtures/minimal")
    assert not [
        each
        for each in configuration(catalog)["scrape_configs"]
        if each["job_name"] == "jaeger-spans"
    ]


def test_what_the_agent_counts_is_the_services(shipped: Catalog) -> None:
    agent = job(shipped, "agent")
    assert agent["honor_labels"] is True
    *alloy, rename, forget = agent["metric_relabel_configs"]
    # Only of what is counted of lines: its own metrics are told apart by these.
    assert {each["target_label"] for each in alloy} == {"component_id", "component_path"}
    assert {each["regex"] for each in alloy} == {rename["regex"]}
    assert {each["replacement"] for each in alloy} == {""}
    assert rename["target_label"] == "__name__"
    assert forget == {"regex": "filename", "action": "labeldrop"}
    assert "honor_labels" not in job(shipped, "services")


@pytest.mark.parametrize(
    ("exposed", "renamed"),
    [
        ("promtail_custom_log_lines_total", "log_lines_total"),
        ("loki_process_custom_log_durations_bucket", "log_durations_bucket"),
        ("promtail_read_bytes_total", None),
    ],
)
def test_the_agents_prefixes_are_removed(
    shipped: Catalog, exposed: str, renamed: str | None
) -> None:
    """Prometheus anchors the expression at both ends."""
    import re

    match = re.fullmatch(job(shipped, "agent")["metric_relabel_configs"][0]["regex"], exposed)
    assert (match[1] if match else None) == renamed


def test_alerts_go_to_the_alertmanager_of_the_environment(shipped: Catalog) -> None:
    [target] = configuration(shipped)["alerting"]["alertmanagers"]
    assert target == {"static_configs": [{"targets": ["alertmanager:9093"]}]}


def test_rules_are_read_from_beside_it(shipped: Catalog) -> None:
    assert yaml.safe_load(yaml.safe_dump(configuration(shipped)["rule_files"])) == ["rules/*.yaml"]
