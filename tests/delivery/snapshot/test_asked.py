"""The audit of a dashboard, asked for its empty panels."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from catalog.errors import Problem, UsageError
from delivery.audit.opening import Wishes
from delivery.publish.servers import Reach
from delivery.snapshot.asked import Grounds, asking

CATALOG = Path(__file__).parents[2] / "fixtures" / "minimal"


@dataclass(frozen=True)
class Result:
    kind: str = "panel"
    dashboard: str = "board"
    panel: int = 1
    service: str = ""
    verdict: str = "LAZY"
    reason: str = "nothing yet"


@dataclass
class Audit:
    """Stands for the audit, and keeps what it was asked."""

    fault: UsageError | None = None
    asked: list = field(default_factory=list)

    def audit(self, source, reach, environ, wishes):
        self.asked.append((source.environment, dict(reach.urls), dict(environ), wishes))
        if self.fault:
            raise self.fault
        return SimpleNamespace(results=[Result()])


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def ask(monkeypatch, tmp_path, said):
    def make(stands: Audit):
        monkeypatch.setattr("delivery.snapshot.asked.audit", stands.audit)
        reach = Reach({"grafana": "http://g"})
        grounds = Grounds(CATALOG, tmp_path, "host", reach, {"LOKI_URL": "http://l"})
        return asking(grounds, said.append)

    return make


def test_it_is_asked_of_that_dashboard_and_of_panels_only(ask, said):
    audit = Audit()
    assert ask(audit)("board").of("board", 1, "") == "nothing yet"
    rest = frozenset({"links", "costs", "rules", "latency"})
    wishes = Wishes(("board",), skip=rest, catalog=CATALOG)
    assert audit.asked == [("host", {"grafana": "http://g"}, {"LOKI_URL": "http://l"}, wishes)]
    assert said == []


def test_one_that_cannot_be_made_excuses_nothing_and_says_why(ask, said):
    audit = Audit(UsageError(Problem("loki", "is gone", "Start it")))
    assert ask(audit)("board").of("board", 1, "") == ""
    assert said == ["board: no audit, so that nothing is excused: loki: is gone. Start it."]
