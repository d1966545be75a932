"""The test that comes with a service: what shows it, what watches it and who is told.

It is written from what was built, once. Whoever later takes an alert or a page away meets it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from catalog import names
from catalog.model import Catalog
from catalog.service import Service
from delivery.checks.documents import Documents


def test_file(catalog: Catalog, service: Service, documents: Documents) -> str:
    """The text of tests/services/test_<id>.py."""
    lines = [
        f'"""What {service.id} is to have: a change that takes some of it away fails here."""',
        "",
        "from __future__ import annotations",
        "",
        "from tests.services.promised import promised",
        "",
        f"HERE = promised({_text(service.id)})",
        "",
        "",
        "def test_whom_its_alerts_tell() -> None:",
        f"    assert HERE.team == {_text(service.owner.team)}",
        f"    assert HERE.escalation == {_text(service.owner.escalation)}",
        "    assert HERE.told == {HERE.team}",
        "",
        "",
        "def test_what_is_promised_of_it() -> None:",
        *_collection("objectives", "==", [_objective(each) for each in _objectives(service)], "{}"),
        "",
        "",
        "def test_what_shows_it() -> None:",
        *_collection("dashboards", ">=", sorted(dashboards(catalog, service, documents)), "{}"),
        "",
        "",
        "def test_what_watches_it() -> None:",
        *_collection("alerts", ">=", sorted(alerts(service.id, documents)), "{}"),
    ]
    return "\n".join(lines) + "\n"


def dashboards(catalog: Catalog, service: Service, documents: Documents) -> set[str]:
    """The uids of the pages that are the service's own."""
    own = {names.logs_uid(catalog.prefix, service.id), names.slo_uid(catalog.prefix, service.id)}
    return own & {each.uid for each in documents.dashboards}


def alerts(service: str, documents: Documents) -> set[str]:
    """The names of the alerts whose rule is about the service alone."""
    return {
        rule.name
        for rule in documents.rules
        if rule.kind == "alert" and rule.labels.get(names.SERVICE) == service
    }


def _objectives(service: Service) -> list[tuple[str, float, int]]:
    return [(each.id, each.target, each.period) for each in service.objectives]


def _objective(objective: tuple[str, float, int]) -> str:
    identifier, target, period = objective
    return f"{identifier} {target:g} % over {period // 86400}d"


def _collection(of: str, relation: str, found: Iterable[str], braces: str) -> list[str]:
    items = list(found)
    if not items:
        return [f"    assert HERE.{of} == set()"]
    return [
        f"    assert HERE.{of} {relation} {braces[0]}",
        *(f"        {_text(each)}," for each in items),
        f"    {braces[1]}",
    ]


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
