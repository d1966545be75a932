"""The agents in Kubernetes: as the seed sizes them, and with no more rights than they need."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog.load import load_catalog
from delivery.render import encode
from pipeline.agent import artifacts

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = load_catalog(ROOT / "catalog")
FILES = {each.path: each for each in artifacts.generate(SHIPPED)}
AGENTS = {"promtail": "deploy/k8s", "alloy": "deploy/k8s-current"}


def documents(path: str) -> dict[str, Any]:
    """What kubectl reads in a file, by kind."""
    found = list(yaml.safe_load_all(encode(FILES[path])))
    assert len({each["kind"] for each in found}) == len(found)
    return {each["kind"]: each for each in found}


@pytest.fixture(params=AGENTS)
def agent(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def manifest(agent: str) -> dict[str, Any]:
    return documents(f"{AGENTS[agent]}/18-{agent}-daemonset.yaml")


@pytest.fixture
def pod(manifest: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = manifest["DaemonSet"]["spec"]["template"]["spec"]
    return spec


def test_the_files_are_the_seed_s_and_those_for_hosts() -> None:
    assert set(FILES) == {
        *(
            f"{tree}/18-{name}-{file}.yaml"
            for name, tree in AGENTS.items()
            for file in ("configmap", "daemonset")
        ),
        *(
            f"deploy/{place}/{file}"
            for place in ("compose", "host")
            for file in ("promtail.yaml", "config.alloy")
        ),
    }


def test_it_may_only_see_pods(manifest: dict[str, Any], agent: str) -> None:
    assert manifest.keys() == {
        "ServiceAccount",
        "ClusterRole",
        "ClusterRoleBinding",
        "DaemonSet",
        "Service",
    }
    assert manifest["ClusterRole"]["rules"] == [
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]}
    ]
    binding = manifest["ClusterRoleBinding"]
    assert binding["roleRef"]["name"] == manifest["ClusterRole"]["metadata"]["name"]
    account = manifest["ServiceAccount"]["metadata"]
    assert binding["subjects"] == [
        {"kind": "ServiceAccount", "name": account["name"], "namespace": "monitoring"}
    ]
    pods = manifest["DaemonSet"]["spec"]["template"]
    assert pods["spec"]["serviceAccountName"] == account["name"]
    selector = manifest["DaemonSet"]["spec"]["selector"]["matchLabels"]
    assert selector == {"app": agent} == manifest["Service"]["spec"]["selector"]
    assert selector.items() <= pods["metadata"]["labels"].items()


def test_it_runs_on_every_node_with_the_seed_s_resources(pod: dict[str, Any]) -> None:
    assert pod["tolerations"] == [{"operator": "Exists"}]
    assert pod["priorityClassName"] == "system-node-critical"
    [container] = pod["containers"]
    assert container["resources"] == {
        "requests": {"cpu": "100m", "memory": "128Mi"},
        "limits": {"cpu": "500m", "memory": "512Mi"},
    }
    assert container["env"] == [
        {"name": "HOSTNAME", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}
    ]
    assert {(port["containerPort"], port["protocol"]) for port in container["ports"]} == {
        (9080, "TCP"),
        (1514, "UDP"),
    }


def test_an_agent_that_waits_for_loki_is_not_restarted(agent: str, pod: dict[str, Any]) -> None:
    [container] = pod["containers"]
    ready = {"promtail": "/ready", "alloy": "/-/ready"}[agent]
    assert container["readinessProbe"]["httpGet"] == {"path": ready, "port": "http"}
    for probe in ("startupProbe", "livenessProbe"):
        assert container[probe]["tcpSocket"] == {"port": "http"}


def test_it_writes_nothing_but_its_positions(pod: dict[str, Any]) -> None:
    [container] = pod["containers"]
    assert container["securityContext"] == {
        "runAsUser": 0,
        "runAsGroup": 0,
        "privileged": False,
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["securityContext"] == {"seccompProfile": {"type": "RuntimeDefault"}}
    mounted = {each["mountPath"]: each["readOnly"] for each in container["volumeMounts"]}
    writable = [path for path, only in mounted.items() if not only]
    assert writable == ["/var/lib/neurectomy-log-agent"]
    assert {"/var/log", "/var/lib/docker/containers", "/etc/machine-id"} <= mounted.keys()
    volumes = {each["name"]: each for each in pod["volumes"]}
    assert {each["name"] for each in container["volumeMounts"]} == volumes.keys()
    assert "/tmp" not in str(pod)  # noqa: S108 - where the seed has it
    assert "hostNetwork" not in pod


def test_positions_lie_where_it_may_write(agent: str, pod: dict[str, Any]) -> None:
    [container] = pod["containers"]
    text = documents(f"{AGENTS[agent]}/18-{agent}-configmap.yaml")["ConfigMap"]["data"]
    [(name, config)] = text.items()
    folder = next(
        iter(each["mountPath"] for each in container["volumeMounts"] if each["name"] == "config")
    )
    state = "/var/lib/neurectomy-log-agent"
    if agent == "promtail":
        assert container["args"] == [f"-config.file={folder}/{name}"]
        assert yaml.safe_load(config)["positions"]["filename"] == f"{state}/positions.yaml"
    else:
        assert container["args"][:3] == ["run", f"{folder}/{name}", f"--storage.path={state}"]


def test_another_configuration_restarts_the_pods(agent: str) -> None:
    path = f"{AGENTS[agent]}/18-{agent}-daemonset.yaml"

    def told(catalog: Any) -> str:
        found = {each.path: each for each in artifacts.generate(catalog)}
        daemon = list(yaml.safe_load_all(encode(found[path])))[3]
        return str(daemon["spec"]["template"]["metadata"]["annotations"]["checksum/config"])

    assert SHIPPED.agent
    other = SHIPPED.agent.model_copy(update={"redactions": SHIPPED.agent.redactions[1:]})
    assert told(SHIPPED) == told(SHIPPED)
    assert told(SHIPPED) != told(SHIPPED.model_copy(update={"agent": other}))


def test_the_agent_writes_to_the_cluster_s_loki_as_its_tenant() -> None:
    text = documents("deploy/k8s/18-promtail-configmap.yaml")["ConfigMap"]["data"]["promtail.yaml"]
    [client] = yaml.safe_load(text)["clients"]
    assert client["url"] == "http://loki.monitoring.svc.cluster.local:3100/loki/api/v1/push"
    assert client["tenant_id"] == "neurectomy"
    # For ever: what is given up is lost.
    assert client["backoff_config"]["max_retries"] == 0
    text = documents("deploy/k8s-current/18-alloy-configmap.yaml")["ConfigMap"]["data"][
        "config.alloy"
    ]
    assert '\t\ttenant_id           = "neurectomy"\n' in text
    assert "\t\tmax_backoff_retries = 0\n" in text


def test_a_config_map_holds_the_text_of_the_file_for_people() -> None:
    """In a block, tabs and all, not in one quoted line; and far below the limit of 1 MiB."""
    for name, tree in AGENTS.items():
        data = encode(FILES[f"{tree}/18-{name}-configmap.yaml"])
        assert len(data) < 100_000
        assert b": |\n" in data
        assert b"\\t" not in data.split(b": |\n")[0]
