"""The audit of a dashboard, asked for its empty panels."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from catalog.errors import Problem, UsageError
from delivery.publish.servers import Reach
from delivery.snapshot.asked import Grounds, asking

CATALOG = Path(__file__).parents[2] / "fixtures" / "minimal"


@dataclass(frozen=True)
class Wishes:
    dashboards: tuple[str, ...]
    skip: frozenset[str]
    catalog: Path


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
    """Stands for the module, and keeps what it was asked."""

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
    def make(module: Audit | None):
        monkeypatch.setattr("delivery.snapshot.asked.find_spec", lambda name: module)
        if module is not None:
            run = SimpleNamespace(Wishes=Wishes, audit=module.audit)
            monkeypatch.setitem(
                sys.modules, "delivery.audit", SimpleNamespace(__path__=[], run=run)
            )
            monkeypatch.setitem(sys.modules, "delivery.audit.run", run)
        reach = Reach({"grafana": "http://g"})
        grounds = Grounds(CATALOG, tmp_path, "host", reach, {"LOKI_URL": "http://l"})
        return asking(grounds, said.append)

    return make


def test_it_is_asked_of_that_dashboard_and_of_panels_only(ask, said):
    audit = Audit()
    assert ask(audit)("board").of("board", 1, "") == "nothing yet"
    rest = frozenset({"links", "costs", "rules", "latency"})
    wishes = Wishes(("board",), rest, CATALOG)
    assert audit.asked == [("host", {"grafana": "http://g"}, {"LOKI_URL": "http://l"}, wishes)]
    assert said == []


def test_one_that_cannot_be_made_excuses_nothing_and_says_why(ask, said):
    audit = Audit(UsageError(Problem("loki", "is gone", "Start it")))
    assert ask(audit)("board").of("board", 1, "") == ""
    assert said == ["board: no audit, so that nothing is excused: loki: is gone. Start it."]


def test_where_there_is_none_that_is_said_once(ask, said):
    without = ask(None)
    assert without("a").of("a", 1, "") == without("b").of("b", 1, "") == ""
    assert said == ["There is no audit here: no empty panel is excused."]
