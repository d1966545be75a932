"""The canary's test keeps what it promises, and finds what it should; figures in docs/canary.md."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from catalog.canary import Canary
from catalog.load import load_catalog
from tests.alerts.canary_figures import (
    BAD,
    QUIET,
    SHARES,
    SIZES,
    agresti_caffo,
    every_path,
    false_alarms,
    in_one_look,
    pooled_z,
    run,
)
from tests.alerts.canary_model import binomial

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def canary() -> Canary:
    found = load_catalog(ROOT / "catalog").platform.canary
    assert found
    return found


def test_a_single_look_is_within_the_level_for_every_size_and_share(canary: Canary) -> None:
    """Enumerated: from 5 to 1,000 requests on the canary, from 20 to 5,000 on stable."""
    verdict = in_one_look(canary)
    worst = max(
        false_alarms(verdict, ours, theirs, share) for ours, theirs in SIZES for share in SHARES
    )
    assert 0 < worst <= canary.false_rollback_ratio


@pytest.mark.parametrize("textbook", [pooled_z, agresti_caffo])
def test_a_textbook_s_test_is_not(canary: Canary, textbook) -> None:
    """Why it is not one of these: at this size they are wrong several times too often."""
    verdict = textbook(canary)
    worst = max(false_alarms(verdict, 5, 5000, share) for share in SHARES)
    assert worst > 2 * canary.false_rollback_ratio


@pytest.mark.parametrize("share", [0.01, 0.1, 0.3, 0.5])
def test_nor_do_several_looks_leave_it(canary: Canary, share: float) -> None:
    """Enumerated: every outcome of five requests, with a look after each."""
    assert every_path(canary, 5, 3, share) <= canary.false_rollback_ratio


@pytest.mark.parametrize("story", QUIET, ids=[story.title for story in QUIET])
def test_a_good_canary_is_let_be_for_a_whole_rollout(canary: Canary, story) -> None:
    """120 looks in an hour; of 200 rollouts the promise allows 2, and chance up to 7 (p < 0.01)."""
    chance = random.Random(7)  # noqa: S311 - a simulation that repeats
    wrong = sum(run(canary, story, chance) is not None for _ in range(200))
    assert sum(binomial(200, canary.false_rollback_ratio)[wrong:]) > 0.01


@pytest.mark.parametrize(
    ("story", "power"),
    list(zip(BAD, (0.8, 0.95, 0.85, 0.85, 0.95, 0.95, 0.0, 0.95), strict=True)),
    ids=[story.title for story in BAD],
)
def test_a_bad_one_is_found(canary: Canary, story, power: float) -> None:
    chance = random.Random(11)  # noqa: S311 - a simulation that repeats
    found = sum(run(canary, story, chance) is not None for _ in range(100))
    assert found >= 100 * power
    if not power:  # a difference too small to roll back for
        assert found <= 8
