"""A plan: as lines for people, as data, and as Markdown for a pull request."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from delivery.checks.formats import flat
from delivery.publish.model import Action, Change, Difference, Plan

#: What stands before an object, by what happens to it.
SIGNS: dict[Action, str] = {
    "create": "+",
    "update": "~",
    "move": ">",
    "replace": "±",
    "delete": "-",
    "keep": "=",
    "skip": ".",
    "restore": "<",
}
_WORDS: dict[Action, str] = {
    "create": "to create",
    "update": "to change",
    "move": "to move",
    "replace": "to replace",
    "delete": "left over",
    "skip": "left alone",
    "keep": "as wanted",
    "restore": "to restore",
}
#: A dashboard that was rewritten would fill the screen: so many settings of one object are shown.
_SHOWN = 12
_WIDTH = 90


def text(plans: Iterable[Plan]) -> Iterator[str]:
    """One line an object that is not as wanted, its settings indented below."""
    for plan in plans:
        for change in plan.changes:
            if change.action == "keep":
                continue
            yield flat(f"{plan.server}: {SIGNS[change.action]} {change.place}{_notes(change)}")
            yield from (flat(f"    {line}") for line in _settings(change.differences))
        yield f"{plan.server}: {summary(plan)}"


def summary(plan: Plan) -> str:
    """``1 to create, 2 to change, 9 as wanted``."""
    counts = Counter(change.action for change in plan.changes)
    parts = [f"{counts[action]} {word}" for action, word in _WORDS.items() if counts[action]]
    return ", ".join(parts) or "nothing is wanted there, and nothing is ours"


def _notes(change: Change) -> str:
    notes = [change.because] if change.because else []
    if change.action == "move" and change.found is not None and change.wanted is not None:
        notes.append(f"from folder {change.found.parent or 'General'} to {change.wanted.parent}")
    if change.needs is not None:
        notes.append(f"needs --{change.needs}")
    return f" ({'; '.join(notes)})" if notes else ""


def _settings(differences: Sequence[Difference]) -> Iterator[str]:
    for each in differences[:_SHOWN]:
        yield f"{each.where}: {_short(each.old)} -> {_short(each.new)}"
    if len(differences) > _SHOWN:
        yield f"and {len(differences) - _SHOWN} more settings (--format json has all)"


def _short(value: Any) -> str:
    if value is None:
        return "nothing"
    told = json.dumps(value, ensure_ascii=False)
    return told if len(told) <= _WIDTH else f"{told[: _WIDTH - 3]}..."


def data(plans: Iterable[Plan]) -> str:
    """Everything, old and new in full, as one JSON document."""
    document = [
        {
            "server": plan.server,
            "empty": plan.empty,
            "changes": [_change(change) for change in plan.changes],
        }
        for plan in plans
    ]
    return json.dumps(document, indent=2, ensure_ascii=False)


def _change(change: Change) -> dict[str, Any]:
    return {
        "action": change.action,
        "kind": change.kind,
        "key": change.key,
        "title": change.title,
        "file": change.wanted.file if change.wanted else None,
        "differences": [
            {"where": each.where, "old": each.old, "new": each.new} for each in change.differences
        ],
        "drift": str(change.drift) if change.drift else None,
        "needs": change.needs,
        "because": change.because or None,
    }


def markdown(plans: Iterable[Plan]) -> str:
    """A table of what would change, and the settings folded away below."""
    lines: list[str] = []
    for plan in plans:
        lines += [f"### {plan.server}", "", f"**{summary(plan)}**", ""]
        changes = [change for change in plan.changes if change.action != "keep"]
        if not changes:
            continue
        lines += ["| | Object | |", "|---|---|---|"]
        lines += [
            f"| {change.action} | {cell(change.place)} | {cell(_notes(change).strip(' ()'))} |"
            for change in changes
        ]
        lines.append("")
        for change in changes:
            if change.differences:
                settings = "\n".join(_settings(change.differences))
                lines += [
                    f"<details><summary>{_escaped(change.place)}</summary>",
                    "",
                    "```",
                    settings.replace("```", "'''"),
                    "```",
                    "",
                    "</details>",
                    "",
                ]
    return "\n".join(lines).rstrip() + "\n"


def cell(value: str) -> str:
    """The text as a table's cell holds it."""
    return _escaped(value).replace("|", "\\|").replace("\n", " ")


def _escaped(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
