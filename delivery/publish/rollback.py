"""Puts back what a publish overwrote or removed, and removes what it made.

What cannot come back is said: secrets, the versions of a dashboard that was deleted, and the uid
of a correlation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from catalog.errors import Problem, UsageError
from delivery.console import note, say, summarize
from delivery.places import display
from delivery.publish import outcome
from delivery.publish.apply import Result, apply
from delivery.publish.backup import BLANK, INDEX, VERSION
from delivery.publish.difference import differences
from delivery.publish.kinds.kind import Kind
from delivery.publish.model import ORDER, Change, Json, Plan
from delivery.publish.permissions import refuse_forbidden
from delivery.publish.run import status
from delivery.publish.session import Server
from delivery.tree import read_regular

_REMEDY = "Name a folder that build.py publish --backup has written"
#: As :mod:`delivery.publish.backup` names a file, and what it puts into it.
_FILE = re.compile(r"[0-9a-z]+(-[a-z]+)*\.json")
_KEYS = frozenset({"kind", "key", "title", "parent", "action", "successor", "server", "body"})
_LOST = {
    "dashboard": "its earlier versions",
    "datasource": "its secrets: set them again",
    "correlation": "its uid",
}


def rollback(servers: Sequence[Server], folder: Path) -> int:
    """Restore a bundle; the exit status."""
    documents = read(folder)
    results: list[Result] = []
    for server in servers:
        own = [each for each in documents if each["server"] == server.target]
        changes = tuple(_changes(own, server.by_name()))
        note(_losses(server.target, changes))
        plan = Plan(server.target, changes)
        if server.target == "grafana":
            refuse_forbidden(server.transport, plan, frozenset())
        made = apply(plan, server.by_name(), frozenset())
        say(outcome.lines(server.target, made))
        results += made
    summarize(outcome.totals(results))
    return status(results)


def read(folder: Path) -> list[Json]:
    """The bundle's documents, in the order in which they were written.

    :raises UsageError: it is no whole bundle.
    """
    index = _json(folder / INDEX, "there is no backup in it")
    if not isinstance(index, dict) or index.get("version") != VERSION:
        raise UsageError(Problem(display(folder / INDEX), "is not one of ours", _REMEDY))
    names = index.get("objects")
    if not isinstance(names, list):
        raise UsageError(Problem(display(folder / INDEX), "is not one of ours", _REMEDY))
    return [_document(folder, name) for name in names]


def _document(folder: Path, name: object) -> Json:
    if not isinstance(name, str) or not _FILE.fullmatch(name):
        raise UsageError(Problem(display(folder / INDEX), "names a file elsewhere", _REMEDY))
    document = _json(folder / name, "is missing or broken")
    if not isinstance(document, dict) or not document.keys() >= _KEYS:
        raise UsageError(Problem(display(folder / name), "is missing or broken", _REMEDY))
    return document


def _json(file: Path, fault: str) -> Any:
    try:
        return json.loads(read_regular(file) or b"")
    except ValueError:
        raise UsageError(Problem(display(file), fault, _REMEDY)) from None


def _changes(documents: Sequence[Json], kinds: Mapping[str, Kind]) -> Iterator[Change]:
    """Restorations in the order of a publish, then the removal of what it made, backwards."""
    known = [each for each in documents if each["kind"] in kinds]
    ordered = sorted(known, key=lambda each: ORDER.index(each["kind"]))
    for document in ordered:
        if document["action"] != "create":
            yield _restored(document, kinds[document["kind"]])
    for document in reversed(ordered):
        if document["action"] == "create":
            found = kinds[document["kind"]].look(document["key"])
            if found is not None and found.ours and not found.fixed:
                yield Change("delete", found.kind, found.key, found.title, found=found)


def _restored(document: Json, kind: Kind) -> Change:
    wanted = kind.kept(document)
    # Where another uid took its place, that one goes back to being what it was.
    found = kind.look(document["key"]) or kind.look(document["successor"])
    same = found is not None and found.key == wanted.key and found.parent == wanted.parent
    if found is not None and same and not differences(found.content, wanted.content):
        return Change("keep", wanted.kind, wanted.key, wanted.title, wanted, found)
    return Change("restore", wanted.kind, wanted.key, wanted.title, wanted, found)


def _losses(server: str, changes: Sequence[Change]) -> Iterator[str]:
    for change in changes:
        if change.action != "restore" or change.wanted is None:
            continue
        lost = _LOST.get(change.kind, "") if change.found is None else ""
        if BLANK in json.dumps(change.wanted.body, ensure_ascii=False):
            lost = "what was blanked as a secret: set it again"
        if lost:
            yield f"{server}: {change.place} comes back without {lost}."
