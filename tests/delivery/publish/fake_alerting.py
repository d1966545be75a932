"""A Grafana's own alerting and its folders' permissions, as the fake Grafana answers for them.

Seen on 9.4, 10.4.3 and 11.0.0: a group takes no rule of a uid that is not there yet, secrets are
never read back, and what the tree of policies uses cannot be removed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
Reply = tuple[int, Any]

DEFAULT_TREE: Json = {
    "receiver": "grafana-default-email",
    "group_by": ["grafana_folder", "alertname"],
}
OPEN = [{"role": "Editor", "permission": 2}, {"role": "Viewer", "permission": 1}]
#: What Grafana keeps apart and never shows.
_SECURE = ("url", "token", "authorization_credentials")
_DONE = {"message": "done"}
#: What 9.4 answers 500 to, by what is asked and later releases' status.
_OLD = {
    ("DELETE", ("mute-timings",), 409): 500,
    ("GET", ("alert-rules",), 404): 500,
    ("POST", ("alert-rules",), 400): 500,
}


@dataclass
class AlertingState:
    """All that it holds; ``secrets`` by the contact point's uid."""

    templates: dict[str, Json] = field(default_factory=dict)
    timings: dict[str, Json] = field(default_factory=dict)
    points: dict[str, Json] = field(default_factory=dict)
    secrets: dict[str, Json] = field(default_factory=dict)
    tree: Json = field(default_factory=lambda: dict(DEFAULT_TREE))
    rules: dict[str, Json] = field(default_factory=dict)
    intervals: dict[tuple[str, str], int] = field(default_factory=dict)
    permissions: dict[str, list[Json]] = field(default_factory=dict)


def reply(
    state: AlertingState,
    method: str,
    segments: tuple[str, ...],
    body: Any,
    *,
    header: bool,
    release: tuple[int, ...],
) -> Reply | None:
    """The answer, if the request is one of these; ``header`` if provenance is disabled."""
    made = _reply(state, method, segments, body, "" if header else "api")
    if made is not None and release < (10,):
        return _OLD.get((method, segments[3:4], made[0]), made[0]), made[1]
    return made


def _reply(
    state: AlertingState, method: str, segments: tuple[str, ...], body: Any, provenance: str
) -> Reply | None:
    match segments:
        case ("api", "folders", uid, "permissions"):
            return _permissions(state, method, uid, body)
        case ("api", "v1", "provisioning", "templates", *rest):
            return _named(state.templates, method, rest, body, used=())
        case ("api", "v1", "provisioning", "mute-timings", *rest):
            return _named(
                state.timings, method, rest, body, used=_used(state, "mute_time_intervals")
            )
        case ("api", "v1", "provisioning", "contact-points", *rest):
            return _points(state, method, rest, body)
        case ("api", "v1", "provisioning", "policies"):
            return _policies(state, method, body)
        case ("api", "v1", "provisioning", "alert-rules", *rest):
            return _rules(state, method, rest, body, provenance)
        case ("api", "v1", "provisioning", "folder", folder, "rule-groups", group):
            return _group(state, method, (folder, group), body, provenance)
    return None


def _permissions(state: AlertingState, method: str, uid: str, body: Any) -> Reply:
    if method == "POST":
        state.permissions[uid] = [
            {**each, "inherited": False} for each in body["items"] if each["permission"]
        ]
        return 200, {"message": "Folder permissions updated"}
    return 200, state.permissions.get(uid, [{**each, "inherited": False} for each in OPEN])


def _named(
    held: dict[str, Json], method: str, rest: list[str], body: Any, used: tuple[str, ...]
) -> Reply:
    if method == "GET":
        return 200, list(held.values()) or None
    name = rest[0] if rest else body["name"]
    if method == "DELETE":
        if name in used:
            return 409, {"message": f"{name} is used by one or many notification policies"}
        held.pop(name, None)
        return 204, None
    held[name] = {**body, "name": name}
    return (201 if method == "POST" else 202), held[name]


def _used(state: AlertingState, key: str) -> tuple[str, ...]:
    def walk(policy: Json) -> list[str]:
        value = policy.get(key) or []
        own = value if isinstance(value, list) else [value]
        return [*own, *(each for below in policy.get("routes", ()) for each in walk(below))]

    return tuple(walk(state.tree))


