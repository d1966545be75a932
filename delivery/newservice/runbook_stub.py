"""The page that an alert without one begins with, in the sections that every runbook has.

Alerts here are named after what is wrong and shared by all services, so that a new service
mostly brings none without a page. Where it does, what the rule itself says is written down, and
what only people know is asked for: ``build.py check`` refuses the page until it is answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from catalog import names
from catalog.model import Catalog
from catalog.unfinished import open_question
from delivery.checks import read_runbooks
from delivery.checks.documents import Rule
from delivery.checks.rules.runbook_sections import SECTIONS
from delivery.guides.blocks import Page, filled
from delivery.guides.registry import makers

_FIRST_LOOK = """1. Its dashboard: since when, and does it grow?

{alert}

2. {second}

{measured}

3. What else fires since the same minute: the cause may have an alert of its own.

{others}"""


def missing(rules: Iterable[Rule], folder: Path) -> Mapping[str, Rule]:
    """The alerts that have no page in the folder, each with one of its rules."""
    return {
        rule.name: rule
        for rule in rules
        if rule.kind == "alert" and not (folder / f"{rule.name}.md").is_file()
    }


def stub(rule: Rule, catalog: Catalog) -> str:
    """The page: what the rule tells, its links, whom to call, and a question for the rest."""
    told = rule.annotations.get(names.DESCRIPTION) or rule.annotations.get(names.SUMMARY, "")
    meaning = f"{told or open_question('what it means')}\n\n{_block('facts')}"
    texts = (
        meaning,
        open_question("what users notice while it fires"),
        _first_look(rule),
        f"```{rule.language}\n{rule.expr.strip()}\n```",
        open_question("what to do first, and what then"),
        _block("escalation"),
        open_question("when it fires and nothing is wrong"),
    )
    parts = [f"## {title}\n\n{text}\n" for title, text in zip(SECTIONS, texts, strict=True)]
    page = Page(catalog, PurePosixPath(read_runbooks.FOLDER) / f"{rule.name}.md")
    return filled(f"# {rule.name}\n\n" + "\n".join(parts), page, makers())


def _first_look(rule: Rule) -> str:
    if rule.language == "promql":
        second, look = "What it measures, over time.", f"look metrics {' '.join(rule.expr.split())}"
    else:
        second, look = "The log lines of the same minutes.", "look logs"
    return _FIRST_LOOK.format(
        alert=_block("look", "    "),
        second=second,
        measured=_block(look, "    "),
        others=_block("look server alerts", "    "),
    )


def _block(words: str, indent: str = "") -> str:
    return f"{indent}<!-- made: {words} -->\n{indent}<!-- made end -->"
