"""An alert for the automation reaches the webhook and the team, as Alertmanager routes it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from alerts import canary_route
from catalog.model import Catalog


@pytest.fixture
def file(shipped: Catalog, tmp_path: Path) -> Path:
    content = {
        "route": {
            "receiver": "team",
            "routes": [
                canary_route.route(shipped),
                {"receiver": "team", "matchers": ['team="inference"']},
            ],
        },
        "receivers": [{"name": "team"}, canary_route.receiver(shipped)],
        "inhibit_rules": [
            {
                "source_matchers": ['severity="page"'],
                "target_matchers": ['severity="ticket"', 'action!="rollback"'],
                "equal": ["service"],
            }
        ],
    }
    path = tmp_path / "alertmanager.yml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def amtool(binary: str, *arguments: str) -> str:
    done = subprocess.run([binary, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def test_alertmanager_takes_it(file: Path, need_binary: Callable[[str], str]) -> None:
    amtool(need_binary("amtool"), "check-config", str(file))


@pytest.mark.parametrize(
    ("labels", "receivers"),
    [(("action=rollback", "team=inference"), "rollback,team"), (("team=inference",), "team")],
)
def test_the_automation_is_told_and_the_team_as_well(
    file: Path, need_binary: Callable[[str], str], labels: tuple[str, ...], receivers: str
) -> None:
    binary = need_binary("amtool")
    assert amtool(binary, "config", "routes", "test", f"--config.file={file}", *labels) == receivers


def test_the_address_is_the_catalog_s_and_the_token_is_no_part_of_it(shipped: Catalog) -> None:
    assert shipped.platform.canary
    receiver = canary_route.receiver(shipped)
    assert receiver
    [webhook] = receiver["webhook_configs"]
    assert webhook["url"] == shipped.platform.canary.webhook
    authorization = webhook["http_config"]["authorization"]
    assert authorization == {"type": "Bearer", "credentials_file": canary_route.TOKEN}


def test_without_canaries_there_is_no_route(shipped: Catalog) -> None:
    bare = shipped.model_copy(
        update={"platform": shipped.platform.model_copy(update={"canary": None})}
    )
    assert canary_route.route(bare) is None
    assert canary_route.receiver(bare) is None
