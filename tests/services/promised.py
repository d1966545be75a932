"""What a service of the shipped catalog has, as its own test under tests/services asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

import alerts.registry
import dashboards.registry
from catalog.artifact import Artifact
from catalog.load import load_catalog
from catalog.model import Catalog
from delivery.render import encode

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Promised:
    """Whom it tells, what is promised of it, and what shows and watches it."""

    team: str
    escalation: str
    told: set[str]
    objectives: set[str]
    dashboards: set[str]
    alerts: set[str]


def promised(identifier: str) -> Promised:
    """The service of that id, as the catalog and the generators have it now."""
    catalog, uids, rules = _shipped()
    service = catalog.service(identifier)
    own = [rule for rule in rules if rule.get("labels", {}).get("service") == identifier]
    return Promised(
        team=service.owner.team,
        escalation=service.owner.escalation,
        told={rule["labels"]["team"] for rule in own},
        objectives={
            f"{each.id} {each.target:g} % over {each.period // 86400}d"
            for each in service.objectives
        },
        dashboards={uid for uid in uids if uid.endswith(f"-{identifier}")},
        alerts={rule["alert"] for rule in own},
    )


@lru_cache(maxsize=1)
def _shipped() -> tuple[Catalog, frozenset[str], tuple[dict, ...]]:
    catalog = load_catalog(ROOT / "catalog")
    uids = {each.uid for each in dashboards.registry.generate(catalog) if each.uid}
    rules = [
        rule
        for artifact in alerts.registry.generate(catalog)
        if artifact.kind in {"prometheus-rules", "loki-rules"}
        for rule in _rules(artifact)
    ]
    return catalog, frozenset(uids), tuple(rules)


def _rules(artifact: Artifact) -> list[dict]:
    groups = yaml.safe_load(encode(artifact))["groups"]
    return [rule for group in groups for rule in group["rules"] if "alert" in rule]
