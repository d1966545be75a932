"""A Grafana that mounts the generated files has everything, and nothing to complain of."""

from __future__ import annotations

import re
from typing import Any

import yaml

from tests.live.ask import Grafana
from tests.live.stack import Stack

Json = dict[str, Any]

_LEVEL = re.compile(r"level=(error|warn)|lvl=(eror|warn)")
#: Said of every provisioned folder there is, by Grafana 11.0 itself.
_OF_GRAFANA = ('msg="failed to parse user ID"',)


def providers(stack: Stack) -> list[Json]:
    found: list[Json] = []
    for path in sorted((stack.generated / "grafana/provisioning/dashboards").glob("*.yaml")):
        found += yaml.safe_load(path.read_text(encoding="utf-8"))["providers"]
    return found


def datasources(stack: Stack) -> list[Json]:
    found: list[Json] = []
    for path in sorted((stack.generated / "grafana/provisioning/datasources").glob("*.yaml")):
        found += yaml.safe_load(path.read_text(encoding="utf-8"))["datasources"]
    return found


def test_the_shipped_files_are_read_as_they_are(stack: Stack) -> None:
    assert stack.mounted or stack.notes, "a copy is read, and nobody says so"


def test_provisioning_logs_no_error_and_no_warning(stack: Stack, grafana: Grafana) -> None:
    grafana.get("/api/health")
    ours = stack.catalog.prefix
    said = [
        line
        for line in stack.log("grafana").splitlines()
        if _LEVEL.search(line)
        and ("provisioning" in line or ours in line)
        and not any(own in line for own in _OF_GRAFANA)
        # What a query of another test was told is not provisioning's.
        and "logger=context" not in line
        and "logger=tsdb" not in line
    ]
    once = {re.sub(r" t=\S+", "", line) for line in said}
    assert not said, "\n".join(sorted(once))


def test_every_dashboard_is_in_its_folder(
    stack: Stack, grafana: Grafana, dashboards: dict[str, Json]
) -> None:
    by_path = {each["options"]["path"].rpartition("/")[2]: each for each in providers(stack)}
    wrong: list[str] = []
    for path, dashboard in dashboards.items():
        provider = by_path[path.partition("/")[0]]
        answer = grafana.session.get(
            f"{grafana.url}/api/dashboards/uid/{dashboard['uid']}", timeout=30
        )
        if not answer.ok:
            wrong.append(f"{path}: {answer.status_code} {answer.text[:200]}")
            continue
        meta, live = answer.json()["meta"], answer.json()["dashboard"]
        told = (live["title"], meta["folderUid"], meta["folderTitle"], meta["provisioned"])
        expected = (dashboard["title"], provider["folderUid"], provider["folder"], True)
        if told != expected:
            wrong.append(f"{path}: {told}, not {expected}")
    assert not wrong, "\n".join(wrong)


def test_nothing_else_is_there(grafana: Grafana, dashboards: dict[str, Json]) -> None:
    listed = {each["uid"] for each in grafana.get("/api/search", type="dash-db")}
    assert listed == {each["uid"] for each in dashboards.values()}


def test_every_datasource_is_there_and_answers(stack: Stack, grafana: Grafana) -> None:
    wrong: list[str] = []
    for declared in datasources(stack):
        uid = declared["uid"]
        live = grafana.get(f"/api/datasources/uid/{uid}")
        wrong += [
            f"{uid}: {key} is {live[key]!r}, not {declared[key]!r}"
            for key in ("name", "type", "url", "access", "isDefault")
            if live[key] != declared[key]
        ]
        if not live["readOnly"]:
            wrong.append(f"{uid} can be edited")
        if declared["type"] in stack.processes:
            wrong += _health(grafana, uid, declared["type"])
    assert not wrong, "\n".join(wrong)


#: Where the datasource has no backend to ask for its health, a path that its page asks.
_PATHS = {
    "alertmanager": "/api/v2/status",
    "jaeger": "/api/services",
    "loki": "/loki/api/v1/labels",
    "prometheus": "/api/v1/status/buildinfo",
}


def _health(grafana: Grafana, uid: str, kind: str) -> list[str]:
    answer = grafana.session.get(f"{grafana.url}/api/datasources/uid/{uid}/health", timeout=60)
    if answer.ok:
        told = answer.json()
        return [] if told["status"] == "OK" else [f"{uid}: {told}"]
    asked = grafana.proxied(uid, _PATHS[kind])
    return [] if asked.ok else [f"{uid}: {asked.status_code} {asked.text[:200]}"]


def test_correlations_lead_somewhere(stack: Stack, grafana: Grafana) -> None:
    known = {each["uid"] for each in datasources(stack)}
    for declared in datasources(stack):
        expected = declared.get("correlations", [])
        if not expected:
            continue
        live = grafana.get(f"/api/datasources/uid/{declared['uid']}/correlations")
        if isinstance(live, dict):
            live = live["correlations"]
        assert [each["label"] for each in live] == [each["label"] for each in expected]
        for each in live:
            assert each["targetUID"] in known
            assert "$$" not in str(each["config"]), "escaped twice"
