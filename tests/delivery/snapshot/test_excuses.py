"""Which panels an audit excuses."""

from __future__ import annotations

import json

import pytest

from catalog.errors import UsageError
from delivery.snapshot.excuses import Excuses, excuses, from_results, read


def result(verdict, *, service="", panel=1, uid="board", kind="panel", reason="nothing yet"):
    """As ``audit --format json`` writes it."""
    return {
        "kind": kind, "dashboard": uid, "panel": panel, "title": "T", "ref": "A",
        "service": service, "place": "grafana/dashboards/x.json", "verdict": verdict,
        "reason": reason, "series": 0, "points": 0, "milliseconds": 1.0,
    }  # fmt: skip


def why(*results, panel=1, service="", uid="board"):
    return from_results(results).of(uid, panel, service)


def test_without_an_audit_nothing_is_excused():
    assert Excuses().of("board", 1, "") == ""


def test_lazy_is_a_reason():
    assert why(result("LAZY")) == "nothing yet"
    assert why(result("LAZY"), result("OK"), result("SLOW")) == "nothing yet"
    assert why(result("LAZY", reason="")) == "the audit says LAZY"


@pytest.mark.parametrize("verdict", ["EMPTY", "ERROR", "UNREACHABLE"])
def test_one_bad_query_takes_the_excuse_away(verdict):
    assert why(result("LAZY"), result(verdict)) == ""


@pytest.mark.parametrize("verdict", ["OK", "SLOW"])
def test_a_query_with_an_answer_excuses_no_empty_panel(verdict):
    assert why(result(verdict)) == ""


def test_another_service_another_panel_and_another_dashboard_excuse_nothing():
    lazy = result("LAZY", service="a")
    assert why(lazy, service="a") == "nothing yet"
    assert why(lazy, service="b") == ""
    assert why(result("LAZY"), panel=2) == ""
    assert why(result("LAZY"), uid="other") == ""
    assert why(result("EMPTY", service="b"), lazy, service="a") == "nothing yet"


def test_what_no_service_changes_counts_for_each():
    assert why(result("LAZY"), service="a") == "nothing yet"
    assert why(result("LAZY", service="a"), result("EMPTY"), service="a") == ""


def test_where_no_service_is_chosen_every_result_counts():
    assert why(result("LAZY", service="a")) == "nothing yet"
    assert why(result("LAZY", service="a"), result("EMPTY", service="a")) == ""


def test_rules_and_variables_are_no_panels():
    assert why(result("LAZY", kind="variable"), result("LAZY", kind="rule", uid=None)) == ""


def test_the_file_is_preferred_to_asking(tmp_path):
    file = tmp_path / "audit.json"
    file.write_text(json.dumps({"version": 1, "results": [result("LAZY")]}))

    def ask(uid):
        raise AssertionError(uid)

    assert excuses(file, ask)("board").of("board", 1, "") == "nothing yet"


def test_each_dashboard_is_asked_about_once():
    asked = []

    def ask(uid):
        asked.append(uid)
        return Excuses()

    known = excuses(None, ask)
    for uid in ("a", "b", "a", "a"):
        known(uid)
    assert asked == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (None, "cannot be read as JSON"),
        ("{", "cannot be read as JSON"),
        ("[" * 100_000, "cannot be read as JSON"),
        ("[]", "is no audit of version 1"),
        ('{"version": 2, "results": []}', "is no audit of version 1"),
        ('{"version": 1}', "holds something else than results"),
        ('{"version": 1, "results": [{"kind": "panel"}]}', "holds something else than results"),
        ('{"version": 1, "results": [1]}', "holds something else than results"),
    ],
)
def test_what_is_no_audit_is_refused(tmp_path, monkeypatch, text, fault):
    monkeypatch.chdir(tmp_path)
    if text is not None:
        (tmp_path / "audit.json").write_text(text)
    with pytest.raises(UsageError) as error:
        read(tmp_path / "audit.json")
    remedy = "Make it with python build.py audit --format json."
    assert str(error.value) == f"audit.json: {fault}. {remedy}"
