"""The shipped catalog says what the description of the system says."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.load import load_catalog
from catalog.model import Catalog
from catalog.service import Service

DAY = 86400
#: Its table of volumes: lines a minute, peak lines a second, bytes a day.
VOLUMES = {
    "ryot": (1200, 40, 1_700_000_000),
    "sigmalang": (1500, 50, 2_100_000_000),
    "sigmavault": (800, 25, 1_100_000_000),
    "agents": (800, 25, 1_100_000_000),
}
#: The labels it has its agents apply, those of the trace excepted: they are no stream labels.
LABELS = {"service", "level", "tier", "pod", "namespace", "container_name"}
#: The metrics it names, and of which service.
METRICS = {
    "ryot": {"log_lines_total", "log_errors_total", "log_durations"},
    "sigmalang": {"log_lines_total", "log_errors_total"},
    "sigmavault": {"log_lines_total", "log_errors_total", "vault_operations_total"},
    "agents": {
        *("log_lines_total", "log_errors_total"),
        *("agent_tasks_total", "agent_memory_operations"),
    },
}
#: The fields it has its agents extract.
FIELDS = {
    "ryot": {"level", "module", "trace_id"},
    "sigmalang": {"ts"},
    "sigmavault": {"operation", "outcome"},
    "agents": {"agent_id", "tier", "name"},
}


@pytest.fixture(scope="module")
def shipped(root: Path) -> Catalog:
    return load_catalog(root / "catalog")


def described(shipped: Catalog) -> list[Service]:
    """The services that the description names; a team may have added others since."""
    return [service for service in shipped.services if service.id in VOLUMES]


def test_the_four_services(shipped: Catalog) -> None:
    assert {service.id: service.name for service in described(shipped)} == {
        "agents": "Agents",
        "ryot": "Ryot",
        "sigmalang": "ΣLANG",
        "sigmavault": "ΣVAULT",
    }


def test_volumes(shipped: Catalog) -> None:
    volumes = {service.id: service.volume for service in described(shipped)}
    assert {
        identifier: (each.lines_per_minute, each.peak_lines_per_second, each.bytes_per_day)
        for identifier, each in volumes.items()
    } == VOLUMES
    assert sum(each.lines_per_minute for each in volumes.values()) == 4300
    assert sum(each.peak_lines_per_second for each in volumes.values()) == 140
    assert sum(each.bytes_per_day for each in volumes.values()) == 6_000_000_000
    assert shipped.platform.limits.monthly_bytes == 30 * 6_000_000_000


def test_labels_from_the_agent_to_the_alert(shipped: Catalog) -> None:
    for service in described(shipped):
        assert set(service.stream_labels) == LABELS | {"cluster", "environment", "track"}


def test_metrics(shipped: Catalog) -> None:
    named = {
        service.id: {
            metric.name
            for metric in service.metrics
            if metric.source == "seed" and metric.emitted_by == "agent"
        }
        for service in described(shipped)
    }
    assert named == METRICS


def test_fields(shipped: Catalog) -> None:
    for service in described(shipped):
        assert {field.name for field in service.logs.fields} >= FIELDS[service.id]
    assert [each.id for each in described(shipped) if each.logs.multiline] == ["sigmalang"]


def test_limits_and_retention(shipped: Catalog) -> None:
    limits, retention = shipped.platform.limits, shipped.platform.retention
    assert (limits.lines_per_second, limits.burst_lines, limits.streams) == (100000, 200000, 10000)
    assert (retention.metrics, retention.logs, retention.traces) == (365 * DAY, 30 * DAY, 7 * DAY)
    assert [(each.match, each.keep) for each in retention.log_overrides] == [
        ({"level": "debug"}, 3 * DAY),
        ({"service": "agents"}, 60 * DAY),
    ]


def test_ports_and_replicas(shipped: Catalog) -> None:
    components = shipped.platform.components
    assert components["loki"].ports == {"http": 3100, "grpc": 9096}
    assert components["agent"].ports == {"http": 9080, "syslog": 1514}
    assert components["memcached"].ports == {"memcache": 11211, "exporter": 9150}
    assert (components["loki"].replicas, components["memcached"].replicas) == (3, 3)
    assert {"jaeger", "alertmanager", "prometheus", "kubernetes", "syslog"} <= components.keys()


def test_cluster_address_of_loki(shipped: Catalog) -> None:
    clusters = [each for each in shipped.platform.environments if each.id == "cluster"]
    assert [each.addresses["loki"] for each in clusters] == [
        "http://loki.monitoring.svc.cluster.local:3100"
    ]


def test_the_first_environment_is_the_default(shipped: Catalog) -> None:
    assert shipped.default_environment is shipped.platform.environments[0]
    assert shipped.prefix == "neurectomy"
