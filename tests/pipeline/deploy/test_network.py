"""Who may reach whom, on which port: the whole table, for the policies that ship."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import pytest

from tests.pipeline.deploy.manifests import TREES, Json, objects, shipped
from tests.pipeline.deploy.reach import End, may_reach

NAME = "app.kubernetes.io/name"
OURS = "monitoring"
PORTS = (
    *((port, "TCP") for port in (22, 53, 80, 443, 1514, 3100, 4317, 4318, 6443, 7946, 8080, 9080)),
    *((port, "TCP") for port in (9090, 9093, 9096, 9150, 11211, 14268, 16686)),
    *((port, "UDP") for port in (53, 1514, 3100, 11211)),
)
#: Where spans go: each release's own protocol.
SPANS = {"k8s": 14268, "k8s-current": 4318}


def pod(name: str, address: str, namespace: str = OURS, **labels: str) -> End:
    return End(name, address, namespace, labels or {NAME: name})


def ends(agent: str) -> dict[str, End]:
    """Everyone there is: the pipeline, its neighbours, strangers, and addresses outside."""
    found = (
        pod("loki", "10.244.0.1"),
        pod("memcached", "10.244.0.2"),
        End("agent", "10.244.0.3", OURS, {NAME: agent}),
        pod("grafana", "10.244.0.4"),
        pod("alertmanager", "10.244.0.5"),
        pod("prometheus", "10.244.0.6"),
        pod("jaeger", "10.244.0.7"),
        End("dns", "10.244.0.8", "kube-system", {"k8s-app": "kube-dns"}),
        pod("neighbour", "10.244.0.9"),
        End("impostor", "10.244.0.10", "shops", {NAME: "grafana"}),
        pod("service", "10.244.0.11", "neurectomy", app="service"),
        End("office", "10.9.0.1"),
        End("stranger", "203.0.113.9"),
        End("private", "172.16.3.4"),
        End("metadata", "169.254.169.254"),
        End("s3", "52.216.0.1"),
    )
    return {each.name: each for each in found}


def policies(tree: str) -> list[Json]:
    return [each for each in objects(shipped(), tree) if each["kind"] == "NetworkPolicy"]


def table(known: list[Json], agent: str) -> dict[tuple[str, str], set[str]]:
    """What each may reach of the pipeline's pods, and what they may reach."""
    everyone = ends(agent)
    found: dict[tuple[str, str], set[str]] = {}
    for sender in everyone.values():
        for receiver in everyone.values():
            if {"loki", "memcached", "agent"} & {sender.name, receiver.name}:
                open_ports = set(_open(known, sender, receiver))
                if open_ports:
                    found[sender.name, receiver.name] = open_ports
    return found


def _open(known: list[Json], sender: End, receiver: End) -> Iterator[str]:
    for port, how in PORTS:
        if may_reach(known, sender, receiver, port, how):
            yield f"{port}/{how}"


def expected(tree: str) -> dict[tuple[str, str], set[str]]:
    dns = {"53/TCP", "53/UDP"}
    api = {"443/TCP", "6443/TCP"}
    return {
        ("agent", "loki"): {"3100/TCP"},
        ("grafana", "loki"): {"3100/TCP"},
        ("alertmanager", "loki"): {"3100/TCP"},
        ("prometheus", "loki"): {"3100/TCP"},
        ("office", "loki"): {"3100/TCP"},
        ("loki", "loki"): {"3100/TCP", "7946/TCP", "9096/TCP"},
        ("loki", "memcached"): {"11211/TCP"},
        ("loki", "alertmanager"): {"9093/TCP"},
        ("loki", "prometheus"): {"9090/TCP"},
        ("loki", "jaeger"): {f"{SPANS[tree]}/TCP"},
        ("loki", "dns"): dns,
        ("loki", "s3"): {"443/TCP"},
        # Whatever is public on 443: a policy knows addresses, not names, and S3's change.
        ("loki", "stranger"): {"443/TCP"},
        ("prometheus", "memcached"): {"9150/TCP"},
        ("prometheus", "agent"): {"9080/TCP"},
        ("office", "agent"): {"1514/UDP"},
        ("agent", "dns"): dns,
        # The API's address is the cluster's own, so the committed range is every one but a pod's.
        **{("agent", who): api for who in ("office", "stranger", "private", "metadata", "s3")},
    }


@pytest.mark.parametrize("tree", TREES)
def test_the_table(tree: str) -> None:
    assert table(policies(tree), TREES[tree]) == expected(tree)


@pytest.mark.parametrize("tree", TREES)
def test_behind_them_everything_is_denied(tree: str) -> None:
    """With the policies that allow taken away, the one that denies is left."""
    denying = [each for each in policies(tree) if "ingress" not in each["spec"]]
    assert [each["metadata"]["name"] for each in denying] == ["neurectomy-logs-default-deny"]
    assert table(denying, TREES[tree]) == {}


@pytest.mark.parametrize("tree", TREES)
def test_each_rule_is_needed(tree: str) -> None:
    """Without any one of its rules the table is another."""
    known = policies(tree)
    full = table(known, TREES[tree])
    tried = 0
    for index, each in enumerate(known):
        for side in ("ingress", "egress"):
            for number in range(len(each["spec"].get(side) or ())):
                without = copy.deepcopy(known)
                del without[index]["spec"][side][number]
                assert table(without, TREES[tree]) != full, (each["metadata"]["name"], side, number)
                tried += 1
    assert tried == 16
