"""What docs/publishing.md and the workflow tell people and runners to type exists."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from delivery.cli import application
from delivery.publish.servers import TARGETS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "publishing.md").read_text(encoding="utf-8")
WORKFLOW = (ROOT / ".github" / "workflows" / "observability.yml").read_text(encoding="utf-8")
JOBS: dict[str, Any] = yaml.safe_load(WORKFLOW)["jobs"]
COMMANDS: dict[str, Any] = getattr(typer.main.get_command(application()), "commands")  # noqa: B009
OPTIONS = {
    name: {
        option
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    for name, command in COMMANDS.items()
}
PUBLISHING = ("plan", "publish", "pull", "rollback")


def typed(text: str) -> Iterator[list[str]]:
    """Each command line of ours, as words."""
    for line in re.findall(r"build\.py ((?:\\\n|[^\n`;}])*)", text):
        yield shlex.split(line.replace("\\\n", " "))


@pytest.mark.parametrize("text", [PAGE, WORKFLOW], ids=["page", "workflow"])
def test_each_command_and_option_exists(text: str) -> None:
    lines = list(typed(text))
    assert len(lines) > 5
    for name, *words in lines:
        assert name in OPTIONS, name
        named = {word for word in words if word.startswith("--")}
        assert named <= OPTIONS[name], (name, named)


def test_each_option_that_the_page_names_is_one_of_theirs() -> None:
    known = set().union(*(OPTIONS[name] for name in PUBLISHING))
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", PAGE))
    assert named - known == set()


def test_each_option_of_publish_is_explained() -> None:
    shared = {"--catalog", "--generated"}
    for name in PUBLISHING:
        for option in OPTIONS[name] - shared - {"uids"}:
            assert option in PAGE or option.removesuffix("-url") in PAGE, (name, option)


def test_each_server_has_its_variables() -> None:
    for name in TARGETS.values():
        for suffix in ("_URL", "_TOKEN", "_TOKEN_FILE"):
            assert f"`{name}{suffix}`" in PAGE, name + suffix


def test_links_lead_somewhere() -> None:
    headings = {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^## (.*)$", PAGE, re.MULTILINE)
    }
    for link in re.findall(r"\]\(([^)]+)\)", PAGE):
        if link.startswith("#"):
            assert link[1:] in headings, link
        else:
            assert (ROOT / "docs" / link).exists(), link
    for path in re.findall(r"`(tests/[\w/]+\.py)`", PAGE):
        assert (ROOT / path).exists(), path


def test_every_permission_that_is_asked_for_is_in_the_table() -> None:
    source = (ROOT / "delivery/publish/permissions.py").read_text(encoding="utf-8")
    asked = set(re.findall(r'"((?:folders|datasources|dashboards)[\w.]*:\w+)"', source))
    assert len(asked) > 8
    for action in {*asked, "alert.provisioning:write"}:
        assert f"`{action}`" in PAGE, action


def test_a_job_that_holds_a_secret_has_an_environment_and_runs_for_nobody_else() -> None:
    for name, job in JOBS.items():
        if "secrets." in str(job):
            assert job["environment"] in {"plan", "production"}, name
    assert "pull_request_target" not in WORKFLOW
    assert JOBS["publish"]["if"] == "github.event_name == 'push'"


def test_only_the_plan_may_write_and_only_comments() -> None:
    document = yaml.safe_load(WORKFLOW)
    assert document["permissions"] == {"contents": "read"}
    held = {name: job["permissions"] for name, job in JOBS.items() if "permissions" in job}
    assert held == {
        "demo": {"contents": "read", "actions": "read"},
        "plan": {"contents": "read", "pull-requests": "write"},
    }


def test_nothing_of_a_pull_request_is_put_into_a_script() -> None:
    for job in JOBS.values():
        for step in job["steps"]:
            assert "${{" not in step.get("run", ""), step


def test_the_paths_it_runs_exist() -> None:
    for path in re.findall(r"(?:pytest|bash) (\S+)", WORKFLOW):
        assert (ROOT / path).exists(), path
    images = [service["image"] for service in JOBS["publishing"]["services"].values()]
    releases = JOBS["publishing"]["strategy"]["matrix"]["grafana"]
    assert {release.partition(".")[0] for release in releases} >= {"11", "12", "13"}
    for tag in [*releases, *(image.partition(":")[2] for image in images[1:])]:
        assert re.fullmatch(r"\d+\.\d+\.\d+", tag), tag
