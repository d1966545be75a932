from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.route_receiver import CHECK
from tests.delivery.checks.trees import found

FILE = "alertmanager/alertmanager.yml"


def configured(*names, **route):
    return {FILE: {"route": route, "receivers": [{"name": name} for name in names]}}


@pytest.mark.parametrize(
    ("files", "where", "reason", "remedy"),
    [
        (
            configured(
                "a",
                "sales-page",
                receiver="a",
                routes=[{"receiver": "sales-pages"}, {"receiver": "sales-page"}],
            ),
            "route.routes[0]",
            "the route leads to the receiver 'sales-pages', which there is not",
            "Did you mean 'sales-page'?",
        ),
        (
            configured("a"),
            "route",
            "the route leads to no receiver",
            "Known here are a",
        ),
        (
            configured("a", "b", receiver="a"),
            "receiver b",
            "no route leads to this receiver",
            "Add a route in alerts/routes.py, or remove the receiver",
        ),
    ],
)
def test_who_is_not_told(tmp_path, files, where, reason, remedy):
    made = Finding("route/receiver", FILE, where, reason, remedy)
    assert made in found(tmp_path, CHECK, files)


def test_a_route_inherits_its_receiver(tmp_path):
    below = [{"matchers": ['a="b"'], "routes": [{"receiver": "b"}]}]
    assert found(tmp_path, CHECK, configured("a", "b", receiver="a", routes=below)) == []
