"""A real browser draws every dashboard without an error on the page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from delivery.publish.servers import Reach
from delivery.snapshot.asked import Grounds, asking
from delivery.snapshot.model import Finding, Subject
from tests.live.audited import shipped
from tests.live.pictures import photograph
from tests.live.servers import find, missing
from tests.live.stack import Stack

Json = dict[str, Any]

#: What Grafana before 10 cannot draw (docs/readings.md): its Jaeger datasource has no
#: dependency graph, and asks for traces of no service instead.
#: Nor can it merge some of a panel's tables only, which the graph of metrics needs.
_BEFORE_10 = ("Calls between services", "parameter 'service' is required", "Service graph")

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
    urls = {kind: url for kind, url in stack.urls.items() if kind in stack.processes}
    grounds = Grounds(stack.folder / "catalog", shipped(stack), None, Reach(urls), {})
    audit = asking(grounds, print)
    shots = photograph(stack.grafana, str(chromium.path), wanted, album, audit)
    assert [shot.subject for shot in shots] == wanted
    version = stack.plan.grafana.version if stack.plan.grafana else ()
    wrong = [
        line
        for shot in shots
        for found in shot.findings
        if not _excused(found)
        and not _too_old(line := f"{shot.subject.uid}: {found.title}: {found.text}", version)
    ]
    print(f"pictures in {album}")
    assert not wrong, "\n".join(wrong)


def _excused(found: Finding) -> bool:
    """What the audit explains; a trace that nobody chose is an error of the page as well."""
    # Jaeger's answer to that trace's empty id.
    return bool(found.excuse) or (found.kind == "page" and found.text.endswith("/api/traces/"))


def _too_old(fault: str, version: tuple[int, ...]) -> bool:
    """Whether a fault is one that a Grafana of that release cannot but have."""
    return version < (10,) and any(each in fault for each in _BEFORE_10)
