"""The report in each of its forms, and the exit status that follows."""

from __future__ import annotations

import json
import os
from pathlib import Path
from xml.etree import ElementTree

import pytest

from catalog.errors import UsageError
from delivery.audit import output
from delivery.audit.model import Audit, Cost, Link, Result, Timing, Verdict

GOLDEN = Path(__file__).parents[2] / "golden" / "audit"
PLACE = "grafana/dashboards/a/b.json"


def result(verdict: Verdict, reason: str = "why", title: str = "Lines <b>&\x07") -> Result:
    return Result("panel", "b", 7, title, "A", "Σ", PLACE, verdict, reason, 2, 30, 12.5)


AUDIT = Audit(
    "2027-01-15T08:00:00Z",
    [
        result("OK", "2 series, 30 points"),
        result("LAZY", "no such alert is pending or firing"),
        result("EMPTY", "up disappeared at <time>"),
        Result(
            "rule", None, None, "alert Down", None, "a", "prometheus/rules/a.yaml", "ERROR", "x"
        ),
        result("SLOW", "took 300 ms, and a simple query may take 200 ms"),
    ],
    [
        Link("data-link", "Lines: Open", PLACE, "a", "/d/x?a=1&b=<2>", "OK", "it opens"),
        Link("derived-field", "Trace", "grafana/p", "a", "{}", "BROKEN", "it finds none"),
    ],
    [
        Cost("b", "Logs", "a", 3, 4, 50, 600, 7000, 80),
        Cost("c", "Budgets", "", 1, 1, 2, None, None, None),
    ],
    [Timing("simple", 5, 10.0, 250.0, 50.0, 200.0), Timing("json", 5, 10.0, 20.0, 150.0, 500.0)],
    ["http://loki: cannot be reached"],
)


@pytest.mark.parametrize("form", ["html", "json", "junit", "text"])
def test_golden_report(form: str) -> None:
    path = GOLDEN / f"report.{form}"
    made = output.rendered(AUDIT, form)
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(made, encoding="utf-8")
    assert made == path.read_text(encoding="utf-8")


def test_a_table_has_a_row_a_dashboard_and_then_the_findings() -> None:
    told = list(output.text(AUDIT, whole=False, table=True))
    assert told[0].split() == ["OK", "LAZY", "EMPTY", "ERROR", "SLOW", "UNREACHABLE"]
    assert told[1].split() == ["b", "1", "1", "1", "0", "1", "0"]
    assert told[2].split() == ["rules", "0", "0", "0", "1", "0", "0"]
    assert any(each.startswith("EMPTY grafana/dashboards/a/b.json: panel") for each in told)


def test_what_is_well_is_printed_only_when_asked_for() -> None:
    short = "\n".join(output.text(AUDIT, whole=False, table=False))
    long = "\n".join(output.text(AUDIT, whole=True, table=False))
    assert "LAZY" not in short
    assert "LAZY grafana/dashboards/a/b.json" in long


def test_the_page_needs_nothing_else_and_escapes_what_servers_say() -> None:
    page = output.rendered(AUDIT, "html")
    assert "up disappeared at &lt;time&gt;" in page
    assert "<b>" not in page
    for outside in ("http://www", "https://", "src=", "<script", "@import", "url("):
        assert outside not in page


def test_junit_can_be_read_and_counts() -> None:
    root = ElementTree.fromstring(output.rendered(AUDIT, "junit"))  # noqa: S314 - our own
    counts = {each.get("name"): (each.get("tests"), each.get("failures")) for each in root}
    assert counts == {"queries": ("5", "3"), "links": ("2", "1"), "latency": ("2", "1")}


def test_json_is_the_contract() -> None:
    data = json.loads(output.rendered(AUDIT, "json"))
    assert data["version"] == 1
    assert data["summary"]["results"]["EMPTY"] == 1
    assert data["summary"]["links"]["BROKEN"] == 1
    assert list(data["results"][0]) == [
        *("kind", "dashboard", "panel", "title", "ref", "service", "place", "verdict", "reason"),
        *("series", "points", "milliseconds"),
    ]
    assert data["timings"][0]["verdict"] == "SLOW"


FAST = Timing("simple", 5, 10.0, 20.0, 50.0, 200.0)
LATE = Timing("simple", 5, 60.0, 70.0, 50.0, 200.0)
LINK = Link("k", "t", "p", "", "u", "BROKEN", "")


@pytest.mark.parametrize(
    ("audit", "status"),
    [
        (Audit("", [result("OK"), result("LAZY")], timings=[FAST]), 0),
        (Audit("", [result("EMPTY")]), 1),
        (Audit("", [result("ERROR")]), 1),
        (Audit("", [result("SLOW")]), 1),
        (Audit("", [result("OK")], [LINK]), 1),
        (Audit("", [result("OK")], timings=[LATE]), 1),
        (Audit("", [result("UNREACHABLE"), result("EMPTY")]), 3),
        (Audit("", [result("OK")], unreachable=["x"]), 3),
    ],
)
def test_the_exit_status(audit: Audit, status: int) -> None:
    assert audit.status == status


def test_files_are_written_by_their_ending(tmp_path: Path) -> None:
    files = output.checked([tmp_path / "a.json", tmp_path / "a.xml", tmp_path / "a.txt"])
    output.write(AUDIT, files)
    assert json.loads((tmp_path / "a.json").read_text())["version"] == 1
    with pytest.raises(UsageError, match=r"End it in \.html, \.json, \.xml, \.txt"):
        output.checked([tmp_path / "a.pdf"])
    with pytest.raises(UsageError, match="there is no such folder"):
        output.checked([tmp_path / "gone" / "a.json"])
