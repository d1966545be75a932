"""The page that an alert without one begins with, in the sections that every runbook has.

Alerts here are named after what is wrong and shared by all services, so that a new service
mostly brings none without a page. Where it does, what the rule itself says is written down, and
what only people know is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from catalog import names
from catalog.unfinished import open_question
from delivery.checks.documents import Rule

SECTIONS = (
    "Meaning",
    "Impact",
    "First look",
    "Diagnosis",
    "Mitigation",
    "Escalation",
    "Known false alarms",
)
_FIRST_LOOK = """1. Its dashboard, which the alert links to: since when, and does it grow?
2. The log lines that the alert links to, of the same minutes.
3. What was changed shortly before."""
_ESCALATION = (
    "The team in the alert's label `team` owns the service; after half an hour without progress "
    "call `owner.escalation` of `catalog/services/<service>.yaml`."
)


def missing(rules: Iterable[Rule], folder: Path) -> Mapping[str, Rule]:
    """The alerts that have no page in the folder, each with one of its rules."""
    return {
        rule.name: rule
        for rule in rules
        if rule.kind == "alert" and not (folder / f"{rule.name}.md").is_file()
    }


def stub(rule: Rule) -> str:
    """The page: what the rule tells, and a question for the rest."""
    told = rule.annotations.get(names.DESCRIPTION) or rule.annotations.get(names.SUMMARY, "")
    texts = (
        told or open_question("what it means"),
        open_question("what users notice while it fires"),
        _FIRST_LOOK,
        f"```{rule.language}\n{rule.expr.strip()}\n```",
        open_question("what to do first, and what then"),
        _ESCALATION,
        open_question("when it fires and nothing is wrong"),
    )
    parts = [f"## {title}\n\n{text}\n" for title, text in zip(SECTIONS, texts, strict=True)]
    return f"# {rule.name}\n\n" + "\n".join(parts)
