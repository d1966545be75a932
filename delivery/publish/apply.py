"""Carries a plan out: in its order, several objects of a kind at once, and never blindly.

Each write is judged by its answer. Where the answer was lost the object is looked at: as wanted,
it is done; as it was, it is written again; anything else is somebody's, and is left to them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from catalog.errors import ServerError
from delivery.publish.difference import differences
from delivery.publish.kinds.kind import ConflictError, Kind, RefusedError, UnsupportedError
from delivery.publish.model import Change, Decision, Found, Plan
from delivery.publish.transport import CONCURRENCY, AcceptedError, OutcomeUnknownError

#: Looking and writing again as often as this covers a server that restarts; then it is an error.
_ROUNDS = 4
#: Seconds between looks at a write that is only taken for later: together as long as a reload of
#: a ruler takes.
_LATER = (0.5, 1.0, 2.0, 4.0)
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
    lost: Exception | None = None
    for _ in range(_ROUNDS):
        try:
            if lost is not None:
                now = _seen(kind, change, lost)
                if _is_reached(kind, change, now):
                    return Result(change, "done", _how(lost))
                if not _is_untouched(change, now):
                    return Result(change, "failed", f"{lost}; meanwhile somebody else changed it")
                change = _seen_again(change, now)
            _write(kind, change)
        except OutcomeUnknownError as error:
            lost = error
        except ConflictError as error:
            now = kind.look(change.key)
            if _is_reached(kind, change, now):
                return Result(change, "done", "somebody else had just made it so")
            if not _is_untouched(change, now):
                return Result(change, "failed", f"{error}; plan again to see it")
            # Nobody changed it: Grafana says so too when its SQLite was locked on the way.
            change, lost = _seen_again(change, now), error
        else:
            return Result(change, "done")
    return Result(change, "failed", f"{lost}, again and again")


def _seen(kind: Kind, change: Change, lost: Exception) -> Found | None:
    """The object as it is; what was only taken for later is given the time that it needs."""
    now = kind.look(change.key)
    for pause in _LATER if isinstance(lost, AcceptedError) else ():
        if _is_reached(kind, change, now):
            break
        time.sleep(pause)
        now = kind.look(change.key)
    return now


def _how(lost: Exception) -> str:
    return "" if isinstance(lost, AcceptedError) else "its answer was lost, and it is as wanted"


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


def _is_reached(kind: Kind, change: Change, now: Found | None) -> bool:
    if change.action == "delete":
        return now is None
    if change.action == "replace" and change.found and _is_elsewhere(change):
        return _is_as_wanted(change, now) and kind.look(change.found.key) is None
    return _is_as_wanted(change, now)


def _is_as_wanted(change: Change, now: Found | None) -> bool:
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
        # It may be there already, and only what it replaces is not gone.
        return now is None or (change.action == "replace" and _is_as_wanted(change, now))
    if now is None or found is None:
        return now is None and found is None
    return now.parent == found.parent and now.content == found.content


def _seen_again(change: Change, now: Found | None) -> Change:
    return change if _is_elsewhere(change) else replace(change, found=now)


def _is_elsewhere(change: Change) -> bool:
    """Whether there was nothing under its own key when the plan was made."""
    return change.found is None or change.found.key != change.key