def _points(state: AlertingState, method: str, rest: list[str], body: Any) -> Reply:
    if method == "GET":
        first = {"uid": "", "name": "email receiver", "type": "email", "settings": {}}
        return 200, [first, *(_shown(each) for each in state.points.values())]
    uid = rest[0] if rest else body["uid"]
    if method == "DELETE":
        name = state.points.get(uid, {}).get("name", "")
        others = [each for key, each in state.points.items() if key != uid]
        if name in _used(state, "receiver") and all(each["name"] != name for each in others):
            return 500, {"message": f"contact point '{name}' is currently used by a policy"}
        state.points.pop(uid, None)
        state.secrets.pop(uid, None)
        return 202, _DONE
    if method == "POST" and uid in state.points:
        return 500, {"message": f"receiver configuration with UID '{uid}' already exist"}
    known = state.secrets.get(uid, {})
    secure = {key: body["settings"][key] for key in _SECURE if key in body["settings"]}
    for key, value in secure.items():
        if value == "[REDACTED]" and method == "PUT":
            secure[key] = known.get(key, "")
        elif not str(value).startswith("http"):
            return 400, {"message": f"invalid url: {value}"}
    state.secrets[uid] = secure
    settings = {key: value for key, value in body["settings"].items() if key not in _SECURE}
    state.points[uid] = {**body, "uid": uid, "settings": settings}
    return 202, _shown(state.points[uid])


def _shown(point: Json) -> Json:
    """Each setting that could be a secret is listed, set or not."""
    hidden = dict.fromkeys(("url", "token"), "[REDACTED]")
    return {**point, "settings": {**point["settings"], **hidden}}


def _policies(state: AlertingState, method: str, body: Any) -> Reply:
    if method == "GET":
        return 200, state.tree
    if method == "DELETE":
        state.tree = dict(DEFAULT_TREE)
        return 202, state.tree
    names = {each["name"] for each in state.points.values()} | {DEFAULT_TREE["receiver"]}
    before, state.tree = state.tree, body
    unknown = sorted(set(_used(state, "receiver")) - names) + sorted(
        set(_used(state, "mute_time_intervals")) - set(state.timings)
    )
    if unknown:
        state.tree = before
        return 400, {"message": f"invalid object specification: {unknown[0]} does not exist"}
    return 202, {"message": "policies updated"}


def _rules(state: AlertingState, method: str, rest: list[str], body: Any, provenance: str) -> Reply:
    if method == "GET" and not rest:
        return 200, list(state.rules.values())
    if method == "POST":
        place = (body["folderUID"], body["title"])
        if body["uid"] in state.rules or any(
            (each["folderUID"], each["title"]) == place for each in state.rules.values()
        ):
            return 400, {"message": "conflicting alert rule found"}
        group = (body["folderUID"], body["ruleGroup"])
        state.intervals.setdefault(group, 60)
        state.rules[body["uid"]] = _kept({**body, "provenance": provenance})
        return 201, state.rules[body["uid"]]
    uid = rest[0]
    if method == "DELETE":
        state.rules.pop(uid, None)
        return 204, None
    return (
        (200, state.rules[uid])
        if uid in state.rules
        else (404, {"message": "could not find alert rule"})
    )


def _group(
    state: AlertingState, method: str, place: tuple[str, str], body: Any, provenance: str
) -> Reply:
    there = {
        uid: each
        for uid, each in state.rules.items()
        if (each["folderUID"], each["ruleGroup"]) == place
    }
    if method == "GET":
        if not there:
            return 404, {"message": "Not found"}
        rules = list(there.values())
        interval = state.intervals[place]
        return 200, {
            "title": place[1],
            "folderUid": place[0],
            "interval": interval,
            "rules": rules,
        }
    missing = [each["uid"] for each in body["rules"] if each["uid"] not in state.rules]
    if missing:
        return 500, {"message": f"failed to update rule with UID {missing[0]}: not found"}
    for uid in there:
        del state.rules[uid]
    for rule in body["rules"]:
        state.rules.pop(rule["uid"], None)
        state.rules[rule["uid"]] = _kept(
            {**rule, "folderUID": place[0], "ruleGroup": place[1], "provenance": provenance}
        )
    state.intervals[place] = body["interval"]
    return 200, body


def _kept(rule: Json) -> Json:
    """With what Grafana fills in."""
    data = [
        {
            "queryType": each["model"].get("queryType", ""),
            **each,
            "model": {"intervalMs": 1000, "maxDataPoints": 43200, **each["model"]},
        }
        for each in rule["data"]
    ]
    own = {"id": 1, "orgID": 1, "updated": "2026-01-02T03:04:05Z", "isPaused": False}
    return {**own, **rule, "data": data}
