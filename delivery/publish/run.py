"""One publish: plan every server, refuse what nobody decided, keep a backup, write, report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from delivery.console import say, summarize, tracked
from delivery.publish import outcome
from delivery.publish.apply import Result, applied
from delivery.publish.backup import keep
from delivery.publish.decide import RefusedPlanError, carried_out, refuse_undecided
from delivery.publish.model import Decision
from delivery.publish.options import OutcomeFormat
from delivery.publish.permissions import refuse_forbidden
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


@dataclass(frozen=True, slots=True)
class Printed:
    """How the outcome is printed, and into which files it is written besides."""

    shown: OutcomeFormat = OutcomeFormat.TEXT
    files: Sequence[Path] = ()

    def keep(self, outcomes: outcome.Outcomes) -> None:
        """Write the files."""
        for file in self.files:
            text = outcome.render(outcomes, outcome.format_of(file))
            file.write_text(f"{text}\n", encoding="utf-8")


#: Lines for people, and no file.
PLAIN = Printed()


def publish(servers: Sequence[Server], wishes: Wishes, printed: Printed = PLAIN) -> int:
    """Make the servers match; the exit status.

    :raises RefusedPlanError: something needs a decision; nothing was written.
    :raises ServerError: an account may not write what is to be written; nothing was written.
    """
    plans = [server.plan() for server in servers]
    try:
        refuse_undecided(plans, wishes.allowed, sure=wishes.sure)
    except RefusedPlanError:
        printed.keep(outcome.refused(plans, wishes.allowed))
        raise
    for server, plan in zip(servers, plans, strict=True):
        if server.target == "grafana":
            refuse_forbidden(server.transport, plan, wishes.allowed)
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
    outcomes = []
    for server, plan in zip(servers, plans, strict=True):
        changes = applied(plan, server.by_name(), wishes.allowed)
        made = tuple(tracked(changes, f"Publishing to {server.target}"))
        if printed.shown is OutcomeFormat.TEXT:
            say(outcome.lines(server.target, made))
        outcomes.append((server.target, made))
    results = [result for _, made in outcomes for result in made]
    printed.keep(outcomes)
    if printed.shown is OutcomeFormat.TEXT:
        summarize(outcome.totals(results))
    else:
        say([outcome.render(outcomes, printed.shown)])
    return status(results)


def status(results: Sequence[Result]) -> int:
    """The exit status: whether all, some or nothing of it was written."""
    failed = any(result.outcome == "failed" for result in results)
    done = any(result.outcome == "done" for result in results)
    if not failed:
        return 0
    return PARTIAL if done else REFUSED
