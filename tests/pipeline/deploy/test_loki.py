"""Loki's configuration says what the catalog says, in each release's words."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from catalog.load import load_catalog
from pipeline.deploy.loki import duration
from tests.catalog.deployed import DEPLOYMENT, deployed
from tests.catalog.editable import EditableCatalog
from tests.pipeline.deploy.manifests import ROOT, TREES, Json, files, objects, one, shipped

OLD, NEW = "k8s", "k8s-current"


def cluster(tree: str) -> Json:
    """loki.yaml as it stands in the ConfigMap."""
    text = one(objects(shipped(), tree), "ConfigMap", "loki-config")["data"]["loki.yaml"]
    found: Json = yaml.safe_load(text)
    return found


def single(name: str) -> Json:
    [found] = files(shipped())[f"deploy/{name}"]
    return found


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(2592000, "720h"), (5400, "90m"), (75, "75s"), (0.75, "750ms"), (1.0, "1s")],
)
def test_durations_are_go_s(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected


@pytest.mark.parametrize("tree", TREES)
def test_limits_are_the_seed_s(tree: str) -> None:
    found = cluster(tree)["limits_config"]
    assert found["ingestion_rate_strategy"] == "local"
    assert (found["ingestion_rate_mb"], found["ingestion_burst_size_mb"]) == (92.42, 184.83)
    assert found["max_global_streams_per_user"] == 10_000
    assert found["max_label_names_per_series"] == 15


@pytest.mark.parametrize("tree", TREES)
def test_what_is_sent_twice_goes_to_the_stream_where_it_is(tree: str) -> None:
    """tests/live/test_load.py shows what comes of it: no line stays doubled."""
    assert cluster(tree)["limits_config"]["shard_streams"] == {"enabled": False}


@pytest.mark.parametrize("tree", TREES)
def test_retention_is_by_priority(tree: str) -> None:
    """A debug line of the agents is both, and lives for 72 h."""
    found = cluster(tree)
    assert found["limits_config"]["retention_period"] == "720h"
    assert found["limits_config"]["retention_stream"] == [
        {"selector": '{level="debug"}', "priority": 2, "period": "72h"},
        {"selector": '{service="agents"}', "priority": 1, "period": "1440h"},
    ]
    assert found["compactor"]["retention_enabled"] is True
    assert "table_manager" not in found


@pytest.mark.parametrize("tree", TREES)
def test_lines_are_collected_packed_and_logged_ahead(tree: str) -> None:
    found = cluster(tree)["ingester"]
    assert (found["chunk_idle_period"], found["max_chunk_age"]) == ("3m", "1h")
    assert found["chunk_encoding"] == "snappy"
    assert found["wal"] == {
        "enabled": True,
        "dir": "/var/loki/wal",
        "replay_memory_ceiling": "3072MB",
        # docs/decisions/0044: what an upgrade would lose.
        **({"flush_on_shutdown": True} if tree == OLD else {}),
    }


def test_the_older_release_has_the_older_index() -> None:
    found = cluster(OLD)
    [period] = found["schema_config"]["configs"]
    assert (period["store"], period["schema"]) == ("boltdb-shipper", "v12")
    assert period["index"]["period"] == "24h"
    assert found["storage_config"]["boltdb_shipper"]["shared_store"] == "s3"
    assert "tsdb_shipper" not in found["storage_config"]
    assert "allow_structured_metadata" not in found["limits_config"]


def test_the_newer_one_moves_on_from_it() -> None:
    found = cluster(NEW)
    first, second = found["schema_config"]["configs"]
    assert first == cluster(OLD)["schema_config"]["configs"][0]
    assert (second["store"], second["schema"], second["from"]) == ("tsdb", "v13", "2025-01-01")
    assert second["index"]["prefix"] != first["index"]["prefix"]
    assert found["limits_config"]["allow_structured_metadata"] is True
    assert found["compactor"]["delete_request_store"] == "s3"


def test_while_migrating_both_know_both(tmp_path: Path) -> None:
    """Or what the older one writes after that day would be looked for in the wrong index."""
    folder = EditableCatalog(tmp_path).folder
    for path in (ROOT / "catalog").rglob("*.yaml"):
        copy = folder / path.relative_to(ROOT / "catalog")
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    for name in ("shop", "till"):
        (folder / f"services/{name}.yaml").unlink()
    text = (folder / DEPLOYMENT).read_text(encoding="utf-8")
    (folder / DEPLOYMENT).write_text(text.replace("migrating: false", "migrating: true"))
    migrating = load_catalog(folder)
    old, new = (
        yaml.safe_load(
            one(objects(migrating, tree), "ConfigMap", "loki-config")["data"]["loki.yaml"]
        )["schema_config"]
        for tree in (OLD, NEW)
    )
    assert old == new
    assert len(new["configs"]) == 2


@pytest.mark.parametrize("tree", TREES)
def test_everything_is_in_s3_and_no_key_is_here(tree: str) -> None:
    found = cluster(tree)
    assert found["storage_config"]["aws"] == {
        "bucketnames": "neurectomy-loki-chunks",
        "region": "us-east-1",
    }
    assert found["ruler"]["storage"] == {
        "type": "s3",
        "s3": {"bucketnames": "neurectomy-loki-ruler", "region": "us-east-1"},
    }


def test_a_store_that_is_not_amazon_s_goes_by_its_path(tmp_path: Path) -> None:
    text = one(objects(deployed(tmp_path).load(), "current"), "ConfigMap", "loki-config")
    assert yaml.safe_load(text["data"]["loki.yaml"])["storage_config"]["aws"] == {
        "bucketnames": "lines",
        "region": "here",
        "endpoint": "http://store.example:9000",
        "s3forcepathstyle": True,
        "insecure": True,
    }


@pytest.mark.parametrize("tree", TREES)
def test_results_chunks_and_index_are_cached_for_an_hour(tree: str) -> None:
    found = cluster(tree)
    caches = [
        found["query_range"]["results_cache"]["cache"],
        found["chunk_store_config"]["chunk_cache_config"],
        found["storage_config"]["index_queries_cache_config"],
        *(
            value["cache"]
            for key, value in found["query_range"].items()
            if key.endswith("_results_cache")
        ),
    ]
    assert len(caches) == (4 if tree == OLD else 8)
    for cache in caches:
        assert cache["default_validity"] == cache["memcached"]["expiration"] == "1h"
        assert cache["memcached_client"]["addresses"] == (
            "dns+memcached.monitoring.svc.cluster.local:11211"
        )


@pytest.mark.parametrize("tree", TREES)
def test_the_index_of_today_is_asked_again_before_lines_are_stored(tree: str) -> None:
    """Or a line that left the ingester would be nowhere for a while."""
    found = cluster(tree)
    assert found["storage_config"]["index_cache_validity"] == "3m"
    assert found["ingester"]["chunk_idle_period"] == "3m"
    assert found["ingester"]["chunk_retain_period"] == "6m"


@pytest.mark.parametrize("tree", TREES)
def test_the_ruler_tells_alertmanager_and_prometheus(tree: str) -> None:
    found = cluster(tree)["ruler"]
    assert found["enable_api"] is True
    assert found["enable_sharding"] is True
    assert found["alertmanager_url"] == "http://alertmanager.monitoring.svc.cluster.local:9093"
    assert found["remote_write"]["clients"]["prometheus"]["url"] == (
        "http://prometheus.monitoring.svc.cluster.local:9090/api/v1/write"
    )
    assert found["enabled_tenants"] == "neurectomy"


@pytest.mark.parametrize("tree", TREES)
def test_queries_and_their_statistics_are_logged(tree: str) -> None:
    found = cluster(tree)
    assert found["frontend"]["log_queries_longer_than"] == "1s"
    assert found["frontend"]["query_stats_enabled"] is True
    assert found["ruler"]["query_stats_enabled"] is True
    assert found["limits_config"]["split_queries_by_interval"] == "1h"
    assert found["tracing"] == {"enabled": True}


@pytest.mark.parametrize("tree", TREES)
def test_three_replicas_find_each_other(tree: str) -> None:
    found = cluster(tree)
    assert found["auth_enabled"] is True
    assert found["common"]["replication_factor"] == 3
    assert found["common"]["ring"]["kvstore"]["store"] == "memberlist"
    headless = one(objects(shipped(), tree), "Service", "loki-headless")
    [host, port] = found["memberlist"]["join_members"][0].split(":")
    assert host == "loki-headless.monitoring.svc.cluster.local"
    assert int(port) in {each["port"] for each in headless["spec"]["ports"]}
    assert found["memberlist"]["bind_port"] == found["memberlist"]["advertise_port"] == int(port)


def test_there_is_a_single_server_for_each_other_environment_and_release() -> None:
    found = [path for path in files(shipped()) if "/loki-" in path and "/helm/" not in path]
    assert sorted(found) == [
        f"deploy/{environment}/loki-{release}.yaml"
        for environment in ("compose", "host")
        for release in ("2.9.4", "3.7.6")
    ]


@pytest.mark.parametrize("release", ["2.9.4", "3.7.6"])
def test_a_single_server_reads_the_rules_that_ship(release: str) -> None:
    found = single(f"host/loki-{release}.yaml")
    assert found["ruler"]["storage"] == {
        "type": "local",
        "local": {"directory": "${LOKI_RULES:-/etc/loki/rules}"},
    }
    assert found["ruler"]["enabled_tenants"] == "fake"
    assert found["auth_enabled"] is False
    assert found["server"]["http_listen_address"] == "127.0.0.1"
    assert found["common"]["replication_factor"] == 1
    assert found["limits_config"] == cluster(OLD if release == "2.9.4" else NEW)["limits_config"]


def test_in_compose_it_listens_to_its_neighbours() -> None:
    found = single("compose/loki-3.7.6.yaml")
    assert "http_listen_address" not in found["server"]
    assert found["ruler"]["alertmanager_url"] == "http://alertmanager:9093"
    addresses = found["chunk_store_config"]["chunk_cache_config"]["memcached_client"]["addresses"]
    assert addresses == "memcached:11211"


def test_a_catalog_without_memcached_caches_nothing_there() -> None:
    harbour = load_catalog(ROOT / "tests/fixtures/second")
    [path] = files(harbour)
    assert path == "deploy/quay/loki-3.8.yaml"
    [found] = files(harbour)[path]
    assert "memcached" not in str(found)
    assert found["server"]["http_listen_port"] == 3200
