"""The same alerts as rules that Grafana itself evaluates, for those without a ruler.

Each is made from the rule as it ships to Prometheus or Loki: one definition, two targets. They
are never used together, or everybody would be told twice (``alert/twice``).

An expression of ours answers with what is wrong and with nothing else, so that a sample, whatever
its value, is a fault: the condition asks whether there is one. 0 is a value too: it is what
``AllTargetsDown`` answers.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from alerts import managed_text
from catalog import names
from catalog.artifact import Artifact
from catalog.model import Catalog
from catalog.scalars import format_duration, parse_duration

Json = dict[str, Any]

FOLDER: Final = "grafana/alerting-managed"
#: Grafana evaluates on ticks of ten seconds, and refuses any other interval.
_TICK: Final = 10
#: Seconds that an instant query is said to look back; the ranges stand in the expressions.
_RANGE: Final = 600
_QUERY, _LAST, _CONDITION = "A", managed_text.VALUE, "C"
#: What says which of several alerts of a name it is.
_SHARED: Final = frozenset({names.SEVERITY, names.TEAM, names.SERVICE, names.RELIES_ON})
_EXPRESSION: Final = "__expr__"
_WORD: Final = re.compile(r"[\w:]+")


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the rules of a file ask, and what holds for all of them.

    ``recorded`` are the series that rulers record, ``titles`` those that are taken.
    """

    catalog: Catalog
    kind: Literal["loki", "prometheus"]
    recorded: frozenset[str]
    titles: set[str]


def rule_files(catalog: Catalog, shipped: Iterable[Artifact]) -> Iterator[Artifact]:
    """A file for each one of Prometheus' rules, and of the default environment's Loki rules.

    The watchdog is left out where nobody outside waits for it: here it would reach a team.
    """
    known = tuple(shipped)
    recorded = frozenset(_recorded(known))
    titles: set[str] = set()
    for file in known:
        stem = file.path.rsplit("/", 1)[1].removesuffix(".yaml")
        source = _Source(catalog, "prometheus", recorded, titles)
        if file.kind == "loki-rules":
            if f"/{catalog.default_environment.tenant}/" not in file.path:
                continue
            stem = f"logs-{stem}"
            source = replace(source, kind="loki")
        made = (_group(source, group) for group in _groups(file))
        groups = [group for group in made if group["rules"]]
        if groups:
            content = {"apiVersion": 1, "groups": groups}
            yield Artifact(f"{FOLDER}/{stem}.yaml", content, "grafana-alerting", file.owner)


def _groups(file: Artifact) -> Iterator[Json]:
    content: Any = file.content
    yield from content["groups"]


def _recorded(files: Iterable[Artifact]) -> Iterator[str]:
    for file in files:
        for group in _groups(file):
            yield from (rule["record"] for rule in group["rules"] if "record" in rule)


def _group(source: _Source, group: Json) -> Json:
    platform = source.catalog.platform
    ticks = -(-parse_duration(group["interval"]) // _TICK)
    rules = [
        _rule(source, group["name"], rule)
        for rule in group["rules"]
        if "alert" in rule and (platform.dead_man or rule["alert"] != "Watchdog")
    ]
    return {
        "orgId": 1,
        "name": group["name"],
        "folder": f"{platform.system.name} alerts",
        "interval": format_duration(ticks * _TICK),
        "rules": rules,
    }


def _rule(source: _Source, group: str, rule: Json) -> Json:
    title = _title(rule, source.titles)
    texts = managed_text.filled_by_grafana(rule["annotations"])
    read = sorted(source.recorded & set(_WORD.findall(rule["expr"])))
    noted = {names.RECORDED_SERIES: ", ".join(read)} if read else {}
    return {
        "uid": _uid(source.catalog.prefix, group, title),
        "title": _escaped(title),
        "condition": _CONDITION,
        "data": list(_data(source, rule["expr"], texts.queries)),
        # An empty answer is all well. Where Prometheus does not answer at all, no rule knows
        # anything, and one of them says so: else each would, to its own team.
        "noDataState": "OK",
        "execErrState": "Error" if _is_about_prometheus(rule) else "OK",
        "for": rule.get("for", "0s"),
        "annotations": {**texts.texts, **noted},
        "labels": {
            name: _escaped(value)
            for name, value in {names.ALERT: rule["alert"], **rule["labels"]}.items()
        },
    }


def _is_about_prometheus(rule: Json) -> bool:
    return (rule["alert"], rule["labels"][names.SERVICE]) == ("AllTargetsDown", "prometheus")


def _data(source: _Source, expr: str, of_texts: tuple[str, ...]) -> Iterator[Json]:
    """The rule's own query and those of its texts, each reduced to numbers; then the condition."""
    uid, prometheus = (
        names.datasource_uid(source.catalog.prefix, kind) for kind in (source.kind, "prometheus")
    )
    yield _asked(_QUERY, expr, source.kind, uid)
    yield _reduced(_LAST, _QUERY)
    for number, query in enumerate(of_texts, start=1):
        asked = f"Q{number}"
        yield _asked(asked, query, "prometheus", prometheus)
        yield _reduced(managed_text.further(number), asked)
    yield _expression(_CONDITION, {"type": "math", "expression": f"is_null(${_LAST}) == 0"})


def _title(rule: Json, taken: set[str]) -> str:
    """Unlike all others of the folder: the alert's name, its service and what tells it apart."""
    labels: Mapping[str, str] = rule["labels"]
    further = [value for name, value in labels.items() if name not in _SHARED]
    title = f"{rule['alert']} ({', '.join((labels[names.SERVICE], *further))})"
    made, number = title, 1
    while made in taken:
        number += 1
        made = f"{title} {number}"
    taken.add(made)
    return made


def _uid(prefix: str, group: str, title: str) -> str:
    """Stable for as long as the alert is called so; at most 12 + 1 + 24 of 40 characters."""
    digest = hashlib.sha256(f"{group}\n{title}".encode()).hexdigest()
    return f"{prefix}-{digest[:24]}"


def _asked(ref: str, expr: str, kind: str, uid: str) -> Json:
    how: Json = {"queryType": "instant"} if kind == "loki" else {"instant": True, "range": False}
    return {
        "refId": ref,
        "relativeTimeRange": {"from": _RANGE, "to": 0},
        "datasourceUid": uid,
        "model": {
            "refId": ref,
            "datasource": {"type": kind, "uid": uid},
            "expr": expr,
            "editorMode": "code",
            "intervalMs": 1000,
            "maxDataPoints": 43200,
            **how,
        },
    }


def _reduced(ref: str, of: str) -> Json:
    """A number of each series: a template shows no other."""
    return _expression(ref, {"type": "reduce", "reducer": "last", "expression": of})


def _expression(ref: str, model: Json) -> Json:
    source = {"type": _EXPRESSION, "uid": _EXPRESSION}
    return {
        "refId": ref,
        "relativeTimeRange": {"from": 0, "to": 0},
        "datasourceUid": _EXPRESSION,
        "model": {"refId": ref, "datasource": source, **model},
    }


def _escaped(text: str) -> str:
    """Grafana expands ``$`` in titles and labels; annotations and queries it takes as they are."""
    return text.replace("$", "$$")
