"""What kubectl tells, with a kubectl that answers from a file."""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog.errors import UsageError
from delivery.manifest import Entry, sha256
from delivery.publish.shipped import Shipped
from delivery.validate.cluster import checks
from delivery.validate.kubectl import Kubectl
from delivery.validate.model import Check
from delivery.validate.subset import unlike
from delivery.validate.system import System
from tests.delivery.validate.fake_system import CATALOG, NOW

Json = dict[str, Any]

FAKE = """\
#!{python} -SE
import json, pathlib, sys
here = pathlib.Path({folder!r})
words = [each for each in sys.argv[1:] if not each.startswith("--context")]
with (here / "calls").open("a") as calls:
    calls.write(" ".join(sys.argv[1:]) + "\\n")
state = json.loads((here / "state.json").read_text())
if "stderr" in state:
    sys.exit(state["stderr"])
if words[0] == "version":
    print(json.dumps(state["version"]))
    sys.exit(0)
assert words[0] == "get", words
kind, rest = words[1], words[2:]
output = rest[rest.index("-o") + 1]
space = rest[rest.index("-n") + 1] if "-n" in rest else ""
if "-l" in rest:
    label = rest[rest.index("-l") + 1]
    print(json.dumps({{"items": state["lists"].get(f"{{kind}} {{space}} {{label}}", [])}}))
    sys.exit(0)
found = state["objects"].get(f"{{kind}} {{space}}/{{rest[0]}}")
if found is None:
    sys.exit(f'Error from server (NotFound): {{kind}} "{{rest[0]}}" not found')
print(json.dumps(found) if output == "json" else f"{{kind}}/{{rest[0]}}")
"""

MANIFEST = """\
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast}
provisioner: ebs
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: logs, labels: {app: store}}
data: {a.yaml: "x: 1"}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store, namespace: logs}
spec:
  replicas: 3
  selector: {matchLabels: {app: store}}
  template:
    metadata: {labels: {app: store}}
    spec:
      containers:
      - name: store
        resources: {limits: {cpu: 1000m, memory: 2Gi}}
        env:
        - {name: KEY, valueFrom: {secretKeyRef: {name: store-key, key: key}}}
  volumeClaimTemplates: [{metadata: {name: data}}]
---
apiVersion: v1
kind: Service
metadata: {name: store, namespace: logs}
spec: {selector: {app: store}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: logs}
spec: {selector: {matchLabels: {app: agent}}, template: {spec: {containers: [{name: agent}]}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: agent}
roleRef: {kind: ClusterRole, name: agent}
subjects: [{kind: ServiceAccount, name: agent, namespace: logs}]
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: token, namespace: logs}
spec: {target: {name: api-token}}
"""


def live() -> Json:
    """A cluster to which the manifest was applied, with what Kubernetes adds."""
    objects: Json = {}
    for item in yaml.safe_load_all(MANIFEST):
        group = item["apiVersion"].rpartition("/")[0]
        kind = item["kind"].lower() + (f".{group}" if "." in group else "")
        space = item["metadata"].get("namespace", "")
        item["metadata"]["uid"] = "added"
        objects[f"{kind} {space}/{item['metadata']['name']}"] = item
    store = objects["statefulset logs/store"]
    store["status"] = {"readyReplicas": 3, "updatedReplicas": 3}
    container = store["spec"]["template"]["spec"]["containers"][0]
    container["imagePullPolicy"] = "Always"
    container["resources"]["limits"]["cpu"] = "1"
    objects["daemonset logs/agent"]["status"] = {"desiredNumberScheduled": 4, "numberReady": 4}
    objects |= {
        "namespace /logs": {},
        "secret logs/store-key": {"data": {"key": "c2VjcmV0"}},
        "secret logs/api-token": {"data": {"token": "c2VjcmV0"}},
        "serviceaccount logs/agent": {},
        "endpoints logs/store": {"subsets": [{"addresses": [{"ip": "10.0.0.1"}]}]},
    }
    ready = {"status": {"conditions": [{"type": "Ready", "status": "True"}]}}
    return {
        "version": {"serverVersion": {"gitVersion": "v1.30.2"}},
        "objects": objects,
        "lists": {
            "pods kube-system k8s-app=kube-dns": [ready],
            "pvc logs app=store": [{"status": {"phase": "Bound"}} for _ in range(3)],
        },
    }


