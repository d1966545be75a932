"""What all alerts share is applied once, and what a rule declares as meant ships with it."""

from __future__ import annotations

from alerts.model import Alert, Dashboard, Group, Recording
from alerts.present import accepted
from catalog.artifact import Suppression


def test_what_rules_declare_as_meant_ships_with_their_places() -> None:
    alert = Alert(
        "Slow",
        "up == 0",
        "ticket",
        "shop",
        "sales",
        "It is slow",
        "Slow.",
        Dashboard("x"),
        accept={"label/shown": "The label comes from a relabelling of ours."},
    )
    recording = Recording("a:b:c", "up", accept={"rule/unused": "Read by the billing team."})
    groups = (Group("one", 60, (alert,)), Group("two", 60, (recording,)))
    assert accepted(groups) == (
        Suppression(
            "label/shown",
            "alert Slow in group one",
            "The label comes from a relabelling of ours.",
        ),
        Suppression("rule/unused", "recording a:b:c in group two", "Read by the billing team."),
    )
