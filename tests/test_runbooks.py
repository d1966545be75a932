"""Whoever is paged finds a runbook: one for every alert, and none for an alert that is gone."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from alerts.registry import generate
from catalog.load import load_catalog
from delivery.checks.rules.runbook_sections import SECTIONS
from delivery.render import encode

ROOT = Path(__file__).resolve().parent.parent
RUNBOOKS = sorted((ROOT / "docs/runbooks").glob("*.md"))


@pytest.fixture(scope="module")
def alerts() -> set[str]:
    """The names of all alerts, Prometheus' and Loki's."""
    return {
        rule["alert"]
        for artifact in generate(load_catalog(ROOT / "catalog"))
        if artifact.kind in {"prometheus-rules", "loki-rules"}
        for group in yaml.safe_load(encode(artifact))["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }


def test_each_alert_has_a_runbook_and_each_runbook_an_alert(alerts: set[str]) -> None:
    named = {path.stem for path in RUNBOOKS}
    assert (alerts - named, named - alerts) == (set(), set())


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_it_tells_what_to_do(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {path.stem}\n")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == list(SECTIONS)
    parts = re.split(r"^## .+$", text, flags=re.MULTILINE)[1:]
    assert all(part.strip() for part in parts)
    assert "TODO" not in text, "new-service wrote it, and nobody has filled it in"
    assert len(re.findall(r"^[123]\. \S", parts[SECTIONS.index("First look")], re.MULTILINE)) == 3
    assert "```" in parts[SECTIONS.index("Diagnosis")]


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_what_follows_from_the_catalog_is_made(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    parts = dict(zip(SECTIONS, re.split(r"^## .+$", text, flags=re.MULTILINE)[1:], strict=True))
    points = re.split(r"^[123]\. ", parts["First look"], flags=re.MULTILINE)[1:]
    assert ["<!-- made: look" in point for point in points] == [True] * 3
    assert "<!-- made: escalation -->" in parts["Escalation"]
    written = re.sub(r"<!-- made: .*?<!-- made end -->", "", text, flags=re.DOTALL)
    assert not re.findall(r"\]\((https?://[^)]*)\)", written), "a link that nobody renews"
    assert "query run" not in written, "a command that nobody renews"


def test_its_promql_can_be_pasted(tmp_path: Path, need_binary: Callable[[str], str]) -> None:
    rules = [
        {"record": "a:b", "expr": query}
        for path in RUNBOOKS
        for query in re.findall(r"```promql\n(.+?)\n```", path.read_text("utf-8"), re.DOTALL)
    ]
    assert len(rules) > len(RUNBOOKS)
    # One group a query: in one group, rules that record the same are refused.
    groups = [{"name": str(index), "rules": [rule]} for index, rule in enumerate(rules)]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": groups}), "utf-8")
    done = subprocess.run(
        [need_binary("promtool"), "check", "rules", "--lint=none", str(tmp_path / "rules.yaml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_address_of_the_runbook_is_the_alerts_name(alerts: set[str]) -> None:
    catalog = load_catalog(ROOT / "catalog")
    for artifact in generate(catalog):
        if artifact.kind not in {"prometheus-rules", "loki-rules"}:
            continue
        for group in yaml.safe_load(encode(artifact))["groups"]:
            for rule in group["rules"]:
                if "alert" in rule:
                    address = f"{catalog.platform.links.runbooks_url}/{rule['alert']}"
                    assert rule["annotations"]["runbook_url"] == address
    assert alerts