class Cluster:
    def __init__(self, folder: Path) -> None:
        self.folder, self.state = folder, live()
        self.program = folder / "kubectl"
        self.program.write_text(FAKE.format(python=sys.executable, folder=str(folder)))
        self.program.chmod(0o755)
        text = MANIFEST.encode()
        path = folder / "generated/deploy/here/18-store.yaml"
        path.parent.mkdir(parents=True)
        path.write_bytes(text)
        entry = Entry("deploy/here/18-store.yaml", sha256(text), "kubernetes", None, "platform")
        shipped = Shipped(folder / "generated", (entry,))
        self.system = System(CATALOG, CATALOG.default_environment, shipped, {}, clock=lambda: NOW)

    def kubectl(self, **more: str) -> Kubectl:
        return Kubectl(str(self.program), more.pop("tree", "here"), **more)

    def checks(self, kubectl: Kubectl | None = None) -> list[Check]:
        (self.folder / "state.json").write_text(json.dumps(self.state))
        asked = kubectl or self.kubectl()
        return [each for phase in range(1, 8) for each in checks(phase, asked, self.system)]

    @property
    def calls(self) -> list[str]:
        return (self.folder / "calls").read_text().splitlines()


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    return Cluster(tmp_path)


def failed(found: list[Check]) -> list[str]:
    return [each.title for each in found if each.verdict != "ok"]


def test_all_is_well_in_a_cluster_that_it_was_applied_to(cluster: Cluster) -> None:
    found = cluster.checks()
    assert failed(found) == []
    assert {each.phase for each in found} == {1, 2, 3}
    assert len(found) == 12


def test_it_only_asks_and_never_for_what_is_in_a_secret(cluster: Cluster) -> None:
    cluster.checks()
    assert {call.split()[0] for call in cluster.calls} == {"get", "version"}
    secrets = [call for call in cluster.calls if call.split()[1] == "secret"]
    assert len(secrets) == 2
    assert all(call.endswith("-o name") for call in secrets)


def _drop(key: str) -> Callable[[Json], object]:
    return lambda state: state["objects"].pop(key)


def _status(key: str, **status: int) -> Callable[[Json], object]:
    return lambda state: state["objects"][key]["status"].update(status)


def _version(text: str) -> Callable[[Json], object]:
    return lambda state: state["version"]["serverVersion"].update(gitVersion=text)


@pytest.mark.parametrize(
    ("change", "titles", "actual"),
    [
        (_version("v1.23.9"), ["Kubernetes is of a supported release"], "v1.23.9"),
        (
            lambda state: state["lists"].pop("pods kube-system k8s-app=kube-dns"),
            ["Names are resolved"],
            "0 of 0 pods ready",
        ),
        (_drop("namespace /logs"), ["Namespace logs is there"], "missing"),
        (_drop("secret logs/store-key"), ["Secret store-key is there"], "missing"),
        (_drop("secret logs/api-token"), ["Secret api-token is there"], "missing"),
        (
            _drop("serviceaccount logs/agent"),
            ["Account agent of ClusterRoleBinding agent is there"],
            "missing",
        ),
        (
            lambda state: state["objects"]["configmap logs/settings"]["data"].update(
                {"a.yaml": "x: 2"}
            ),
            ["18-store.yaml is applied as it ships"],
            "ConfigMap settings differs at data.a.yaml",
        ),
        (
            _drop("configmap logs/settings"),
            ["18-store.yaml is applied as it ships"],
            "ConfigMap settings is missing",
        ),
        (
            _status("statefulset logs/store", readyReplicas=2),
            ["StatefulSet store runs"],
            "2 of 3 ready, 3 of this release",
        ),
        (
            _status("statefulset logs/store", updatedReplicas=1),
            ["StatefulSet store runs"],
            "3 of 3 ready, 1 of this release",
        ),
        (
            _status("daemonset logs/agent", numberReady=3),
            ["DaemonSet agent runs"],
            "3 of 4 nodes",
        ),
        (
            _status("daemonset logs/agent", desiredNumberScheduled=0),
            ["DaemonSet agent runs"],
            "4 of 0 nodes",
        ),
        (
            lambda state: state["objects"]["endpoints logs/store"].clear(),
            ["Service store leads to pods"],
            "0 addresses",
        ),
        (
            lambda state: state["lists"]["pvc logs app=store"][0].update(
                status={"phase": "Pending"}
            ),
            ["Volumes of StatefulSet store are bound"],
            "2 of 3 bound",
        ),
        (
            lambda state: state["lists"]["pvc logs app=store"].pop(),
            ["Volumes of StatefulSet store are bound"],
            "2 of 2 bound",
        ),
    ],
)
def test_one_fault_fails_one_check(
    cluster: Cluster, change: Callable[[Json], object], titles: list[str], actual: str
) -> None:
    cluster.state = copy.deepcopy(cluster.state)
    change(cluster.state)
    found = cluster.checks()
    assert failed(found) == titles
    assert actual in {each.actual for each in found if each.verdict == "failed"}


