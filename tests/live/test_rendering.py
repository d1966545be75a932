"""A real browser draws every dashboard without an error on the page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from delivery.snapshot.model import Finding, Subject
from tests.live.excused import excuse, too_old
from tests.live.pictures import photograph
from tests.live.servers import find, missing
from tests.live.stack import Stack

Json = dict[str, Any]

pytest.importorskip("playwright", reason="playwright is not installed")


@pytest.fixture(scope="session")
def album(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pictures go: LIVE_SHOTS, or a temporary folder."""
    named = os.environ.get("LIVE_SHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("shots")
    return folder / f"{stack.plan.grafana}-{stack.plan.loki}".replace(" ", "_")


def test_every_dashboard_is_drawn(stack: Stack, album: Path, dashboards: dict[str, Json]) -> None:
    chromium = next(iter(find("chromium")), None)
    if chromium is None:
        pytest.skip(missing("chromium"))
    wanted = [
        Subject(dashboard["uid"], Path(file).parent.name, "")
        for file, dashboard in dashboards.items()
    ]
    shots = photograph(stack.grafana, str(chromium.path), wanted, album)
    assert [shot.subject for shot in shots] == wanted
    version = stack.plan.grafana.version if stack.plan.grafana else ()
    wrong = [
        line
        for shot in shots
        for found in shot.findings
        if not _excused(found)
        and not too_old(line := f"{shot.subject.uid}: {found.title}: {found.text}", version)
    ]
    print(f"pictures in {album}")
    assert not wrong, "\n".join(wrong)


def _excused(found: Finding) -> bool:
    """An empty panel for which there is a reason; a trace that nobody chose is an error too."""
    if found.kind in {"empty", "error"}:
        return bool(excuse(found.title))
    # Jaeger's answer to that trace's empty id.
    return found.kind == "page" and found.text.endswith("/api/traces/")
