"""What a panel's looks are called, and which of it fails the command."""

from __future__ import annotations

import pytest

from delivery.snapshot.findings import findings
from delivery.snapshot.model import Finding
from tests.delivery.snapshot.made import dashboard, drawn, panel


def found(board, *seen, complaints=(), excuse=lambda panel: ""):
    return findings(board, seen, complaints, excuse)


def test_a_panel_that_is_well_is_not_mentioned():
    legends = ("agents", "POST /v1", "p99")
    assert found(dashboard(panel()), drawn(legends=legends)) == ()


@pytest.mark.parametrize(
    ("told", "kind", "text"),
    [
        ({"text": "Requests\nNo data"}, "empty", "says 'No data'"),
        ({"text": "Lines\nNo logs found"}, "empty", "says 'No logs found'"),
        ({"error": "Panel status"}, "error", "shows an error"),
        ({"error": "bad gateway\n 502"}, "error", "shows an error: bad gateway 502"),
        ({"text": "Panel plugin not found: x"}, "error", "says 'Panel plugin not found'"),
        ({"loading": True}, "loading", "still loads"),
    ],
)
def test_a_fault(told, kind, text):
    wrong = found(dashboard(panel()), drawn(**told))
    assert wrong == (Finding(kind, 1, "Requests", text),)
    assert wrong[0].fault


@pytest.mark.parametrize(
    ("told", "kind", "text"),
    [
        ({"cut": True}, "title", "its title is cut off"),
        (
            {"legends": ('{service="a"}', "b", 'up{job="c", x="d"}', '{ a = "b" }')},
            "legend",
            'a series has no name of its own: {service="a"}, up{job="c", x="d"}, { a = "b" }',
        ),
        (
            {"clipped": ("one", "two\nlines", "three", "four", "five")},
            "clipped",
            "text is cut off: one, two lines, three and 2 more",
        ),
    ],
)
def test_a_remark(told, kind, text):
    wrong = found(dashboard(panel()), drawn(**told))
    assert wrong == (Finding(kind, 1, "Requests", text),)
    assert not wrong[0].fault


def test_a_route_in_braces_is_a_name():
    assert found(dashboard(panel()), drawn(legends=("/v1/{id}", "{id}", "GET {a}/{b}"))) == ()


def test_a_panel_has_words_of_its_own_for_nothing():
    own = panel(fieldConfig={"defaults": {"noValue": "None fails"}})
    assert found(dashboard(own), drawn(text="Errors\n None fails"))[0].text == "says 'None fails'"
    assert found(dashboard(panel()), drawn(text="Errors\n None fails")) == ()
    # Not the same words inside others.
    assert found(dashboard(own), drawn(text="Why None fails here")) == ()


def test_a_table_with_rows_may_have_an_empty_cell():
    assert found(dashboard(panel()), drawn(text="a No data", rows=2)) == ()
    assert found(dashboard(panel()), drawn(text="a No data", rows=1))[0].kind == "empty"


def test_that_no_alert_fires_is_well():
    assert found(dashboard(panel(type="alertlist")), drawn(text="No alerts matching filters")) == ()


def test_a_panel_that_is_not_drawn_is_missing_also_in_a_collapsed_row():
    row = {"id": 9, "type": "row", "title": "More", "panels": [panel(2, "Inside")]}
    wrong = found(dashboard(panel(), row), drawn())
    assert wrong == (Finding("missing", 2, "Inside", "is not drawn"),)
    assert wrong[0].fault


def test_only_what_queries_explain_is_excused():
    board = dashboard(panel())
    everything = drawn(error="x", text="No data", loading=True, cut=True)
    wrong = found(board, everything, excuse=lambda panel: f"why {panel}")
    assert {each.kind: each.excuse for each in wrong} == {
        "error": "why 1",
        "empty": "why 1",
        "loading": "",
        "title": "",
    }
    assert [each.kind for each in wrong if each.fault] == ["loading"]


def test_what_the_page_says_is_a_remark():
    wrong = found(dashboard(), complaints=("404 /api/x",))
    assert wrong == (Finding("page", None, "", "404 /api/x"),)
    assert not wrong[0].fault