def test_a_missing_storage_class_is_told_where_it_is_asked_for(cluster: Cluster) -> None:
    cluster.state["objects"].pop("storageclass.storage.k8s.io /fast")
    assert failed(cluster.checks()) == [
        "StorageClass fast is there",
        "18-store.yaml is applied as it ships",
    ]


def test_the_context_and_the_namespace_are_those_that_were_asked_for(cluster: Cluster) -> None:
    found = cluster.checks(cluster.kubectl(context="prod", namespace="other"))
    assert all(call.startswith("--context=prod ") for call in cluster.calls)
    assert not any("-n logs" in call for call in cluster.calls)
    assert "Namespace other is there" in failed(found)


def test_a_cluster_that_does_not_answer_is_asked_once(cluster: Cluster) -> None:
    cluster.state["stderr"] = "The connection to the server 10.0.0.1 was refused"
    kubectl = cluster.kubectl()
    found = cluster.checks(kubectl)
    assert {each.verdict for each in found} == {"failed"}
    assert kubectl.unreachable == ["The connection to the server 10.0.0.1 was refused"]
    assert len(cluster.calls) == 1


def test_what_one_may_not_see_is_no_lost_cluster(cluster: Cluster) -> None:
    cluster.state["stderr"] = 'Error from server (Forbidden): secrets is forbidden: User "me"'
    kubectl = cluster.kubectl()
    assert {each.verdict for each in cluster.checks(kubectl)} == {"failed"}
    assert kubectl.unreachable == []


def test_a_tree_that_does_not_ship_is_wrong_usage(cluster: Cluster) -> None:
    with pytest.raises(UsageError) as error:
        cluster.checks(cluster.kubectl(tree="there"))
    assert str(error.value) == (
        "deploy/there: no manifests ship there. Correct --tree, or build again."
    )


def test_without_kubectl_that_is_said(cluster: Cluster) -> None:
    found = cluster.checks(Kubectl(str(cluster.folder / "none"), "here"))
    assert {each.verdict for each in found} == {"failed"}
    assert "cannot be run: No such file or directory" in found[0].actual


@pytest.mark.parametrize(
    ("wanted", "there", "where"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, ""),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, "a.b"),
        ({"a": {"b": 1}}, {"a": 1}, "a"),
        ({"a": [{"x": 1}]}, {"a": [{"x": 1, "y": 2}]}, ""),
        ({"a": [1, 2]}, {"a": [1]}, "a"),
        ({"a": [1, 2]}, {"a": [1, 3]}, "a[1]"),
        ({"a": {}}, {}, ""),
        ({"a": True}, {}, "a"),
        ({"m": "1024Mi"}, {"m": "1Gi"}, ""),
        ({"m": "1Gi"}, {"m": "1G"}, "m"),
        ({"m": "500m"}, {"m": "0.5"}, ""),
        ({"m": "x1"}, {"m": "x2"}, "m"),
    ],
)
def test_a_live_object_is_held_against_what_is_stated(
    wanted: Json, there: Json, where: str
) -> None:
    assert unlike(wanted, there) == where
