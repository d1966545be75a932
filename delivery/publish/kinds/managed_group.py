"""A group of Grafana's alert rules: as its file has it, as it is sent, and as it is compared."""

from __future__ import annotations

from typing import Any

from catalog import names
from delivery.publish.kinds.durations import seconds
from delivery.publish.model import Json, digest
from delivery.publish.shipped import unescaped

_SETTINGS = ("uid", "title", "condition", "noDataState", "execErrState", "labels", "annotations")
_DURATIONS = ("for", "keep_firing_for")
#: Later releases' own, compared where somebody has set them.
_FURTHER = ("isPaused", "notification_settings", "record")
#: What Grafana fills in for every query.
_FILLED = {"intervalMs": 1000, "maxDataPoints": 43200}
#: What provisioning files expand, and the API does not: there ``$$`` is one ``$``.
_EXPANDED = ("uid", "title", "condition", "labels", "noDataState", "execErrState")


def shipped(group: Json) -> Json:
    """A file's group as Grafana holds it; texts and queries stand there as they are."""
    rules = []
    for rule in group["rules"]:
        made = {key: unescaped(rule[key]) if key in _EXPANDED else rule[key] for key in rule}
        made["data"] = [
            {**each, "datasourceUid": unescaped(each["datasourceUid"])} for each in rule["data"]
        ]
        rules.append(made)
    return {
        "folder": unescaped(group["folder"]),
        "name": unescaped(group["name"]),
        "interval": group["interval"],
        "rules": rules,
    }


def body(folder: str, group: Json) -> Json:
    """The group as the API takes it: seconds are a number there."""
    return {
        "title": group["name"],
        "folderUid": folder,
        "interval": int(seconds(group["interval"])),
        "rules": [
            {**rule, "folderUID": folder, "ruleGroup": group["name"]} for rule in group["rules"]
        ],
    }


def marked(group: Json, content: Json, prefix: str) -> Json:
    """The group with our mark, and what is published, on each rule."""
    rules = []
    last = len(group["rules"]) - 1
    for index, (rule, normal_rule) in enumerate(zip(group["rules"], content["rules"], strict=True)):
        notes = {**(rule.get("annotations") or {}), names.PUBLISHED_DIGEST: digest_of(normal_rule)}
        if index in {0, last}:
            notes[names.PUBLISHED_GROUP] = f"{last + 1} every {interval(group)}"
        labels = {**(rule.get("labels") or {}), names.MANAGED_BY: prefix}
        rules.append({**rule, "labels": labels, "annotations": notes})
    return {**group, "rules": rules}


def without_count(rule: Json) -> Json:
    """A rule before its group is whole."""
    notes = {
        key: value for key, value in rule["annotations"].items() if key != names.PUBLISHED_GROUP
    }
    return {**rule, "annotations": notes}


def digest_of(rule: Json) -> str:
    """Of a rule's normal form; short, because it is in every list of annotations."""
    return digest(rule)[:16]


def interval(group: Json) -> str:
    """``30s``."""
    return f"{int(group['interval'])}s"


def is_ours(rule: Json, prefix: str) -> bool:
    """Whether it carries our mark."""
    return bool((rule.get("labels") or {}).get(names.MANAGED_BY) == prefix)


def normal(group: Json) -> Json:
    """As it is compared: without our marks, Grafana's defaults and what it says of its own."""
    return {
        "interval": int(group["interval"]),
        "rules": [_rule(rule) for rule in group["rules"]],
    }


def _rule(rule: Json) -> Json:
    made = {key: rule[key] for key in _SETTINGS if rule.get(key)}
    made |= {key: seconds(rule[key]) for key in _DURATIONS if seconds(rule.get(key) or 0)}
    made |= {key: rule[key] for key in _FURTHER if rule.get(key)}
    made["data"] = [_query(each) for each in rule["data"]]
    made["labels"] = _without(made.get("labels") or {}, names.MANAGED_BY)
    notes = made.get("annotations") or {}
    made["annotations"] = _without(notes, names.PUBLISHED_DIGEST, names.PUBLISHED_GROUP)
    return made


def _query(query: Json) -> Json:
    model: dict[str, Any] = {
        key: value
        for key, value in query["model"].items()
        if key not in _FILLED or value != _FILLED[key]
    }
    made = {key: query[key] for key in ("refId", "datasourceUid")}
    made["relativeTimeRange"] = {
        key: value for key, value in (query.get("relativeTimeRange") or {}).items() if value
    }
    # Grafana copies it out of the model.
    if query.get("queryType") not in {None, "", model.get("queryType")}:
        made["queryType"] = query["queryType"]
    return {**made, "model": model}


def _without(values: Json, *marks: str) -> Json:
    return {key: value for key, value in values.items() if key not in marks}
