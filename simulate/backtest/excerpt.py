"""The rules of one objective, out of the files that ship.

Only what its burn alerts read, and what that reads in turn: a budget that nobody alerts on
costs a replay as much as a burn rate. Rules keep their groups and their order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

from catalog import names
from catalog.errors import Problem, UserError
from catalog.service import Objective, Service

Json = dict[str, Any]
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: The name of a series that is selected and what stands in its braces, and a window in them.
_SELECTOR = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{([^}]*)\}|(?![a-zA-Z0-9_:({]))")
_WINDOW = re.compile(rf'\b{names.WINDOW}="([^"]*)"')
Read = tuple[str, str | None]


def excerpt(groups: Iterable[Json], service: Service, objective: Objective) -> list[Json]:
    """The groups with the rules of one objective that its alerts need."""
    chosen = [
        {**group, "rules": [rule for rule in group["rules"] if _is_of(rule, service, objective)]}
        for group in groups
    ]
    return needed(chosen)


def needed(groups: Sequence[Json]) -> list[Json]:
    """The groups with their alerts and the recorded series that these read, at any remove."""
    rules = [rule for group in groups for rule in group["rules"]]
    read = _read(rule for rule in rules if "alert" in rule)
    while more := _read(rule for rule in rules if _recorded(rule) & read) - read:
        read |= more
    kept = [
        {
            **group,
            "rules": [rule for rule in group["rules"] if "alert" in rule or _recorded(rule) & read],
        }
        for group in groups
    ]
    return [group for group in kept if group["rules"]]


def _read(rules: Iterable[Json]) -> set[Read]:
    """The series that their expressions read: by name, and by window if one is asked for."""
    found: set[Read] = set()
    for rule in rules:
        for name, inside in _SELECTOR.findall(rule["expr"]):
            window = _WINDOW.search(inside)
            found.add((name, window[1] if window else None))
    return found


def _recorded(rule: Json) -> set[Read]:
    """What a selector may say to read what the rule records."""
    if "record" not in rule:
        return set()
    window = rule.get("labels", {}).get(names.WINDOW)
    return {(rule["record"], None), (rule["record"], window)}


def _is_of(rule: Json, service: Service, objective: Objective) -> bool:
    labels = rule.get("labels", {})
    return (
        labels.get(names.SERVICE) == service.id
        and labels.get(names.OBJECTIVE) == objective.id
        and ("record" in rule or names.SHORT_WINDOW in labels)
    )


def shipped_groups(generated: Path) -> list[Json]:
    """Every group of Prometheus' rules under a generated folder.

    :raises UserError: there are none, or a file is not one of rules.
    """
    folder = generated / "prometheus" / "rules"
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise UserError(Problem(str(folder), "holds no rules", "Run python build.py first"))
    return [group for path in paths for group in _groups(path)]


def _groups(path: Path) -> list[Json]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - safe
        return [
            {**group, "rules": [{**rule, "expr": rule["expr"]} for rule in group["rules"]]}
            for group in content["groups"]
        ]
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
        fault, remedy = "is not a file of Prometheus' rules", "Run python build.py"
        raise UserError(Problem(str(path), fault, remedy)) from None
