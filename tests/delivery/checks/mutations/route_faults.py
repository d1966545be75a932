"""Faults of Alertmanager's configuration, and of who evaluates an alert."""

from __future__ import annotations

from collections.abc import Iterator

from tests.delivery.checks.mutations.mutant import Edit, Json, Kind, Mutant, Way
from tests.delivery.checks.mutations.shipped import Shipped
from tests.delivery.checks.mutations.sites import rules


def _configurations(shipped: Shipped) -> Iterator[tuple[str, Json]]:
    for path, content in shipped.contents.items():
        if path.startswith("alertmanager/"):
            yield path, content


def _routes(entry: Json, way: Way, where: str) -> Iterator[tuple[Way, str]]:
    yield way, where
    for index, below in enumerate(entry.get("routes", ())):
        yield from _routes(below, (*way, "routes", index), f"{where}.routes[{index}]")


def _receiver_misspelt(shipped: Shipped) -> Iterator[Mutant]:
    for path, content in _configurations(shipped):
        for way, where in _routes(content["route"], ("route",), "route"):
            yield Mutant(path, where, (Edit((*way, "receiver"), "nosuch"),))


def _receiver_of_no_route(shipped: Shipped) -> Iterator[Mutant]:
    for path, content in _configurations(shipped):
        end = len(content["receivers"])
        edit = Edit(("receivers", end), {"name": "forgotten"})
        yield Mutant(path, "receiver forgotten", (edit,))


def _inhibits_nothing(shipped: Shipped) -> Iterator[Mutant]:
    for path, content in _configurations(shipped):
        for index, _ in enumerate(content["inhibit_rules"]):
            for side in ("source_matchers", "target_matchers"):
                way = ("inhibit_rules", index, side, 0)
                yield Mutant(path, f"inhibit_rules[{index}]", (Edit(way, 'alertname="Gone"'),))


def _secret_written_out(shipped: Shipped) -> Iterator[Mutant]:
    for path, content in _configurations(shipped):
        way = ("global", "slack_api_url")
        yield Mutant(path, "global.slack_api_url", (Edit(way, "https://chat.example/T0/secret"),))
        for index, entry in enumerate(content["receivers"]):
            for inner, _ in enumerate(entry.get("slack_configs", ())):
                inside = ("receivers", index, "slack_configs", inner, "api_url")
                where = f"receivers[{entry['name']}].slack_configs[{inner}].api_url"
                yield Mutant(path, where, (Edit(inside, "https://chat.example/T0/secret"),))


def _evaluated_twice(shipped: Shipped) -> Iterator[Mutant]:
    """Grafana is given a rule that a ruler has."""
    [alerting] = [path for path in shipped.contents if path.startswith(_MOUNTED)]
    for path, content in shipped.contents.items():
        if "/rules/" in path:
            for _, rule, _ in rules(content):
                if "alert" in rule:
                    asked = {"refId": "A", "model": {"expr": rule["expr"]}}
                    managed = {"title": rule["alert"], "labels": {}, "data": [asked]}
                    group = {"name": "again", "rules": [managed]}
                    where = f"rule '{rule['alert']}' in group again"
                    yield Mutant(alerting, where, (Edit(("groups",), [group]),))


_MOUNTED = "grafana/provisioning/alerting/"

KINDS: tuple[Kind, ...] = (
    Kind("route: a misspelt receiver", frozenset({"route/receiver"}), _receiver_misspelt),
    Kind("route: a receiver of no route", frozenset({"route/receiver"}), _receiver_of_no_route),
    Kind("route: an inhibition of nothing", frozenset({"route/inhibit"}), _inhibits_nothing),
    Kind("route: a secret written out", frozenset({"route/secret"}), _secret_written_out),
    Kind("alert: evaluated twice", frozenset({"alert/twice"}), _evaluated_twice),
)
