"""The check of kubectl's calls finds what is planted, and lets pass what is right."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from catalog.load import load_catalog
from tests.kubectl.check import Cluster
from tests.kubectl.grammar import verbs
from tests.kubectl.words import Call, calls

ROOT = Path(__file__).parents[2]
CLUSTER = Cluster(ROOT, load_catalog(ROOT / "catalog"))
K8S = "generated/deploy/k8s"


def told(tmp_path: Path, shell: str) -> list[str]:
    """What is said of a block that begins in line 3 of a page."""
    page = tmp_path / "page.md"
    page.write_text(f"# T\n```sh\n{shell}\n```\n", encoding="utf-8")
    return [str(fault) for call in calls(tmp_path, page) for fault in CLUSTER.faults(call)]


@pytest.mark.parametrize(
    ("shell", "fault"),
    [
        (
            "kubectl aply -f x",
            "kubectl has no verb 'aply'. Write apply.",
        ),
        (
            "kubectl rollout stats statefulset/loki -n monitoring",
            "kubectl has no verb 'rollout'. Write rollout undo.",
        ),
        (
            "kubectl get pods -n monitoring --al-namespaces",
            "kubectl get knows no flag --al-namespaces. Write --all-namespaces.",
        ),
        (
            "kubectl get pods -n monitoring -Z",
            "kubectl get knows no flag -Z. Take it out, or see kubectl get -h.",
        ),
        (
            "kubectl get pods -l app=loki -n",
            "flag -n needs a value. Write one behind it.",
        ),
        (
            "kubectl get pods -l app=loki",
            "Pod app=loki is of no namespace. Add -n monitoring.",
        ),
        (
            "kubectl get pods",
            "Pod is of no namespace. Add -n, or -A for all.",
        ),
        (
            "kubectl get statefulset loki",
            "StatefulSet loki is of no namespace. Add -n monitoring.",
        ),
        (
            "kubectl get statefulset loki -n monitorin",
            "there is no namespace monitorin. Write monitoring.",
        ),
        (
            "kubectl get statefulset loki -n neurectomy",
            "there is no StatefulSet loki in namespace neurectomy. Write -n monitoring.",
        ),
        (
            "kubectl describe statefulst loki -n monitoring",
            "there is no kind 'statefulst'. Write statefulset.",
        ),
        (
            "kubectl get statefulset lokii -n monitoring",
            "there is no StatefulSet lokii in namespace monitoring. Write loki.",
        ),
        (
            "kubectl get pods -l app=lokki -n monitoring",
            "no Pod is labelled app=lokki in namespace monitoring. Write app=loki.",
        ),
        (
            "kubectl get all -l app=loki,app=promtail -n monitoring",
            ("no Pod can be selected by app=loki,app=promtail: all of it has to hold at once. "
            "Write app in (loki,promtail)."),
        ),
        (
            "kubectl get pods loki-0 -l app=loki -n monitoring",
            "it names loki-0 and selects by app=loki. Keep one of them.",
        ),
        (
            f"kubectl apply -f {K8S}/18-loki-configmap.yaml {K8S}/18-loki-deployment.yaml",
            (f"kubectl apply takes no '{K8S}/18-loki-deployment.yaml' beside -f. Write -f before "
            f"each file: -f {K8S}/18-loki-configmap.yaml -f {K8S}/18-loki-deployment.yaml."),
        ),
        (
            f"cd {K8S}\nkubectl apply -f 18-loki-config.yaml",
            f"there is no file {K8S}/18-loki-config.yaml. Write 18-loki-configmap.yaml.",
        ),
        (
            f"kubectl apply -n neurectomy -f {K8S}/18-promtail-configmap.yaml",
            (f"ConfigMap promtail-config of {K8S}/18-promtail-configmap.yaml is of namespace "
            "monitoring, not neurectomy. Write -n monitoring, or leave it out."),
        ),
        (
            "kubectl logs -n monitoring loki-0 -c memcached",
            "loki-0 has no container memcached. Write loki.",
        ),
        (
            "kubectl logs -n monitoring",
            "kubectl logs names no pod. Write one, TYPE/NAME, or -l and a selector.",
        ),
        (
            "kubectl exec -n monitoring loki-0 wget -qO- localhost:3100/ready",
            "kubectl exec knows no flag -O. Take it out, or see kubectl exec -h.",
        ),
        (
            "kubectl exec -n monitoring loki-0",
            "nothing says what to run. Write -- and the command behind it.",
        ),
        (
            "kubectl exec -n monitoring loki-3 -- ls",
            "there is no Pod loki-3 in namespace monitoring. Write loki-2.",
        ),
        (
            "kubectl port-forward -n monitoring svc/loki 3100:9095",
            "svc/loki has no port 9095. Write 3100 or 9096 or grpc or http.",
        ),
        (
            "kubectl port-forward -n monitoring svc/loki",
            "kubectl port-forward wants an object and a port. Write svc/NAME LOCAL:REMOTE.",
        ),
        (
            "kubectl rollout status cm/loki-config -n monitoring",
            "a ConfigMap cannot be rolled out. Write DaemonSet or Deployment or StatefulSet.",
        ),
        (
            "kubectl scale daemonset/promtail -n monitoring --replicas=3",
            ("a DaemonSet cannot be scaled. Write Deployment or ReplicaSet or "
            "ReplicationController or StatefulSet."),
        ),
        (
            "kubectl scale statefulset/loki -n monitoring",
            "nothing says to how many. Add --replicas.",
        ),
        (
            "kubectl wait pod -l app=memcached -n monitoring",
            "nothing says what for. Add --for=condition=Ready.",
        ),
        (
            "kubectl wait --for=Ready pod -l app=memcached -n monitoring",
            "--for=Ready is no condition. Write --for=condition=NAME.",
        ),
        (
            "kubectl create secret generic loki-s3-creds -n monitoring --from-literal=key=x",
            ("nobody reads the key key of Secret loki-s3-creds. Its keys are access_key and "
            "secret_key."),
        ),
        (
            ("kubectl create secret generic loki-s3-creds -n monitoring \\\n"
            "  --from-literal=access_key=x"),
            ("Secret loki-s3-creds lacks the key secret_key. Its keys are access_key and "
            "secret_key."),
        ),
        (
            "kubectl create secret generic loki-s3-cred -n monitoring --from-literal=access_key=x",
            "there is no Secret loki-s3-cred in namespace monitoring. Write loki-s3-creds.",
        ),
        (
            "kubectl drain --ignore-daemonsets",
            "kubectl drain names no node. Write one.",
        ),
        (
            "kubectl -n monitoring",
            "there is no verb. Write get, apply or another behind kubectl.",
        ),
    ],
)  # fmt: skip
def test_a_planted_mistake_is_named(tmp_path: Path, shell: str, fault: str) -> None:
    line = 3 + shell.startswith("cd")
    assert told(tmp_path, shell)[:1] == [f"page.md:{line}: {fault}"]


@pytest.mark.parametrize(
    "shell",
    [
        "kubectl get pods -A",
        "kubectl get nodes",
        "kubectl --context staging -n monitoring get sts,svc loki -o yaml | grep -n image",
        "kubectl get pods -n monitoring -l 'app in (loki,promtail)'",
        "kubectl get pods -nmonitoring -lapp=loki -ojson > pods.json 2>&1",
        "kubectl get pvc -n monitoring -l app.kubernetes.io/name=loki",
        "kubectl describe pod/loki-0 -n monitoring && echo well  # kubectl aply",
        f"cd {K8S}\nkubectl apply -f 18-loki-configmap.yaml \\\n  -f 18-loki-deployment.yaml",
        f"kubectl apply -f {K8S}/dashboards -f {K8S}/prometheus-rules --dry-run=client",
        "kubectl logs -n monitoring -l app=promtail --tail=20 --prefix",
        "kubectl logs -n monitoring ds/alloy -c alloy --since 10m",
        "kubectl logs -n neurectomy deploy/ryot --previous",
        "kubectl exec -it -n monitoring loki-2 -c loki -- wget -qO- localhost:3100/ready",
        "kubectl port-forward -n monitoring svc/loki 3100 &",
        "kubectl port-forward -n monitoring statefulset/memcached 9150:metrics",
        "kubectl rollout undo daemonset alloy -n monitoring --to-revision=2",
        (
            "for pod in $(kubectl get pods -n monitoring -l app=loki -o name); do\n"
            '  kubectl delete -n monitoring "$pod"; done'
        ),
        "kubectl wait --for=condition=Ready pod -l app=memcached -n monitoring --timeout=5m",
        "kubectl create secret generic loki-api-token -n monitoring --from-literal=token=$word",
        "kubectl top pod -n monitoring -l app=loki --containers",
        "kubectl drain NODE --ignore-daemonsets --delete-emptydir-data",
        "kubectl get endpoints loki -n monitoring",
        "kubectl argo rollouts abort ryot",
    ],
)
def test_what_is_right_passes(tmp_path: Path, shell: str) -> None:
    assert told(tmp_path, shell) == []
    assert "kubectl" in shell


def test_words_are_a_shells(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "Say `kubectl get pods` first.\n\n"
        "```yaml\nkubectl: no\n```\n"
        "- in a list:\n\n"
        "  ```bash\n"
        "  # kubectl aply\n"
        "  x=$(kubectl get \"a b\" 'c;d' \\\n"
        '    -o "jsonpath={.items[0]}" 2>/dev/null); kubectl version>out\n'
        "  ```\n",
        encoding="utf-8",
    )
    assert list(calls(tmp_path, page)) == [
        Call("page.md", 1, ("get", "pods"), mentioned=True),
        Call("page.md", 10, ("get", "a b", "c;d", "-o", "jsonpath={.items[0]}")),
        Call("page.md", 11, ("version",)),
    ]


def test_the_flags_are_those_of_kubectl() -> None:
    """Against the help of the kubectl of the PATH, of the release that the table is of."""
    program = shutil.which("kubectl")
    if program is None:
        pytest.skip("no kubectl on the PATH")
    release = subprocess.run(
        [program, "version", "--client"], check=False, capture_output=True, text=True
    ).stdout
    if not re.search(r"v1\.32\.", release):
        pytest.skip("the kubectl of the PATH is of another release than 1.32")
    common = _helped(program, ["options"])
    for name, verb in verbs().items():
        own = _helped(program, [*name.split(), "--help"])
        assert {key for key in verb.kinds if key != "help"} == own | common, name


def _helped(program: str, words: list[str]) -> set[str]:
    done = subprocess.run([program, *words], check=False, capture_output=True, text=True)
    return set(re.findall(r"^ +(?:-\w, )?--([a-z0-9-]+)(?:=[^:]*)?:", done.stdout, re.MULTILINE))
