"""The evaluator of network policies itself, on policies whose meaning Kubernetes documents."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pipeline.deploy.reach import End, may_reach

Json = dict[str, Any]

DB = End("db", "10.0.0.1", "shop", {"app": "db"})
WEB = End("web", "10.0.0.2", "shop", {"app": "web"})
TWIN = End("twin", "10.0.0.3", "other", {"app": "web"})
OUT = End("out", "192.0.2.7")


def policy(spec: Json, namespace: str = "shop") -> Json:
    return {"metadata": {"namespace": namespace}, "spec": {"podSelector": {}, **spec}}


def from_(*peers: Json, **more: Any) -> Json:
    return policy({"policyTypes": ["Ingress"], "ingress": [{"from": list(peers), **more}]})


WEBS = {"podSelector": {"matchLabels": {"app": "web"}}}
OTHERS = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "other"}}}


@pytest.mark.parametrize(
    ("policies", "sender", "expected"),
    [
        ([], WEB, True),
        ([policy({"policyTypes": ["Ingress"]})], WEB, False),
        ([policy({"policyTypes": ["Ingress"], "ingress": [{}]})], OUT, True),
        ([policy({"policyTypes": ["Ingress"]}, "other")], WEB, True),
        ([policy({"policyTypes": ["Egress"]})], OUT, True),
        ([policy({"policyTypes": ["Egress"]})], WEB, False),
        ([from_(WEBS)], WEB, True),
        ([from_(WEBS)], TWIN, False),
        ([from_(OTHERS)], TWIN, True),
        ([from_({**OTHERS, **WEBS})], TWIN, True),
        ([from_({**OTHERS, **WEBS})], WEB, False),
        ([from_(OTHERS, WEBS)], WEB, True),
        ([from_(WEBS)], OUT, False),
        ([policy({"policyTypes": ["Ingress"]}), from_(WEBS)], WEB, True),
        ([from_({"ipBlock": {"cidr": "192.0.2.0/24"}})], OUT, True),
        ([from_({"ipBlock": {"cidr": "192.0.2.0/24", "except": ["192.0.2.7/32"]}})], OUT, False),
        ([from_(WEBS, ports=[{"port": 80}])], WEB, True),
        ([from_(WEBS, ports=[{"port": 81}])], WEB, False),
        ([from_(WEBS, ports=[{"port": 70, "endPort": 90}])], WEB, True),
        ([from_(WEBS, ports=[{"port": 80, "protocol": "UDP"}])], WEB, False),
        ([from_(WEBS, ports=[{"protocol": "TCP"}])], WEB, True),
        ([policy({"podSelector": {"matchLabels": {"app": "no"}}})], WEB, True),
        (
            [
                policy(
                    {
                        "podSelector": {
                            "matchExpressions": [{"key": "app", "operator": "In", "values": ["db"]}]
                        }
                    }
                )
            ],
            WEB,
            False,
        ),
    ],
)
def test_it_reads_policies_as_kubernetes_does(
    policies: list[Json], sender: End, expected: bool
) -> None:
    assert may_reach(policies, sender, DB, 80, "TCP") is expected
