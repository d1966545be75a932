"""The tables of the guide say what the catalog comes to, and where there is nothing to say."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from catalog.load import load_catalog
from delivery.guides import traces
from delivery.guides.blocks import Page

ROOT = Path(__file__).parents[3]


def page(folder: str) -> Page:
    return Page(load_catalog(ROOT / folder), PurePosixPath("docs/traces-and-metrics.md"))


def rows(text: str, first: str) -> list[list[str]]:
    """The cells of the lines that begin so."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines()]
    return [cells for cells in lines if cells[0].startswith(first)]


def test_it_says_which_lines_a_trace_outlives() -> None:
    text = traces.retention(page("catalog"))
    assert rows(text, "Lines with `level` debug") == [
        [
            "Lines with `level` debug",
            "3d",
            "a trace of an earlier day finds none of these lines",
        ]
    ]
    [agents] = rows(text, "Lines with `service` agents")
    assert agents[1] == "60d"
    assert "trace" not in agents[-1]


def test_a_quarter_allows_its_share_of_ninety_days() -> None:
    """0.05 % of 90 x 1,440 minutes are 64.8, of 92 days 66.2, of 30 days 21.6."""
    [cells] = [
        each for each in rows(traces.budgets(page("catalog")), "ΣVAULT") if each[2] == "99.95 %"
    ]
    assert cells[3:] == ["500", "30d: 22 min", "65 min to 66 min"]


def test_what_lines_are_counted_for_is_told() -> None:
    text = traces.sources(page("catalog"))
    assert (
        "| ΣVAULT | `vault_operations_total` | Vault operations |"
        " the log agent: lines of the event `audit` |"
    ) in text
    assert "the log agent: the field `duration_ms`" in text
    assert "Loki's ruler: lines of the event `operation`" in text


@pytest.mark.parametrize("make", [traces.policies, traces.sizes])
def test_nothing_is_said_of_sampling_where_there_is_none(make) -> None:
    assert make(page("tests/fixtures/second")) == "Nothing is sampled: every trace is kept."


def test_the_examples_stand_there_as_they_are() -> None:
    made = traces.MAKERS["trace-ids-go"](page("catalog"))
    handler = ROOT / "examples/trace-ids/go/tracelog/handler.go"
    assert made == f"```go\n{handler.read_text(encoding='utf-8').strip()}\n```"
