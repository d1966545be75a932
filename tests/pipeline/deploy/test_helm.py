"""Values for the charts: sized, without a credential, with the limits of the manifests."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from pipeline.deploy import sizing
from tests.catalog.deployed import deployed
from tests.pipeline.deploy.manifests import Json, files, objects, one, shipped


def values(name: str) -> Json:
    [found] = files(shipped())[f"deploy/helm/{name}-distributed.yaml"]
    return found


def test_only_the_distributed_mode_runs() -> None:
    found = values("loki")
    assert found["deploymentMode"] == "Distributed"
    for other in ("singleBinary", "read", "write", "backend"):
        assert found[other] == {"replicas": 0}
    assert found["minio"] == {"enabled": False}


def test_replicas_and_requests_are_the_sizes() -> None:
    found = values("loki")
    for name, part in sizing.loki_parts(shipped()).items():
        assert found[name]["replicas"] == part.replicas
        asked = {"cpu": f"{part.cpu * 1000:.0f}m", "memory": f"{part.memory * 1024:.0f}Mi"}
        assert found[name]["resources"]["requests"] == asked


def test_limits_and_retention_are_those_of_the_manifests() -> None:
    text = one(objects(shipped(), "k8s-current"), "ConfigMap", "loki-config")["data"]["loki.yaml"]
    config = yaml.safe_load(text)
    kept = values("loki")["loki"]
    assert kept["schemaConfig"] == config["schema_config"]
    assert kept["structuredConfig"]["compactor"] == config["compactor"]
    # Sized for all distributors together, so the limit is all of theirs.
    assert kept["structuredConfig"]["limits_config"] == {
        **config["limits_config"],
        "ingestion_rate_strategy": "global",
    }


@pytest.mark.parametrize("name", ["loki", "mimir"])
def test_credentials_are_referred_to(name: str) -> None:
    references = values(name)["global"]["extraEnv"]
    assert [each["valueFrom"]["secretKeyRef"]["name"] for each in references] == [
        "loki-s3-creds",
        "loki-s3-creds",
    ]


def test_mimir_keeps_metrics_for_as_long_as_the_catalog_says() -> None:
    found = values("mimir")["mimir"]["structuredConfig"]
    assert found["limits"]["compactor_blocks_retention_period"] == "8760h"
    assert found["common"]["storage"]["s3"]["endpoint"] == "s3.us-east-1.amazonaws.com"
    assert found["ruler"]["evaluation_interval"] == "30s"


def test_mimir_asks_another_store_by_its_host(tmp_path: Path) -> None:
    [found] = files(deployed(tmp_path).load())["deploy/helm/mimir-distributed.yaml"]
    assert found["mimir"]["structuredConfig"]["common"]["storage"]["s3"] == {
        "endpoint": "store.example:9000",
        "region": "here",
        "insecure": True,
    }
