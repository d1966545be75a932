"""What the catalog says of canaries is refused where it cannot be so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.catalog.editable import PLATFORM, SHOP, EditableCatalog

CANARY = """canary:
  environment: here
  pod_label: track
  stable: old
  canary: new
  false_rollback_ratio: 0.01
  horizon: 2h
  minimum_events: 5
  minimum_factor: 1.5
  minimum_difference: 0.005
  patterns: {window: 10m, lookback: 3h, lines: 5}
  webhook: http://localhost:9000/rollback
  source: seed
environments:
"""
LABELS = "stream_labels:\n"


@pytest.fixture
def catalog(tmp_path: Path) -> EditableCatalog:
    found = EditableCatalog(tmp_path)
    found.edit(PLATFORM, "environments:\n", CANARY)
    found.edit(SHOP, LABELS, f"{LABELS}  track: [old, new]\n")
    return found


def test_it_is_read(catalog: EditableCatalog) -> None:
    canary = catalog.load().platform.canary
    assert canary
    assert canary.tracks == ("old", "new")
    assert canary.evidence == 100
    assert (canary.horizon, canary.patterns.lookback) == (7200, 10800)


def test_it_may_be_left_out(tmp_path: Path) -> None:
    assert EditableCatalog(tmp_path).load().platform.canary is None


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        (
            "canary: new",
            "canary: old",
            "canary: old",
            "'canary.canary' is 'old', as 'stable' is. Give the two different values.",
        ),
        (
            "lookback: 3h",
            "lookback: 5m",
            "lookback: 5m",
            (
                "'canary.patterns.lookback' is shorter than 'window', so that what both say would "
                "be new. Make it several times as long."
            ),
        ),
        (
            "lookback: 3h",
            "lookback: 90d",
            "lookback: 90d",
            "lines are kept for 30d, and it looks back 90d. Shorten it, or raise 'retention.logs'.",
        ),
        (
            "horizon: 2h",
            "horizon: 10s",
            "horizon: 10s",
            (
                "is over before rules are evaluated a second time, every 30s. Write how long a "
                "rollout lasts, as in 2h."
            ),
        ),
        (
            "environment: here\n  pod",
            "environment: hero\n  pod",
            "environment: hero",
            "there is no environment 'hero'. Did you mean 'here'?",
        ),
    ],
)
def test_what_cannot_be_is_refused(
    catalog: EditableCatalog, old: str, new: str, at: str, message: str
) -> None:
    catalog.edit(PLATFORM, old, new)
    complaints = catalog.complaints()
    assert f"{PLATFORM}:{catalog.line(PLATFORM, at)}: {message}" in complaints


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        (
            "  track: [old, new]\n",
            "",
            LABELS.strip(),
            (
                "the stream label 'track' is missing, and platform.yaml tells canaries by it. Add "
                "a line 'track: [old, new]'."
            ),
        ),
        (
            "track: [old, new]",
            "track: [new, old]",
            "track: [new, old]",
            "'track' has other values than 'canary' of platform.yaml. Write 'track: [old, new]'.",
        ),
    ],
)
def test_a_service_that_is_compared_says_which_track_a_line_is_of(
    catalog: EditableCatalog, old: str, new: str, at: str, message: str
) -> None:
    catalog.edit(SHOP, old, new)
    assert catalog.complaints() == [f"{SHOP}:{catalog.line(SHOP, at)}: {message}"]


def test_a_metric_has_no_such_label_of_its_own(catalog: EditableCatalog) -> None:
    text = catalog.path(SHOP).read_text(encoding="utf-8")
    name = "    labels:\n" if text.count("    labels:\n") == 1 else "    labels: {"
    assert text.count(name), text
    first = text.replace(name, f"{name}track: null, " if name.endswith("{") else name, 1)
    catalog.write(SHOP, first)
    line = first[: first.index("track: null")].count("\n") + 1
    message = "Prometheus sets the label 'track' itself. Remove it, or rename it."
    assert catalog.complaints() == [f"{SHOP}:{line}: {message}"]
