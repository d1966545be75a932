"""One publish: plan every server, refuse what nobody decided, keep a backup, write, report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from delivery.console import say, summarize
from delivery.publish import report
from delivery.publish.apply import Result, apply
from delivery.publish.backup import keep
from delivery.publish.decide import carried_out, refuse_undecided
from delivery.publish.model import Decision
from delivery.publish.session import Server

#: Part was published and part was not.
PARTIAL = 4
#: Nothing could be published: the servers refuse us.
REFUSED = 3


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line decides."""

    adopt: bool = False
    overwrite: bool = False
    prune: bool = False
    sure: bool = False
    backup: Path | None = None

    @property
    def allowed(self) -> frozenset[Decision]:
        """The decisions that were taken."""
        taken: dict[Decision, bool] = {
            "adopt": self.adopt,
            "overwrite": self.overwrite,
            "prune": self.prune,
        }
        return frozenset(decision for decision, yes in taken.items() if yes)


def publish(servers: Sequence[Server], wishes: Wishes) -> int:
    """Make the servers match; the exit status.

    :raises RefusedPlanError: something needs a decision; nothing was written.
    """
    plans = [server.plan() for server in servers]
    refuse_undecided(plans, wishes.allowed, sure=wishes.sure)
    if wishes.backup is not None:
        keep(
            wishes.backup,
            [
                (plan.server, change)
                for plan in plans
                for change in plan.changes
                if carried_out(change, wishes.allowed)
            ],
        )
    results: list[Result] = []
    for server, plan in zip(servers, plans, strict=True):
        made = apply(plan, server.by_name(), wishes.allowed)
        say(report.outcome(server.target, made))
        results += made
    return finish(results)


def finish(results: Sequence[Result]) -> int:
    """Print how much was written, and return the exit status."""
    failed = [result for result in results if result.outcome == "failed"]
    done = [result for result in results if result.outcome == "done"]
    left = [each for each in results if each.outcome == "left" and each.change.needs == "prune"]
    parts = [f"{len(done)} written"]
    if left:
        parts.append(f"{len(left)} left over (--prune removes them)")
    if failed:
        parts.append(f"{len(failed)} not written")
    summarize(", ".join(parts))
    if not failed:
        return 0
    return PARTIAL if done else REFUSED
