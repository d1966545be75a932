"""What the README shows works as it stands there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

from catalog.load import load_catalog
from delivery.cli import COMMANDS
from delivery.render import rendered

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def with_fifth_service(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readme") / "catalog"
    shutil.copytree(ROOT / "catalog", folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (service,) = (block for block in blocks("yaml") if block.startswith("id: "))
    (folder / "services" / "billing.yaml").write_text(service, encoding="utf-8")
    return folder


def test_the_service_it_shows_builds_with_dashboards_and_rules(with_fifth_service: Path) -> None:
    catalog = load_catalog(with_fifth_service)
    paths = {artifact.path for artifact, _ in rendered(catalog) if "billing" in artifact.path}
    assert {
        "grafana/dashboards/logs/neurectomy-logs-billing.json",
        "grafana/dashboards/slo/neurectomy-slo-billing.json",
        "prometheus/rules/service-billing.yaml",
        "prometheus/rules/slo-billing.invoices.yaml",
    } <= paths


def test_the_files_it_links_to_are_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert len(links) > 5
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_make_targets_it_names_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`?make (\w+)", README):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_commands_it_names_exist() -> None:
    named = set(re.findall(r"python build\.py (\w[\w-]*)", README))
    known = {module.__name__.rsplit(".", 1)[1].strip("_").replace("_", "-") for module in COMMANDS}
    assert named <= known


def test_the_compose_file_mounts_what_the_build_makes() -> None:
    compose = yaml.safe_load((ROOT / "examples/compose/compose.yaml").read_text(encoding="utf-8"))
    mounts = [
        volume.split(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", ())
        if volume.startswith("../../")
    ]
    assert mounts
    for mount in mounts:
        assert (ROOT / "examples/compose" / mount).resolve().exists(), mount


def test_the_compose_file_runs_what_the_catalog_names() -> None:
    catalog = load_catalog(ROOT / "catalog")
    services = yaml.safe_load((ROOT / "examples/compose/compose.yaml").read_text("utf-8"))[
        "services"
    ]
    assert catalog.agent
    assert catalog.deployment
    images = catalog.deployment.images
    newest = catalog.platform.components["loki"].releases[-1]
    assert services["agent"]["image"] == catalog.agent.images["alloy"]
    for name, image in (
        ("loki", f"{images.loki}:{newest}"),
        ("memcached", images.memcached),
        ("memcached-exporter", images.memcached_exporter),
    ):
        assert services[name]["image"] == image.removeprefix("docker.io/").removeprefix("library/")
    # Scraped where prometheus.yml looks for it, by the name of what it watches.
    assert services["memcached-exporter"]["network_mode"] == "service:memcached"
    asked = f"{catalog.platform.components['agent'].metrics_port}"
    assert f"--server.http.listen-addr=0.0.0.0:{asked}" in services["agent"]["command"]


def test_the_kubernetes_example_mounts_every_folder() -> None:
    text = (ROOT / "examples/kubernetes/grafana.yaml").read_text(encoding="utf-8")
    deployment = next(iter(yaml.safe_load_all(text)))["spec"]["template"]["spec"]
    mounted = {entry["mountPath"] for entry in deployment["containers"][0]["volumeMounts"]}
    maps = {
        volume["configMap"]["name"] for volume in deployment["volumes"] if "configMap" in volume
    }
    dashboards = {path.name for path in (ROOT / "generated/grafana/dashboards").iterdir()}
    kinds = {path.name for path in (ROOT / "generated/grafana/provisioning").iterdir()}
    assert {f"/var/lib/grafana/dashboards/{name}" for name in dashboards} <= mounted
    assert {f"/etc/grafana/provisioning/{kind}" for kind in kinds} <= mounted
    assert maps == {f"grafana-dashboards-{name}" for name in dashboards} | {
        f"grafana-provisioning-{kind}" for kind in kinds
    }


def test_no_folder_of_dashboards_outgrows_a_config_map() -> None:
    """A ConfigMap ends at 1 MiB, and so does what etcd stores of one object."""
    for folder in (ROOT / "generated/grafana/dashboards").iterdir():
        size = sum(path.stat().st_size for path in folder.iterdir())
        assert size < 900_000, folder.name
