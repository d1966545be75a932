"""Carries a plan out: in its order, several objects of a kind at once, and never blindly.

Each write is judged by its answer. Where the answer was lost the object is looked at: as wanted,
it is done; as it was, it is written again; anything else is somebody's, and is left to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from catalog.errors import ServerError
from delivery.publish.difference import differences
from delivery.publish.kinds.kind import ConflictError, Kind, RefusedError, UnsupportedError
from delivery.publish.model import Change, Decision, Found, Plan
from delivery.publish.transport import CONCURRENCY, OutcomeUnknownError

#: Looking and writing again as often as this covers a server that restarts; then it is an error.
_ROUNDS = 4
#: Grafana makes an organization's first datasource its default, whatever was asked. Of two that
#: are created at once each is the first, and the one that is to be the default may lose.
_ONE_AT_A_TIME = frozenset({"datasource"})

Outcome = Literal["done", "left", "failed"]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one change; ``because`` says why it was left or failed."""

    change: Change
    outcome: Outcome
    because: str = ""


def apply(
    plan: Plan, kinds: Mapping[str, Kind], allowed: frozenset[Decision]
) -> tuple[Result, ...]:
    """All of :func:`applied`."""
    return tuple(applied(plan, kinds, allowed))


def applied(
    plan: Plan, kinds: Mapping[str, Kind], allowed: frozenset[Decision]
) -> Iterator[Result]:
    """What came of each change of the plan, in its order, while it is carried out.

    A change that needs a decision that is not in ``allowed`` is left. When a kind fails that
    others stand on, they are tried all the same: the server says best what it cannot take.
    """
    for (kind, _), batch in groupby(plan.changes, lambda each: (each.kind, each.action)):
        yield from _batch(list(batch), kinds[kind], allowed)


def _batch(changes: Sequence[Change], kind: Kind, allowed: frozenset[Decision]) -> Iterator[Result]:
    def one(change: Change) -> Result:
        if not change.writes:
            return Result(change, "left", change.because)
        if change.needs is not None and change.needs not in allowed:
            return Result(change, "left", change.because)
        return _settled(kind, change)

    waiting = sum(change.writes for change in changes)
    if waiting < 2:
        yield from map(one, changes)
        return
    with ThreadPoolExecutor(1 if kind.name in _ONE_AT_A_TIME else CONCURRENCY) as pool:
        yield from pool.map(one, changes)


def _settled(kind: Kind, change: Change) -> Result:
    try:
        return _written(kind, change)
    except UnsupportedError as error:
        return Result(change, "left", str(error))
    except (RefusedError, ServerError) as error:
        return Result(change, "failed", str(error))


def _written(kind: Kind, change: Change) -> Result:
    lost = ""
    for _ in range(_ROUNDS):
        try:
            if lost:
                now = kind.look(change.key)
                if _is_reached(change, now):
                    return Result(change, "done", "its answer was lost, and it is as wanted")
                if not _is_untouched(change, now):
                    return Result(change, "failed", f"{lost}; meanwhile somebody else changed it")
                change = _seen_again(change, now)
            _write(kind, change)
        except OutcomeUnknownError as error:
            lost = str(error)
        except ConflictError as error:
            now = kind.look(change.key)
            if _is_reached(change, now):
                return Result(change, "done", "somebody else had just made it so")
            if not _is_untouched(change, now):
                return Result(change, "failed", f"{error}; plan again to see it")
            # Nobody changed it: Grafana says so too when its SQLite was locked on the way.
            change, lost = _seen_again(change, now), str(error)
        else:
            return Result(change, "done")
    return Result(change, "failed", f"{lost}, again and again")


def _write(kind: Kind, change: Change) -> None:
    wanted, found = change.wanted, change.found
    if change.action == "delete" and found is not None:
        kind.delete(found)
    elif change.action == "create" and wanted is not None:
        kind.create(wanted)
    elif change.action == "replace" and wanted is not None and found is not None:
        kind.replace(wanted, found)
    elif change.action == "restore" and wanted is not None:
        kind.restore(wanted, found)
    elif wanted is not None and found is not None:
        kind.update(wanted, found)
    else:
        raise AssertionError(f"{change.place}: nothing to write")


def _is_reached(change: Change, now: Found | None) -> bool:
    if change.action == "delete":
        return now is None
    wanted = change.wanted
    return (
        now is not None
        and wanted is not None
        and now.parent == wanted.parent
        # What is taken over may be alike but for our mark; what a backup holds may have none.
        and (now.ours or change.action == "restore")
        and not differences(now.content, wanted.content)
    )


def _is_untouched(change: Change, now: Found | None) -> bool:
    """Whether the object is as it was when the plan was made, so that the write may be sent."""
    found = change.found
    if _is_elsewhere(change):
        return now is None
    if now is None or found is None:
        return now is None and found is None
    return now.parent == found.parent and now.content == found.content


def _seen_again(change: Change, now: Found | None) -> Change:
    return change if _is_elsewhere(change) else replace(change, found=now)


def _is_elsewhere(change: Change) -> bool:
    """Whether there was nothing under its own key when the plan was made."""
    return change.found is None or change.found.key != change.key
