"""Every module of the package takes part, and every file is where it belongs."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from alerts import registry
from catalog.model import Catalog
from delivery.render import encode

ROOT = Path(__file__).resolve().parents[2]


def test_the_files(second: Catalog) -> None:
    """Customs promises nothing, so it has no file of objectives."""
    made = {artifact.path: artifact for artifact in registry.generate(second)}
    ids = [service.id for service in second.services]
    promising = [
        f"{service.id}.{objective.id}"
        for service in second.services
        for objective in service.objectives
    ]
    compared = [service.id for service in second.services if service.by_role("requests")]
    tenants = {environment.tenant for environment in second.platform.environments}
    parts = {
        *("watchdog", "loki", "volume", "log-pipeline"),
        *(
            component
            for component, each in second.platform.components.items()
            if each.metrics_port is not None
        ),
    }
    managed = (
        *("contact-points", "logs-platform", "mute-timings", "policies", "templates"),
        *(f"platform-{part}" for part in parts),
        *(f"canary-{name}" for name in compared),
    )
    # Slow stories have a file of their own, called after the rhythm in which they are told.
    assert {re.sub(r"\.\d+[smhd](?=\.yaml$)", "", path) for path in made} == {
        "alertmanager/alertmanager.yml",
        "alertmanager/templates/harbour.tmpl",
        *(f"grafana/alerting-managed/{name}.yaml" for name in managed),
        *(f"grafana/alerting-managed/slo-{name}.yaml" for name in promising),
        *(
            f"grafana/alerting-managed/{kind}-{name}.yaml"
            for kind in ("anomaly", "logs", "service")
            for name in ids
        ),
        *(f"prometheus/rules/platform-{part}.yaml" for part in parts),
        *(f"prometheus/rules/service-{name}.yaml" for name in ids),
        *(f"prometheus/rules/slo-{name}.yaml" for name in promising),
        *(f"prometheus/rules/canary-{name}.yaml" for name in compared),
        *(
            f"deploy/argo-rollouts/{kind}-{name}.yaml"
            for kind in ("analysis", "rollout")
            for name in compared
        ),
        *(f"prometheus/rules/anomaly-{name}.yaml" for name in ids),
        *(f"loki/rules/{tenant}/{name}.yaml" for tenant in tenants for name in (*ids, "platform")),
        *(f"prometheus/tests/platform-{part}.yaml" for part in parts),
        *(f"prometheus/tests/anomaly-{name}.yaml" for name in ids),
        *(f"prometheus/tests/canary-{name}.yaml" for name in compared),
        *(f"prometheus/tests/service-{name}.yaml" for name in ids),
        *(f"prometheus/tests/slo-{name}.yaml" for name in promising),
        *(f"loki/tests/{name}.yaml" for name in (*ids, "platform")),
    }
    owners = {service.id: service.owner.team for service in second.services}
    for path, artifact in made.items():
        stem = Path(path).name.split(".")[0]
        name = next((each for each in ids if stem.endswith(each)), stem)
        assert artifact.owner == owners.get(name, second.platform.owner.team)


def test_each_tenant_has_the_same_rules(shipped: Catalog) -> None:
    made = {artifact.path: encode(artifact) for artifact in registry.generate(shipped)}
    assert made["loki/rules/fake/ryot.yaml"] == made["loki/rules/neurectomy/ryot.yaml"]


def test_every_module_is_imported() -> None:
    """A module that no file comes from is forgotten, or is not needed."""
    modules = {path.stem for path in (ROOT / "alerts").glob("*.py")} - {"__init__", "registry"}
    imported: set[str] = set()
    for path in (ROOT / "alerts").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "alerts":
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").removeprefix("alerts.").partition(".")[0])
    assert modules - imported == set()


@pytest.mark.parametrize("source", ["catalog", "tests/fixtures/minimal", "tests/fixtures/second"])
def test_promtool_accepts_every_rule_file(
    source: str, tmp_path: Path, need_binary: Callable[[str], str]
) -> None:
    from catalog.load import load_catalog

    paths = []
    for artifact in registry.generate(load_catalog(ROOT / source)):
        if artifact.kind == "prometheus-rules":
            path = tmp_path / Path(artifact.path).name
            path.write_bytes(encode(artifact))
            paths.append(str(path))
    command = [need_binary("promtool"), "check", "rules", "--lint-fatal", *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert yaml.safe_load(Path(paths[0]).read_text("utf-8"))
