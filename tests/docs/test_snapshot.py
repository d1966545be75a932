"""docs/snapshot.md names what there is, and the live jobs run the releases that we pin."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from catalog.load import load_catalog
from delivery.cli import application
from delivery.demo.servers import BINARIES
from delivery.snapshot.model import FAULTS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "snapshot.md").read_text(encoding="utf-8")
SCRIPT = ROOT / ".github" / "servers.sh"
WORKFLOW: dict[str, Any] = yaml.safe_load(
    (ROOT / ".github/workflows/observability.yml").read_text(encoding="utf-8")
)
COMPOSE: dict[str, Any] = yaml.safe_load(
    (ROOT / "examples/compose/compose.yaml").read_text(encoding="utf-8")
)
OPTIONS = {
    option
    for parameter in getattr(typer.main.get_command(application()), "commands")[  # noqa: B009
        "snapshot"
    ].params
    for option in (*parameter.opts, *parameter.secondary_opts)
}


def test_every_option_is_explained_and_every_one_that_is_named_exists() -> None:
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", PAGE))
    assert OPTIONS - {"--catalog", "--generated", "--take"} <= named
    assert named - OPTIONS == set()


def test_every_fault_is_explained() -> None:
    for kind in FAULTS:
        assert f"| `{kind}` |" in PAGE, kind


def test_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (ROOT / "docs" / link).exists(), link


def test_the_live_job_runs_releases_that_are_pinned() -> None:
    catalog = load_catalog(ROOT / "catalog")
    assert catalog.deployment
    matrix = WORKFLOW["jobs"]["live"]["strategy"]["matrix"]["include"]
    lokis = {each["loki"] for each in matrix}
    assert lokis == {tree.loki for tree in catalog.deployment.trees}
    newest = COMPOSE["services"]["grafana"]["image"].partition(":")[2]
    assert newest in {each["grafana"] for each in matrix}
    beside = next(each["loki"] for each in matrix if each["grafana"] == newest)
    assert COMPOSE["services"]["loki"]["image"].partition(":")[2] == beside


def test_the_script_takes_images_that_there_are() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    services = set(re.findall(r"pinned (\w+)", text)) | set(re.findall(r" \w+:([a-z-]+)", text))
    assert services >= {"grafana", "loki", "jaeger", "agent", "alertmanager", "prometheus"}
    assert services - {*COMPOSE["services"]} == set()
    # No release stands in it: it is the example's, the catalog's, or the caller's.
    assert not re.search(r"\d+\.\d+\.\d+", text)


def test_the_script_sets_what_the_live_tests_read() -> None:
    known = {"GRAFANA_HOME", *(variable for variable, _ in BINARIES.values())}
    text = SCRIPT.read_text(encoding="utf-8")
    told = set(re.findall(r"echo \"(\w+_(?:BIN|HOME))=", text))
    told |= {f"{name.upper()}_BIN" for name in re.findall(r" (\w+):[a-z-]+", text)}
    assert len(told) > 7
    for name in told:
        assert name in known, name


@pytest.mark.parametrize("name", ["live", "demo"])
def test_the_scripts_of_the_jobs_are_scripts(name: str) -> None:
    for step in WORKFLOW["jobs"][name]["steps"]:
        if "run" in step:
            checked = subprocess.run(
                ["bash", "-n"], input=step["run"], capture_output=True, text=True, check=False
            )
            assert (checked.returncode, checked.stderr) == (0, ""), step
    assert subprocess.run(["bash", "-n", str(SCRIPT)], check=False).returncode == 0


def test_what_the_page_types_is_taken() -> None:
    lines = re.findall(r"build\.py snapshot((?:\\\n|[^\n`])*)", PAGE)
    assert len(lines) > 2
    for line in lines:
        words = shlex.split(line.replace("\\\n", " "))
        assert {word for word in words if word.startswith("--")} <= OPTIONS, line
