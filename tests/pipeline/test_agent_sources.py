"""Which source takes which container, and the labels it gets: relabelled as Prometheus does."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.load import load_catalog
from catalog.regex import compiled
from pipeline.agent.sources import Messages, Pods, Relabel, in_kubernetes

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = load_catalog(ROOT / "catalog")
SECOND = load_catalog(ROOT / "tests/fixtures/second")
POD = "__meta_kubernetes_pod_"


def relabelled(rules: tuple[Relabel, ...], target: dict[str, str]) -> dict[str, str] | None:
    """What is left of a target's labels; None if a rule lets it go."""
    labels = dict(target)
    for rule in rules:
        value = (rule.separator or ";").join(labels.get(name, "") for name in rule.source)
        match = compiled(rule.regex or "(.*)").fullmatch(value)
        if rule.action in {"keep", "drop"}:
            if (match is None) == (rule.action == "keep"):
                return None
        elif match is not None:
            text = rule.replacement or "$1"
            for group in range(len(match.groups()), 0, -1):
                text = text.replace(f"${group}", match.group(group) or "")
            labels[rule.target] = text
    return {name: value for name, value in labels.items() if value}


def pod(namespace: str, app: str, container: str, **labels: str) -> dict[str, str]:
    return {
        "__meta_kubernetes_namespace": namespace,
        f"{POD}name": f"{app}-1",
        f"{POD}uid": "0b5e",
        f"{POD}node_name": "node-7",
        f"{POD}container_name": container,
        **({f"{POD}label_app": app} if app else {}),
        **{f"{POD}label_{name}": value for name, value in labels.items()},
    }


def taken(target: dict[str, str]) -> dict[str, dict[str, str]]:
    assert SHIPPED.agent
    plan = in_kubernetes(SHIPPED, SHIPPED.agent, structured=False)
    assert plan
    found = {
        source.id: relabelled(source.rules, target)
        for source in plan.sources
        if isinstance(source, Pods)
    }
    return {
        name: {key: value for key, value in labels.items() if not key.startswith("__meta")}
        for name, labels in found.items()
        if labels is not None
    }


OF_EACH = {
    "__host__": "node-7",
    "cluster": "neurectomy",
    "environment": "production",
    "namespace": "neurectomy",
}


@pytest.mark.parametrize(
    ("labels", "track"),
    [({}, "stable"), ({"track": "canary"}, "canary"), ({"track": "x"}, "stable")],
)
def test_a_declared_container_is_its_service_s(labels: dict[str, str], track: str) -> None:
    assert taken(pod("neurectomy", "ryot", "ryot", **labels)) == {
        "service-ryot": {
            **OF_EACH,
            "__path__": "/var/log/pods/*0b5e/ryot/*.log",
            "pod": "ryot-1",
            "container_name": "ryot",
            "service": "ryot",
            "tier": "backend",
            "track": track,
        }
    }


@pytest.mark.parametrize(("tier", "labelled"), [("specialist", {"tier": "specialist"}), ("x", {})])
def test_a_label_that_lines_may_say_is_the_pod_s_until_then(
    tier: str, labelled: dict[str, str]
) -> None:
    found = taken(pod("neurectomy", "agents", "agents", tier=tier, level="error"))["service-agents"]
    assert {key: value for key, value in found.items() if key in {"tier", "level"}} == labelled


@pytest.mark.parametrize(
    ("target", "service"),
    [
        (pod("neurectomy", "ryot", "istio-proxy"), "istio-proxy"),
        (pod("elsewhere", "ryot", "ryot"), "ryot"),
        (pod("neurectomy", "billing", "main"), "billing"),
        (pod("neurectomy", "", "main"), "main"),
        (pod("x", "", "main", app_kubernetes_io_name="shop"), "shop"),
        (pod("x", "till", "main", app_kubernetes_io_name="shop"), "till"),
    ],
    ids=["sidecar", "other namespace", "other app", "no label", "new label", "both labels"],
)
def test_every_other_container_is_the_fallback_s(target: dict[str, str], service: str) -> None:
    [(name, labels)] = taken(target).items()
    assert (name, labels["service"]) == ("kubernetes", service)
    assert "track" not in labels


def test_the_files_of_a_static_pod_are_named_after_its_configuration() -> None:
    target = pod("kube-system", "", "etcd")
    target[f"{POD}annotation_kubernetes_io_config_hash"] = "c0ffee"
    assert taken(target)["kubernetes"]["__path__"] == "/var/log/pods/*c0ffee/etcd/*.log"


def test_a_service_that_names_no_containers_has_all_of_its_pod() -> None:
    assert SECOND.agent
    plan = in_kubernetes(SECOND, SECOND.agent, structured=True)
    assert plan
    rules = {source.id: source.rules for source in plan.sources if isinstance(source, Pods)}
    for container in ("main", "sidecar"):
        labels = relabelled(
            rules["service-berth-planner"], pod("port", "planner", container, crew="trainee")
        )
        assert labels
        assert labels["track"] == "trainee"
        assert "container_name" not in labels


def test_each_severity_of_syslog_has_a_level() -> None:
    assert SHIPPED.agent
    plan = in_kubernetes(SHIPPED, SHIPPED.agent, structured=True)
    assert plan
    [source] = [each for each in plan.sources if isinstance(each, Messages)]
    levels = {}
    for severity in (
        "emergency",
        "alert",
        "critical",
        "error",
        "warning",
        "notice",
        "informational",
        "debug",
    ):
        told = {
            "__syslog_message_severity": severity,
            "__syslog_message_hostname": "router",
            "__syslog_message_app_name": "kernel",
        }
        labels = relabelled(source.rules, told)
        assert labels
        assert (labels["hostname"], labels["app_name"]) == ("router", "kernel")
        levels[severity] = labels["level"]
    assert list(levels.values()) == ["error"] * 4 + ["warn", "info", "info", "debug"]
