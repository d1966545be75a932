"""What the planner and the publisher ask of every kind of object."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from delivery.publish.model import Found, Json, Wanted
from delivery.publish.transport import AcceptedError, Answer

_ACCEPTED = 202


class RefusedError(Exception):
    """The server refused one write; ``str()`` is its reason. Others may go on."""


class ConflictError(RefusedError):
    """Somebody changed the object between our look and our write."""


class UnsupportedError(Exception):
    """The server takes no such thing over its API at all; ``str()`` says where it takes it from."""


def accept(answer: Answer, *done: int) -> None:
    """Lets an answer pass whose status says that the write is done; 200 and 201 unless told.

    :raises AcceptedError: it will be done, and nobody knows when.
    :raises ConflictError: somebody was faster.
    :raises RefusedError: the server does not want it, and says why.
    """
    if answer.status in {409, 412}:
        raise ConflictError(answer.message)
    if answer.status == _ACCEPTED:
        raise AcceptedError("it answers 202, and it is not so yet")
    if answer.status not in (done or (200, 201)):
        raise RefusedError(f"{answer.status}: {answer.message}")


def as_seen(now: Found | None, found: Found) -> Found:
    """The object as it is now, if that is how it was when the plan was made.

    :raises ConflictError: it is gone, or somebody changed it.
    """
    if now is None or now.content != found.content:
        raise ConflictError("somebody changed it meanwhile")
    return now


class Kind(Protocol):
    """One kind: how it is wanted, found and written.

    ``create``, ``update`` and ``delete`` raise :class:`RefusedError` for a refusal, and let
    :class:`delivery.publish.transport.OutcomeUnknownError` through: the publisher then looks
    with ``look`` and decides.
    """

    @property
    def name(self) -> str:
        """As in :data:`delivery.publish.model.ORDER`."""

    @property
    def removes(self) -> bool:
        """Whether leftovers of this kind can be removed at all."""

    def wanted(self) -> Sequence[Wanted]:
        """All that generated/ holds of it."""

    def found(self, wanted: Sequence[Wanted]) -> Iterable[Found]:
        """What the server has of those that are wanted, whatever would clash, and all of ours."""

    def clashes(self, wanted: Wanted, found: Found) -> bool:
        """Whether the two cannot live side by side although their keys differ."""

    def look(self, key: str) -> Found | None:
        """One object as it is now."""

    def create(self, wanted: Wanted) -> None:
        """Make it, with our mark."""

    def update(self, wanted: Wanted, found: Found) -> None:
        """Make what was found as it is wanted, if nobody changed it meanwhile."""

    def replace(self, wanted: Wanted, found: Found) -> None:
        """Put what is wanted in the place of an object under another key."""

    def delete(self, found: Found) -> None:
        """Remove what was found, if it is still ours."""

    def kept(self, document: Json) -> Wanted:
        """What a backup holds, as it is to be again; ``body`` is as the server once sent it."""

    def restore(self, wanted: Wanted, found: Found | None) -> None:
        """Make it so, in the place of what is there now, if anything is."""
