"""``rule/cycle``: see docs/checks/rule-cycle.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.documents import Rule
from delivery.checks.finding import Finding
from delivery.checks.recorded import Recordings

Key = TypeVar("Key", str, int)


def _run(context: Context) -> Iterator[Finding]:
    recording = [rule for rule in context.documents.rules if rule.kind == "recording"]
    by_name: dict[str, list[Rule]] = {}
    for rule in recording:
        by_name.setdefault(rule.name, []).append(rule)
    suspects = _on_a_cycle(
        {
            name: {other for other in by_name if any(other in rule.expr for rule in rules)}
            for name, rules in by_name.items()
        }
    )
    # Rules of one name are told apart by their labels: one window may be made of another.
    rules = [rule for rule in recording if rule.name in suspects]
    recorded = Recordings(rules)
    graph = {index: set(recorded.read_by(rule)) for index, rule in enumerate(rules)}
    for index in sorted(_on_a_cycle(graph)):
        rule = rules[index]
        reason = f"'{rule.name}' is made of itself, by way of what it reads"
        remedy = "Record one of the series from what is scraped"
        yield Finding(CHECK.id, rule.file, rule.where, reason, remedy, rule.expr)


def _on_a_cycle(graph: dict[Key, set[Key]]) -> set[Key]:
    return {key for key in graph if _reaches(graph, key)}


def _reaches(graph: dict[Key, set[Key]], goal: Key) -> bool:
    seen: set[Key] = set()
    waiting = list(graph[goal])
    while waiting:
        key = waiting.pop()
        if key == goal:
            return True
        if key not in seen:
            seen.add(key)
            waiting += graph[key]
    return False


CHECK = Check("rule/cycle", "A recorded series that is made of itself", _run)
