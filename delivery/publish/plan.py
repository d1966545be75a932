"""Compares what is wanted with what is there, and says what is to be done; changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from catalog.errors import Problem, ServerError
from delivery.publish.difference import differences
from delivery.publish.kinds.kind import Kind, RefusedError
from delivery.publish.model import ORDER, Change, Edit, Found, Plan, Wanted

#: Whoever else is called so is told what ours is told, even where ours is there already: somebody
#: added it, or a publish was killed after it had made ours.
_NOT_BESIDE = frozenset({"contact point"})


def plan(server: str, kinds: Iterable[Kind]) -> Plan:
    """The plan for one server: creations and updates in order, deletions last and backwards."""
    ordered = sorted(kinds, key=lambda kind: ORDER.index(kind.name))
    made: list[Change] = []
    removed: list[Change] = []
    for kind in ordered:
        try:
            changes = list(_changes(kind))
        except RefusedError as error:
            place, fault = f"{server}: {kind.name}", f"cannot be listed ({error})"
            raise ServerError(Problem(place, fault, "Look into the server's log")) from None
        for change in changes:
            (removed if change.action == "delete" else made).append(change)
    return Plan(server, (*made, *reversed(removed)))


def _changes(kind: Kind) -> Iterator[Change]:
    wanted = sorted(kind.wanted(), key=lambda each: each.key)
    found = {each.key: each for each in kind.found(wanted)}
    replaced: set[str] = set()
    for each in wanted:
        there = found.get(each.key)
        rivals = [other for other in found.values() if kind.clashes(each, other)]
        if there is not None:
            yield _compared(each, there)
            if rivals and kind.name in _NOT_BESIDE:
                yield _new(each, rivals)
            continue
        replaced |= {rival.key for rival in rivals if rival.ours}
        yield _new(each, rivals)
    keys = {each.key for each in wanted}
    for key in sorted(found):
        there = found[key]
        if key not in keys and key not in replaced and there.ours:
            yield _leftover(kind, there)


def _compared(wanted: Wanted, found: Found) -> Change:
    change = _change("keep", wanted, found)
    unlike = differences(found.content, wanted.content)
    moved = found.parent != wanted.parent
    if not unlike and not moved and (found.ours or found.fixed):
        return change
    if found.fixed:
        because = f"{found.fixed}; it is changed there, not over the API"
        return _change("skip", wanted, found, differences=unlike, because=because)
    if not found.ours:
        because = found.because or "an object of this uid is there and does not carry our mark"
        return _change("update", wanted, found, differences=unlike, needs="adopt", because=because)
    edit = found.edit() if unlike or moved else None
    action = "update" if unlike else "move"
    if isinstance(edit, Edit):
        return _change(
            action,
            wanted,
            found,
            differences=unlike,
            drift=edit,
            needs="overwrite",
            because=str(edit),
        )
    because = "differs; whether by an edit cannot be known" if edit == "unknown" else ""
    return _change(action, wanted, found, differences=unlike, because=because)


def _new(wanted: Wanted, rivals: list[Found]) -> Change:
    if wanted.fixed:
        return _change("skip", wanted, None, because=wanted.fixed)
    if not rivals:
        return _change("create", wanted, None, because=wanted.lacks)
    rival = rivals[0]
    if rival.fixed:
        because = f"'{rival.title}' ({rival.key}) is in its place: {rival.fixed}"
        return _change("skip", wanted, rival, because=because)
    because = f"takes the place of {rival.key} '{rival.title}'"
    if not rival.ours:
        because += ", which does not carry our mark"
    return _change(
        "replace",
        wanted,
        rival,
        differences=differences(rival.content, wanted.content),
        needs=None if rival.ours else "adopt",
        because=because,
    )


def _leftover(kind: Kind, found: Found) -> Change:
    if found.fixed or not kind.removes:
        because = found.fixed or "this kind is not removed over the API"
        return Change("skip", found.kind, found.key, found.title, found=found, because=because)
    return Change(
        "delete",
        found.kind,
        found.key,
        found.title,
        found=found,
        needs="prune",
        because=found.because or "generated/ no longer holds it",
    )


def _change(action: str, wanted: Wanted, found: Found | None, **more: object) -> Change:
    return Change(action, wanted.kind, wanted.key, wanted.title, wanted, found, **more)  # type: ignore[arg-type]
