"""Each link of a runbook is opened once, and told of at its page and line."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from delivery.audit.links.runbooks import runbook_links
from delivery.audit.opening import Run, Wishes
from delivery.publish.transport import Answer
from tests.delivery.audit.fakes import NOW, fake_servers, shipped

GRAFANA = shipped()[0].platform.links.grafana_url
DASHBOARD = f"{GRAFANA}/d/neurectomy-unified"
RING = f"{GRAFANA}/api/datasources/proxy/uid/neurectomy-loki/ring"
TARGETS = f"{GRAFANA}/api/datasources/proxy/uid/neurectomy-prometheus/api/v1/targets?state=active"
PAGE = f"""\
# HighErrorRatio

1. [Agents]({DASHBOARD}?var-service=agents) · [Ryot]({DASHBOARD}?var-service=ryot)
2. [again]({DASHBOARD}?var-service=agents), [elsewhere](https://example.org/), [page](../slo.md)
3. [ring]({RING}), [targets]({TARGETS})
"""


def followed(
    folder: Path, *, services: tuple[str, ...] = (), version: tuple[int, ...] = (11, 0, 0)
) -> list[tuple[str, str, str, str]]:
    def grafana(where: str, query: Any) -> Any:
        if where.endswith("/api/v1/targets"):
            assert query == {"state": "active"}
            return {}
        return Answer(404, {"message": "no such page"})

    (folder / "HighErrorRatio.md").write_text(PAGE, encoding="utf-8")
    servers = fake_servers(version, grafana=grafana)
    nothing = cast("Any", None)
    wishes = Wishes(services=services, runbooks=folder)
    run = Run(wishes, servers, shipped()[0].default_environment, nothing, nothing, (), NOW)
    made = runbook_links(run, lambda path: ("OK", path))
    return [(each.kind, each.place, each.verdict, each.reason) for each in made]


def test_each_is_opened_once(tmp_path: Path) -> None:
    page = "docs/runbooks/HighErrorRatio.md"
    assert followed(tmp_path) == [
        ("runbook", f"{page}:3", "OK", "/d/neurectomy-unified?var-service=agents"),
        ("runbook", f"{page}:3", "OK", "/d/neurectomy-unified?var-service=ryot"),
        ("runbook", f"{page}:5", "BROKEN", "neurectomy-loki answers 404: no such page"),
        ("runbook", f"{page}:5", "OK", "neurectomy-prometheus answers"),
    ]


def test_those_of_other_services_are_left_out(tmp_path: Path) -> None:
    told = [reason for *_, reason in followed(tmp_path, services=("ryot",))]
    assert told[0] == "/d/neurectomy-unified?var-service=ryot"
    assert len(told) == 3


def test_a_grafana_without_uids_is_not_asked_for_pages(tmp_path: Path) -> None:
    reason = "this release of Grafana asks a server by its datasource's number alone"
    found = [(verdict, why) for *_, verdict, why in followed(tmp_path, version=(9, 4, 0))]
    assert found[2:] == [("LAZY", reason)] * 2


def test_without_runbooks_there_is_nothing_to_open() -> None:
    nothing = cast("Any", None)
    place = shipped()[0].default_environment
    run = Run(Wishes(runbooks=None), fake_servers(), place, nothing, nothing, (), NOW)
    assert list(runbook_links(run, lambda _: ("BROKEN", ""))) == []
