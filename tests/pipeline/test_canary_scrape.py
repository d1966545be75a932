"""How canaries are scraped in a cluster: accepted by Prometheus, and labelled as queries expect."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog.load import load_catalog
from catalog.model import Catalog
from pipeline.canary_scrape import configuration

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def shipped() -> Catalog:
    return load_catalog(ROOT / "catalog")


def test_promtool_accepts_it(
    shipped: Catalog, tmp_path: Path, need_binary: Callable[[str], str]
) -> None:
    """But for the discovery, which Debian's build of Prometheus does not have."""
    content = configuration(shipped)
    assert content
    for job in content["scrape_configs"]:
        [discovery] = job.pop("kubernetes_sd_configs")
        assert discovery == {"role": "pod", "namespaces": {"names": ["neurectomy"]}}
        job["static_configs"] = [{"targets": ["x:1"]}]
    path = tmp_path / "prometheus.yml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    command = [need_binary("promtool"), "check", "config", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def relabelled(job: dict[str, Any], pod: dict[str, str]) -> dict[str, str] | None:
    """What Prometheus makes of a pod's labels: the three kinds of step that are used here."""
    labels = dict(pod)
    for step in job["relabel_configs"]:
        value = ";".join(labels.get(name, "") for name in step.get("source_labels", ()))
        matches = "regex" not in step or value == step["regex"]
        if step.get("action") == "keep":
            if not matches:
                return None
        elif matches:
            labels[step["target_label"]] = step.get("replacement", value)
    return {name: value for name, value in labels.items() if not name.startswith("__")}


@pytest.mark.parametrize(
    ("label", "track"), [("", "stable"), ("stable", "stable"), ("canary", "canary")]
)
def test_a_pod_says_itself_which_track_it_is_on(shipped: Catalog, label: str, track: str) -> None:
    content = configuration(shipped)
    assert content
    job = next(each for each in content["scrape_configs"] if each["job_name"] == "services-ryot")
    pod = {
        "__meta_kubernetes_namespace": "neurectomy",
        "__meta_kubernetes_pod_name": "ryot-1",
        "__meta_kubernetes_pod_label_app": "ryot",
        "__meta_kubernetes_pod_container_port_number": "8080",
        "__meta_kubernetes_pod_label_track": label,
    }
    assert relabelled(job, pod) == {
        "cluster": "neurectomy",
        "environment": "production",
        "namespace": "neurectomy",
        "service": "ryot",
        "pod": "ryot-1",
        "track": track,
        "job": "services",
    }
    assert relabelled(job, {**pod, "__meta_kubernetes_pod_label_app": "other"}) is None


def test_without_canaries_there_is_none(shipped: Catalog) -> None:
    platform = shipped.platform.model_copy(update={"canary": None})
    assert configuration(shipped.model_copy(update={"platform": platform})) is None
