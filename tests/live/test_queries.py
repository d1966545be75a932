"""Every panel asks what its server can answer, and on a living system gets something back."""

from __future__ import annotations

from typing import Any

from tests.live.ask import Grafana, defaults, filled, panels
from tests.live.excused import excuse
from tests.live.stack import Stack

Json = dict[str, Any]


def asked(dashboard: Json, stack: Stack) -> list[dict[str, str]]:
    """The variables as they are at first, and for each value of the service."""
    services = [each.id for each in stack.catalog.services]
    known = {each["name"] for each in dashboard["templating"]["list"]}
    return [
        defaults(dashboard, stack, service)
        for service in (services if "service" in known else [""])
    ]


def answers(
    stack: Stack, grafana: Grafana, dashboard: Json, values: dict[str, str]
) -> list[tuple[Json, str, int]]:
    """Each panel that has targets, with the first error and the points of all targets."""
    found: list[tuple[Json, str, int]] = []
    for panel in panels(dashboard):
        error, points = "", 0
        since = dashboard["time"]["from"]
        for target in panel.get("targets", ()):
            source = target["datasource"]
            if source["type"] not in stack.processes:
                points += 1
                continue
            full = {
                key: filled(value, values) if isinstance(value, str) else value
                for key, value in target.items()
            }
            if source["type"] == "jaeger":
                told, count = grafana.search(full, source["uid"], since)
            else:
                told, count = grafana.query(full, since)
            error, points = error or told, points + count
        if panel.get("targets"):
            found.append((panel, error, points))
    return found


def test_every_target_is_answered(
    stack: Stack, grafana: Grafana, dashboards: dict[str, Json]
) -> None:
    wrong: list[str] = []
    for dashboard in dashboards.values():
        for values in asked(dashboard, stack):
            for panel, error, points in answers(stack, grafana, dashboard, values):
                of = f"{dashboard['uid']} {values.get('service', '')}: {panel['title']}"
                if error:
                    wrong.append(f"{of}: {error}")
                elif not points and not excuse(panel["title"]):
                    wrong.append(f"{of}: empty")
    assert not wrong, "\n".join(wrong)


def test_every_variable_has_values(
    stack: Stack, grafana: Grafana, dashboards: dict[str, Json]
) -> None:
    wrong: list[str] = []
    for dashboard in dashboards.values():
        for values in asked(dashboard, stack):
            for variable in dashboard["templating"]["list"]:
                if variable["type"] != "query":
                    continue
                series, _, label = variable["definition"][len("label_values(") : -1].rpartition(",")
                answer = grafana.proxied(
                    variable["datasource"]["uid"],
                    f"/api/v1/label/{label.strip()}/values",
                    **{"match[]": filled(series, values)},
                )
                if not answer.ok or not answer.json()["data"]:
                    of = f"{dashboard['uid']} {values.get('service', '')}"
                    wrong.append(f"{of}: {variable['name']}: {answer.text[:200]}")
    assert not wrong, "\n".join(wrong)


def test_every_annotation_can_be_asked(
    stack: Stack, grafana: Grafana, dashboards: dict[str, Json]
) -> None:
    wrong: list[str] = []
    for dashboard in dashboards.values():
        for values in asked(dashboard, stack)[:1]:
            for mark in dashboard["annotations"]["list"]:
                if mark.get("builtIn"):
                    continue
                target = {
                    "refId": "Anno",
                    "datasource": mark["datasource"],
                    "expr": filled(mark["expr"], values),
                    "range": True,
                }
                error, _ = grafana.query(target, dashboard["time"]["from"])
                if error:
                    wrong.append(f"{dashboard['uid']}: {mark['name']}: {error}")
    assert not wrong, "\n".join(wrong)
