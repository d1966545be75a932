"""All that a server has of ours, as a bundle that :mod:`delivery.publish.rollback` puts back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from catalog.errors import Problem, UsageError
from delivery.console import note, summarize
from delivery.publish.backup import keep
from delivery.publish.model import ORDER, Change
from delivery.publish.session import Server

_REMEDY = "Name a new folder"


@dataclass
class Counted:
    """How much was kept of each kind, and how much a server reads from files instead."""

    kept: dict[str, int] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)


def backup(servers: Sequence[Server], folder: Path) -> int:
    """Keep everything; the exit status.

    :raises UsageError: the folder holds something, or there is nothing to keep.
    """
    counted = Counted()
    changes = list(_everything(servers, counted))
    for kind, number in counted.files.items():
        note([f"{kind}: {number} that the server reads from files; keep those files."])
    if not changes:
        fault = "the servers have nothing of ours that could be kept"
        raise UsageError(Problem("backup", fault, "Publish first, or name another server"))
    keep(folder, changes, _REMEDY)
    told = ", ".join(f"{kind}: {number}" for kind, number in counted.kept.items())
    summarize(f"{folder}: {len(changes)} objects kept ({told}); no secret is among them")
    return 0


def _everything(servers: Sequence[Server], counted: Counted) -> Iterator[tuple[str, Change]]:
    for server in servers:
        for kind in sorted(server.kinds, key=lambda kind: ORDER.index(kind.name)):
            wanted = kind.wanted()
            keys = {each.key for each in wanted}
            for found in sorted(kind.found(wanted), key=lambda each: each.key):
                if not found.ours and found.key not in keys:
                    continue
                if found.fixed or found.body is None:
                    counted.files[kind.name] = counted.files.get(kind.name, 0) + 1
                    continue
                counted.kept[kind.name] = counted.kept.get(kind.name, 0) + 1
                # As if it were about to be overwritten: so it is put back.
                yield (
                    server.target,
                    Change("update", kind.name, found.key, found.title, found=found),
                )
