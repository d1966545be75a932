"""Loki and Memcached in Kubernetes: as many, as large and as safe as the seed says."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.catalog.deployed import deployed
from tests.catalog.editable import PLATFORM
from tests.own_words import says, service_names
from tests.pipeline.deploy.manifests import TREES, Json, files, objects, one, shipped

RELEASES = {"k8s": "2.9.4", "k8s-current": "3.7.6"}


def loki(tree: str) -> Json:
    return one(objects(shipped(), tree), "StatefulSet", "loki")


def container(tree: str) -> Json:
    [found] = loki(tree)["spec"]["template"]["spec"]["containers"]
    return dict(found)


@pytest.mark.parametrize("tree", TREES)
def test_the_files_are_those_of_phase_18e(tree: str) -> None:
    assert [path for path in files(shipped()) if path.startswith(f"deploy/{tree}/")] == [
        f"deploy/{tree}/{name}.yaml"
        for name in (
            "18-storage-cache-networking",
            "18-loki-secrets",
            "18-loki-configmap",
            "18-loki-deployment",
        )
    ]


@pytest.mark.parametrize("tree", TREES)
def test_three_of_loki_as_large_as_the_seed_says(tree: str) -> None:
    spec = loki(tree)["spec"]
    assert spec["replicas"] == 3
    [claim] = spec["volumeClaimTemplates"]
    assert claim["spec"]["storageClassName"] == "fast-ssd"
    assert claim["spec"]["resources"]["requests"]["storage"] == "100Gi"
    assert container(tree)["resources"] == {
        "requests": {"cpu": "500m", "memory": "1Gi"},
        "limits": {"cpu": "2000m", "memory": "4Gi"},
    }
    assert container(tree)["image"] == f"docker.io/grafana/loki:{RELEASES[tree]}"


@pytest.mark.parametrize("tree", TREES)
def test_a_replica_that_is_not_ready_is_let_live(tree: str) -> None:
    found = container(tree)
    ready = {"path": "/ready", "port": "http"}
    assert found["startupProbe"]["httpGet"] == found["readinessProbe"]["httpGet"] == ready
    assert found["startupProbe"]["initialDelaySeconds"] == 30
    assert found["livenessProbe"]["httpGet"]["path"] != "/ready"


@pytest.mark.parametrize("tree", TREES)
def test_no_two_share_a_node(tree: str) -> None:
    [term] = loki(tree)["spec"]["template"]["spec"]["affinity"]["podAntiAffinity"][
        "requiredDuringSchedulingIgnoredDuringExecution"
    ]
    assert term["labelSelector"]["matchLabels"] == loki(tree)["spec"]["selector"]["matchLabels"]
    assert term["topologyKey"] == "kubernetes.io/hostname"


@pytest.mark.parametrize("tree", TREES)
def test_every_port_of_a_service_leads_somewhere(tree: str) -> None:
    found = objects(shipped(), tree)
    pods = [
        each["spec"]["template"] for each in found if each["kind"] in {"StatefulSet", "DaemonSet"}
    ]
    services = [each for each in found if each["kind"] == "Service"]
    assert {each["metadata"]["name"] for each in services} == {
        *("loki", "loki-headless", "loki-distributor", "memcached"),
    }
    for service in services:
        [template] = [
            each
            for each in pods
            if service["spec"]["selector"].items() <= each["metadata"]["labels"].items()
        ]
        named = {
            port["name"]: port["containerPort"]
            for each in template["spec"]["containers"]
            for port in each["ports"]
        }
        for port in service["spec"]["ports"]:
            assert named[port["targetPort"]] == port["port"]


@pytest.mark.parametrize("tree", TREES)
def test_its_address_is_the_environment_s(tree: str) -> None:
    [where] = [each for each in shipped().platform.environments if each.id == "cluster"]
    assert where.addresses["loki"] == "http://loki.monitoring.svc.cluster.local:3100"
    found = one(objects(shipped(), tree), "Service", "loki")
    assert found["metadata"]["namespace"] == "monitoring"
    assert 3100 in {port["port"] for port in found["spec"]["ports"]}


@pytest.mark.parametrize("tree", TREES)
def test_loki_has_no_rights_at_all(tree: str) -> None:
    found = objects(shipped(), tree)
    assert not {"Role", "ClusterRole", "RoleBinding"} & {each["kind"] for each in found}
    assert loki(tree)["spec"]["template"]["spec"]["serviceAccountName"] == "loki"
    assert one(found, "ServiceAccount", "loki")["automountServiceAccountToken"] is False


@pytest.mark.parametrize("tree", TREES)
def test_a_new_configuration_is_a_new_pod(tree: str, tmp_path: Path) -> None:
    catalog = deployed(tmp_path)
    one_of_them = _checksum(objects(catalog.load(), "current"))
    catalog.edit(PLATFORM, "streams: 500", "streams: 501")
    assert _checksum(objects(catalog.load(), "current")) != one_of_them
    assert len(_checksum(objects(shipped(), tree))) == 64


def _checksum(found: list[Json]) -> str:
    template = one(found, "StatefulSet", "loki")["spec"]["template"]
    return str(template["metadata"]["annotations"]["checksum/config"])


@pytest.mark.parametrize("tree", TREES)
def test_credentials_are_referred_to(tree: str) -> None:
    found = objects(shipped(), tree)
    kept = {
        each["metadata"]["name"]: {entry["secretKey"] for entry in each["spec"]["data"]}
        for each in found
        if each["kind"] == "ExternalSecret"
    }
    assert kept == {"loki-s3-creds": {"access_key", "secret_key"}, "loki-api-token": {"token"}}
    references = {
        variable["name"]: variable["valueFrom"]["secretKeyRef"]
        for variable in container(tree)["env"]
        if "valueFrom" in variable
    }
    assert references == {
        "AWS_ACCESS_KEY_ID": {"name": "loki-s3-creds", "key": "access_key"},
        "AWS_SECRET_ACCESS_KEY": {"name": "loki-s3-creds", "key": "secret_key"},
    }


def test_each_release_sends_its_spans_by_its_own_protocol() -> None:
    old, new = (
        {each["name"]: each.get("value") for each in container(tree)["env"]} for tree in TREES
    )
    address = "http://jaeger-collector.monitoring.svc.cluster.local"
    assert old["JAEGER_ENDPOINT"] == f"{address}:14268/api/traces"
    assert new["OTEL_EXPORTER_OTLP_ENDPOINT"] == f"{address}:4318"
    assert old["JAEGER_SAMPLER_PARAM"] == new["OTEL_TRACES_SAMPLER_ARG"] == "0.01"


@pytest.mark.parametrize("tree", TREES)
def test_memcached_keeps_chunks_that_are_larger_than_its_own_limit(tree: str) -> None:
    found = one(objects(shipped(), tree), "StatefulSet", "memcached")
    memcached, exporter = found["spec"]["template"]["spec"]["containers"]
    assert found["spec"]["replicas"] == 3
    assert memcached["resources"]["limits"]["memory"] == "512Mi"
    assert {"--memory-limit=426", "--max-item-size=5242880"} <= set(memcached["args"])
    assert exporter["ports"] == [{"name": "metrics", "containerPort": 9150, "protocol": "TCP"}]


@pytest.mark.parametrize("tree", TREES)
def test_volumes_are_fast(tree: str) -> None:
    found = one(objects(shipped(), tree), "StorageClass", "fast-ssd")
    assert found["provisioner"] == "ebs.csi.aws.com"
    assert found["parameters"] == {"type": "gp3", "iops": "3000", "encrypted": "true"}


@pytest.mark.parametrize("tree", TREES)
def test_the_load_balancer_is_internal_and_knows_whom_it_serves(tree: str) -> None:
    found = one(objects(shipped(), tree), "Service", "loki-distributor")
    assert found["spec"]["loadBalancerSourceRanges"] == ["10.0.0.0/8"]
    # Or the policy would see a node's address instead of the sender's.
    assert found["spec"]["externalTrafficPolicy"] == "Local"
    annotations = found["metadata"]["annotations"]
    assert annotations["service.beta.kubernetes.io/aws-load-balancer-internal"] == "true"


def test_another_system_shows_nothing_of_ours(tmp_path: Path) -> None:
    catalog = deployed(tmp_path).load()
    text = yaml.safe_dump_all(objects(catalog, "current"))
    assert {each["metadata"].get("namespace") for each in objects(catalog, "current")} == {
        "shops",
        None,
    }
    words = {"neurectomy", "monitoring", *service_names(shipped())}
    assert not [word for word in words if says(text, word)]
