"""The queries of runbooks as they are asked: a word like SERVICE stands for what an alert names.

A page is for every service that its alert can be about. So each query is read once for each of
the alert's rules, with that rule's own labels in it; a rule that has no such label is not asked.
It has to be right for one of them: a service whose requests are counted by another metric must not
make every page wrong on the day it is added. tests/test_runbooks.py holds ours to all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from catalog import names
from catalog.model import Catalog
from delivery.checks.documents import Documents, Rule, Use

#: ``METRIC_bucket`` is a metric of that name with its ending.
_WORD = re.compile(
    r"(?<![A-Z_])(SERVICE|COMPONENT|METRIC|EVENT|OBJECTIVE|DEPENDENCY)(?=_[a-z]|\W|$)"
)
_LABELS = {
    "METRIC": "metric",
    "EVENT": "event",
    "OBJECTIVE": names.OBJECTIVE,
    "DEPENDENCY": "dependency",
}


def uses(catalog: Catalog, documents: Documents) -> Iterator[tuple[Use, ...]]:
    """Each query of each page, once for each thing that its words can stand for."""
    alerts: dict[str, list[Rule]] = {}
    for rule in documents.rules:
        if rule.kind == "alert":
            alerts.setdefault(rule.name, []).append(rule)
    services = frozenset(each.id for each in catalog.services)
    for page in documents.pages:
        meanings = [_meanings(rule, services) for rule in alerts.get(page.alert, ())]
        for query in page.queries():
            yield tuple(
                Use(page.file, query.where, "runbook", query.language, text)
                for text in _filled(query.text, meanings)
            )


def _meanings(rule: Rule, services: frozenset[str]) -> Mapping[str, str]:
    subject = rule.labels.get(names.SERVICE, "")
    word = "SERVICE" if subject in services else "COMPONENT"
    found = {word: subject}
    for other, label in _LABELS.items():
        if label in rule.labels:
            found[other] = rule.labels[label]
    return found


def _filled(text: str, meanings: list[Mapping[str, str]]) -> Iterator[str]:
    words = frozenset(_WORD.findall(text))
    texts = {_put(text, each) for each in meanings if words <= each.keys()}
    # What no rule fills is read as it stands, and told of: nobody could fill it in.
    yield from sorted(texts) if words and texts else (text,)


def _put(text: str, meaning: Mapping[str, str]) -> str:
    return _WORD.sub(lambda found: meaning[found[1]], text)
