"""What may be carried out of a plan, before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from catalog.errors import Problem, UserError
from delivery.publish.model import Change, Decision, Plan

#: A plan that would remove more than this share of what is ours is more likely a mistake.
_MOST = 1 / 3
_REMEDIES: dict[Decision, str] = {
    "adopt": "Rename or remove it there, or take it over with --adopt",
    "overwrite": "Bring it into the sources (build.py pull), or lose it with --overwrite",
    "prune": "Remove it with --prune, or let it alert with the other --alerts",
}


class RefusedPlanError(UserError):
    """Somebody has to decide first; nothing was written."""

    exit_status = 1


def refuse_undecided(plans: Iterable[Plan], allowed: frozenset[Decision], *, sure: bool) -> None:
    """Raises :class:`RefusedPlanError` for what nobody has decided; leftovers only stay."""
    problems = [problem for plan in plans for problem in _undecided(plan, allowed, sure)]
    if problems:
        raise RefusedPlanError(*problems)


def _undecided(plan: Plan, allowed: frozenset[Decision], sure: bool) -> Iterator[Problem]:
    for change in plan.changes:
        place = f"{plan.server}: {change.place}"
        if change.needs is not None and undecided(change, allowed):
            yield Problem(place, change.because, _REMEDIES[change.needs])
        elif lacks := lacking(change):
            yield Problem(place, "it cannot be made yet", lacks)
    if "prune" in allowed and not sure:
        yield from _too_much(plan)


def _too_much(plan: Plan) -> Iterator[Problem]:
    owned = [each for each in plan.changes if each.found is not None and each.found.ours]
    removed = [each for each in plan.changes if each.action == "delete"]
    if len(removed) > len(owned) * _MOST:
        yield Problem(
            plan.server,
            f"{len(removed)} of the {len(owned)} objects that are ours would be removed",
            "Look at build.py plan, and add --yes if that is meant",
        )


def undecided(change: Change, allowed: frozenset[Decision]) -> bool:
    """Whether nothing may be written until somebody decides; what is merely left over may stay."""
    return change.needs not in {None, *allowed} and not _may_stay(change)


def lacking(change: Change) -> str:
    """What has to be there before it can be made, such as a secret; "" if nothing."""
    makes = change.action in {"create", "replace"}
    return change.wanted.lacks if makes and change.wanted is not None else ""


def carried_out(change: Change, allowed: frozenset[Decision]) -> bool:
    """Whether ``publish`` writes it with these decisions."""
    return change.writes and (change.needs is None or change.needs in allowed)


def _may_stay(change: Change) -> bool:
    return change.needs == "prune" and not (change.found and change.found.harmful)
