"""A real browser draws every dashboard without an error on the page."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.live import shots
from tests.live.excused import excuse, too_old
from tests.live.servers import find, missing
from tests.live.stack import Stack

Json = dict[str, Any]

pytest.importorskip("playwright", reason="playwright is not installed")


@pytest.fixture(scope="session")
def opened() -> Iterator[Any]:
    chromium = next(iter(find("chromium")), None)
    if chromium is None:
        pytest.skip(missing("chromium"))
    with shots.browser(chromium.path) as running:
        yield running


@pytest.fixture(scope="session")
def album(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pictures go: LIVE_SHOTS, or a temporary folder."""
    named = os.environ.get("LIVE_SHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("shots")
    return folder / f"{stack.plan.grafana}-{stack.plan.loki}".replace(" ", "_")


def test_every_dashboard_is_drawn(
    stack: Stack, opened: Any, album: Path, dashboards: dict[str, Json]
) -> None:
    wrong: list[str] = []
    for dashboard in dashboards.values():
        uid = dashboard["uid"]
        try:
            shot = shots.take(opened, stack.grafana, uid, album)
        except requests.HTTPError as error:
            wrong.append(f"{uid}: {error}")
            continue
        expected = {panel["title"] for panel in dashboard["panels"] if panel["type"] != "row"}
        if len(shot.panels) < len(expected):
            wrong.append(f"{uid}: {len(shot.panels)} of {len(expected)} panels are drawn")
        wrong += [f"{uid}: {each}" for each in (*shot.errors, *shot.console, *shot.failed)]
        wrong += [f"{uid}: empty: {each}" for each in shot.empty if not excuse(each)]
    version = stack.plan.grafana.version if stack.plan.grafana else ()
    wrong = [each for each in wrong if not too_old(each, version)]
    assert not wrong, "\n".join(wrong)
    print(f"pictures in {album}")
