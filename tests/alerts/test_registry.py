"""Every module of the package takes part, and every file is where it belongs."""

from __future__ import annotations

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
    promising = [service.id for service in second.services if service.objectives]
    tenants = {environment.tenant for environment in second.platform.environments}
    managed = ("contact-points", "mute-timings", "platform", "policies", "templates")
    assert set(made) == {
        "alertmanager/alertmanager.yml",
        "alertmanager/templates/harbour.tmpl",
        *(f"grafana/alerting-managed/{name}.yaml" for name in managed),
        *(f"grafana/alerting-managed/slo-{name}.yaml" for name in promising),
        *(
            f"grafana/alerting-managed/{kind}-{name}.yaml"
            for kind in ("logs", "service")
            for name in ids
        ),
        "prometheus/rules/platform.yaml",
        *(f"prometheus/rules/service-{name}.yaml" for name in ids),
        *(f"prometheus/rules/slo-{name}.yaml" for name in promising),
        *(f"loki/rules/{tenant}/{name}.yaml" for tenant in tenants for name in ids),
    }
    owners = {service.id: service.owner.team for service in second.services}
    for path, artifact in made.items():
        name = Path(path).stem.removeprefix("service-").removeprefix("slo-").removeprefix("logs-")
        assert artifact.owner == owners.get(name, second.platform.owner.team)


def test_each_tenant_has_the_same_rules(shipped: Catalog) -> None:
    made = {artifact.path: encode(artifact) for artifact in registry.generate(shipped)}
    assert made["loki/rules/fake/ryot.yaml"] == made["loki/rules/neurectomy/ryot.yaml"]


def test_every_module_is_imported() -> None:
    """A module that no file comes from is forgotten, or is not needed."""
    modules = {path.stem for path in (ROOT / "alerts").glob("*.py")} - {"__init__", "registry"}
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "alerts").glob("*.py"))
    unused = {
        name
        for name in modules
        if f"from alerts.{name} import" not in sources
        and not any(
            name in line.partition(" import ")[2].replace(",", " ").split()
            for line in sources.splitlines()
            if line.startswith("from alerts import ")
        )
    }
    assert unused == set()


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
