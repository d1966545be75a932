"""What a panel asks of one value of a variable is no fault while another value is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from delivery.audit.answers import Answer, Column, Frame
from delivery.audit.asking import Asking
from delivery.audit.judge import Judge
from delivery.audit.links.rows import rows
from delivery.audit.questions import Page, Question, of_panel
from delivery.audit.times import Window
from delivery.audit.variables import plain
from tests.delivery.audit.fakes import NOW, fake_servers, known

_LOKI = {"type": "loki", "uid": "neurectomy-loki"}
_SERVICES = {"name": "service", "type": "custom", "query": "agents,ryot"}


def asked(expr: str, service: str = "ryot", trace: str = "") -> Question:
    target = {"refId": "A", "expr": expr, "datasource": _LOKI}
    panel: dict[str, Any] = {"id": 1, "title": "P", "targets": [target]}
    page = Page("p.json", {"uid": "u", "templating": {"list": [_SERVICES]}})
    values = {"service": plain(service), "trace_id": plain(trace)}
    (question,) = of_panel(page, panel, values, service, Window(NOW - 3600, NOW))
    return question


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ('{service="$service",service="agents"}', ["agents"]),
        ('{service="${service}",service=~"agents|x"}', ["agents"]),
        # Chosen is what it asks of, or nobody can choose it, or nothing is chosen in it.
        ('{service="$service",service="ryot"}', []),
        ('{service="$service",service="agentz"}', []),
        ('{service="ryot",service="agents"}', []),
        ('{service="$service",track="canary"}', []),
        # One of two selectors alone contradicts itself.
        (
            'rate({service="$service",service="agents"}[1m]) + rate({service="$service"}[1m])',
            [],
        ),
        ("{broken", []),
    ],
)
def test_the_values_of_which_a_query_asks(expr: str, expected: list[str]) -> None:
    found = asked(expr).of_own_values()
    assert [value for value, _ in found] == expected
    for value, question in found:
        assert f'service="{value}"' in question.expr
        assert "ryot" not in question.expr


@pytest.mark.parametrize(
    ("expr", "trace", "unset"),
    [
        ('{a="b"} | json | trace_id=${trace_id:doublequote}', "", ("trace_id",)),
        ('{a="b"} | json | trace_id=${trace_id:doublequote}', "1f", ()),
        ('{a="b"} | json | trace_id!=${trace_id:doublequote}', "", ()),
        ('{a="b"} |= ${trace_id:doublequote}', "", ()),
    ],
)
def test_what_must_equal_a_variable_waits_for_it(
    expr: str, trace: str, unset: tuple[str, ...]
) -> None:
    assert asked(expr, trace=trace).unset == unset


def test_a_label_is_a_column_in_a_table_of_one_moment_alone() -> None:
    def frame(*numbers: float) -> Answer:
        times = Column("Time", "time", {}, [1] * len(numbers))
        return Answer((Frame((times, Column("Value", "number", {"service": "a"}, numbers))),))

    assert [each.value for each in rows(frame(4.0), "service")] == ["a"]
    assert [each.value for each in rows(frame(4.0), "pod")] == ["4.0"]
    assert [each.value for each in rows(frame(4.0, 5.0), "service")] == ["5.0", "4.0"]


@pytest.mark.parametrize(
    ("service", "cluster", "environment", "told"),
    [
        ("loki", "host", "development", True),
        ("loki", "neurectomy", "production", False),
        ("loki", "nowhere", "development", False),
        ("ryot", "host", "development", False),
    ],
)
def test_loki_s_own_lines_are_not_missed_where_nobody_collects_them(
    service: str, cluster: str, environment: str, told: bool
) -> None:
    wanted = {"service": service, "cluster": cluster, "environment": environment}
    assert bool(known().uncollected(wanted)) is told


def panel_query(service: str, lines: int) -> Judge:
    """A judge whose Grafana answers a query of that service alone, and Loki has no stream."""

    def grafana(where: str, query: Mapping[str, Any]) -> Any:
        assert where == "/api/ds/query"
        expr = query["queries"][0]["expr"]
        there = expr.count(f'service="{service}"') == 2
        fields = [{"name": "Time", "type": "time"}, {"name": "Line", "type": "string"}]
        values = [[1] * lines, ["x"] * lines] if there else [[], []]
        frame = {"schema": {"fields": fields}, "data": {"values": values}}
        return {"results": {"A": {"frames": [frame]}}}

    servers = fake_servers(grafana=grafana, loki=lambda *_: {"data": {"result": []}})
    return Judge(known(), servers, Asking(servers, 1), {}, NOW + 7200, 600.0)


@pytest.mark.parametrize(("lines", "verdict"), [(3, "LAZY"), (0, "EMPTY")])
def test_it_is_as_good_as_with_the_value_that_it_is_for(lines: int, verdict: str) -> None:
    question = asked('{service="$service",service="agents"}')
    found = panel_query("agents", lines).question(question)
    assert found.verdict == verdict, found.reason
    assert found.reason.startswith("asks of agents alone, and ryot is chosen")
