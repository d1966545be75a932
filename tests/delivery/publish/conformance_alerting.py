"""What a Grafana answers of its own alerting and of folders' permissions, as conformance.py does.

Each scenario takes away what it made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.delivery.publish.conformance import Client

Json = dict[str, Any]
ROOT = "/api/v1/provisioning"
DEFAULT_TREE = {
    "receiver": "grafana-default-email",
    "group_by": ["grafana_folder", "alertname"],
}
_TEN = (10,)


def _point(uid: str, **settings: str) -> Json:
    return {
        "uid": uid,
        "name": "Conf point",
        "type": "slack",
        "settings": {"url": "https://hooks.example/conf-secret", **settings},
        "disableResolveMessage": False,
    }


def _night(name: str) -> Json:
    times = [{"start_time": "00:00", "end_time": "06:00"}]
    return {"name": name, "time_intervals": [{"times": times}]}


def _rule(uid: str, title: str, wait: str = "1m") -> Json:
    model = {"refId": "A", "type": "math", "expression": "1 > 0"}
    query = {
        "refId": "A",
        "datasourceUid": "__expr__",
        "relativeTimeRange": {"from": 0, "to": 0},
        "model": model,
    }
    return {
        "uid": uid,
        "title": title,
        "condition": "A",
        "noDataState": "OK",
        "execErrState": "Error",
        "for": wait,
        "labels": {"conf": "yes"},
        "annotations": {"note": "conf"},
        "folderUID": "conf-rules",
        "ruleGroup": "conf",
        "data": [query],
    }


def permissions(client: Client) -> None:
    where = "/api/folders/conf-p/permissions"
    client.ask("GET", where, status=404)
    client.ask("POST", "/api/folders", {"uid": "conf-p", "title": "Conf P"}, status=200)

    def roles() -> dict[str, int]:
        listed = client.ask("GET", where, status=200)
        assert not any(each["inherited"] for each in listed)
        return {each["role"]: each["permission"] for each in listed if each.get("role")}

    assert roles() == {"Editor": 2, "Viewer": 1}
    client.ask("POST", where, {"items": [{"role": "Editor", "permission": 1}]}, status=200)
    assert roles() == {"Editor": 1}
    client.ask("DELETE", "/api/folders/conf-p", status=200)


def templates(client: Client) -> None:
    where = f"{ROOT}/templates"
    assert not client.ask("GET", where, status=200)
    body = {"template": '{{ define "conf" }}x{{ end }}'}
    client.ask("PUT", f"{where}/conf", body, status=202)
    (made,) = client.ask("GET", where, status=200)
    assert (made["name"], made["template"]) == ("conf", body["template"])
    client.ask("DELETE", f"{where}/conf", status=204)
    client.ask("DELETE", f"{where}/conf", status=204)


def contact_points(client: Client) -> None:
    where = f"{ROOT}/contact-points"

    def listed() -> dict[str, Json]:
        return {each["uid"]: each for each in client.ask("GET", where, status=200)}

    before = listed()
    client.ask("POST", where, _point("conf-a", title="first"), status=202)
    # Nothing keeps another of the same name away; of the same uid it does.
    client.ask("POST", where, _point("conf-b"), status=202)
    client.ask("POST", where, _point("conf-a"), status=500)
    made = listed()
    assert made.keys() - before.keys() == {"conf-a", "conf-b"}
    assert made["conf-a"]["settings"]["title"] == "first"
    assert made["conf-a"]["settings"]["url"] == "[REDACTED]"
    kept = _point("conf-a", title="second", url="[REDACTED]")
    client.ask("PUT", f"{where}/conf-a", kept, status=202)
    assert listed()["conf-a"]["settings"]["title"] == "second"
    for uid in ("conf-a", "conf-b", "conf-b"):
        client.ask("DELETE", f"{where}/{uid}", status=202)
    assert listed() == before


def policies(client: Client) -> None:
    tree, timings = f"{ROOT}/policies", f"{ROOT}/mute-timings"
    assert client.ask("GET", tree, status=200) == DEFAULT_TREE
    client.ask("PUT", tree, {"receiver": "nobody", "group_by": ["conf"]}, status=400)
    client.ask("POST", f"{ROOT}/contact-points", _point("conf-t"), status=202)
    client.ask("POST", timings, _night("conf-night"), status=201)
    client.ask("PUT", f"{timings}/conf-night", _night("conf-night"), status=202)
    (timing,) = client.ask("GET", timings, status=200)
    assert timing["time_intervals"] == _night("conf-night")["time_intervals"]
    wanted = {
        "receiver": "Conf point",
        "group_by": ["conf"],
        "routes": [
            {
                "receiver": "Conf point",
                "object_matchers": [["team", "=", "conf"]],
                "mute_time_intervals": ["conf-night"],
            }
        ],
    }
    client.ask("PUT", tree, wanted, status=202)
    found = client.ask("GET", tree, status=200)
    assert {key: found[key] for key in wanted} == wanted
    used = 409 if client.release >= _TEN else 500
    client.ask("DELETE", f"{timings}/conf-night", status=used)
    client.ask("DELETE", tree, status=202)
    assert client.ask("GET", tree, status=200) == DEFAULT_TREE
    client.ask("DELETE", f"{timings}/conf-night", status=204)
    client.ask("DELETE", f"{ROOT}/contact-points/conf-t", status=202)


def alert_rules(client: Client) -> None:
    rules, group = f"{ROOT}/alert-rules", f"{ROOT}/folder/conf-rules/rule-groups/conf"
    client.ask("POST", "/api/folders", {"uid": "conf-rules", "title": "Conf rules"}, status=200)
    client.ask("GET", group, status=404)
    missing = client.ask("GET", f"{rules}/conf-r", status=404 if client.release >= _TEN else 500)
    assert client.release >= _TEN or "could not find" in missing["message"]
    whole = {
        "title": "conf",
        "folderUid": "conf-rules",
        "interval": 30,
        "rules": [_rule("conf-r", "Conf rule", "2m")],
    }
    # It makes no rule of a given uid.
    client.ask("PUT", group, whole, status=500)
    client.ask("POST", rules, _rule("conf-r", "Conf rule"), status=201)
    taken = 400 if client.release >= _TEN else 500
    client.ask("POST", rules, _rule("conf-r", "Conf rule"), status=taken)
    client.ask("POST", rules, _rule("conf-other", "Conf rule"), status=taken)
    assert client.ask("GET", group, status=200)["interval"] == 60
    client.ask("PUT", group, whole, status=200)
    found = client.ask("GET", group, status=200)
    assert (found["title"], found["folderUid"], found["interval"]) == ("conf", "conf-rules", 30)
    (rule,) = found["rules"]
    wanted = whole["rules"][0]
    for key in ("uid", "title", "condition", "for", "labels", "annotations", "folderUID"):
        assert rule[key] == wanted[key], key
    assert rule["updated"]
    filled = {"intervalMs": 1000, "maxDataPoints": 43200}
    assert rule["data"][0]["model"] == {**wanted["data"][0]["model"], **filled}
    assert [each["uid"] for each in client.ask("GET", rules, status=200)] == ["conf-r"]
    for _ in range(2):
        client.ask("DELETE", f"{rules}/conf-r", status=204)
    client.ask("GET", group, status=404)
    client.ask("DELETE", "/api/folders/conf-rules", status=200)


SCENARIOS: Mapping[str, Callable[[Client], None]] = {
    each.__name__: each for each in (permissions, templates, contact_points, policies, alert_rules)
}
