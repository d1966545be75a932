"""Rule groups of Loki's ruler and of Mimir's, which speak alike.

Their mark is the namespace's prefix. A group can hold no hash: whatever is added to it would be
evaluated, so a group that differs may be ours of yesterday or somebody's edit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any, Literal

import yaml

from catalog.scalars import MisfitError, parse_duration
from delivery.publish.kinds.kind import RefusedError, accept
from delivery.publish.model import Found, Json, Wanted
from delivery.publish.shipped import Shipped
from delivery.publish.transport import Transport, path

#: The header by which both know a tenant.
TENANT_HEADER = "X-Scope-OrgID"
_DURATIONS = ("interval", "for", "keep_firing_for")
_GO_UNITS = {"h": 3600, "m": 60, "s": 1}


class Ruler:
    """The groups of one tenant. ``root`` is the API's path: ``("loki", "api", "v1", "rules")``."""

    removes = True

    def __init__(
        self,
        server: Transport,
        shipped: Shipped,
        prefix: str,
        *,
        name: Literal["log rules", "metric rules"],
        root: tuple[str, ...],
        files: str,
        tenant: str | None,
    ) -> None:
        self._server, self._shipped, self._prefix = server, shipped, prefix
        self.name, self._root, self._files = name, root, files
        self._headers = {TENANT_HEADER: tenant} if tenant else {}

    def wanted(self) -> Sequence[Wanted]:
        """One for each group of each file; the file's name, prefixed, is the namespace."""
        made = []
        kind = "loki-rules" if self.name == "log rules" else "prometheus-rules"
        for entry in self._shipped.of_kind(kind, self._files):
            space = f"{self._prefix}-{PurePosixPath(entry.path).stem}"
            for group in self._shipped.load(entry.path)["groups"]:
                key = f"{space}/{group['name']}"
                made.append(
                    Wanted(self.name, key, "", _normal(group), group, entry.path, parent=space)
                )
        return made

    def found(self, wanted: Sequence[Wanted]) -> Iterable[Found]:
        """Every group in a namespace of ours."""
        return [each for each in self._all() if each.ours]

    def clashes(self, wanted: Wanted, found: Found) -> bool:
        """Namespaces keep groups apart."""
        return False

    def look(self, key: str) -> Found | None:
        """The group of that namespace and name."""
        return next((each for each in self._all() if each.key == key), None)

    def create(self, wanted: Wanted) -> None:
        """Put the group into its namespace."""
        text = yaml.safe_dump(wanted.body, allow_unicode=True, sort_keys=False)
        answer = self._server.write(
            "POST",
            path(*self._root, wanted.parent),
            text,
            headers=self._headers,
            content_type="application/yaml",
        )
        accept(answer, 200, 201, 202)

    def update(self, wanted: Wanted, found: Found) -> None:
        """The same: a group is replaced whole."""
        self.create(wanted)

    def replace(self, wanted: Wanted, found: Found) -> None:
        """Remove the other one, then make ours."""
        self.delete(found)
        self.create(wanted)

    def delete(self, found: Found) -> None:
        """Remove the group."""
        space, _, group = found.key.partition("/")
        answer = self._server.write(
            "DELETE", path(*self._root, space, group), headers=self._headers
        )
        accept(answer, 200, 202, 404)

    def kept(self, document: Json) -> Wanted:
        """A group of a backup."""
        body, space = document["body"], document["parent"]
        return Wanted(self.name, document["key"], "", _normal(body), body, "", parent=space)

    def restore(self, wanted: Wanted, found: Found | None) -> None:
        """Put the old group back."""
        self.create(wanted)

    def _all(self) -> list[Found]:
        answer = self._server.read(path(*self._root), headers=self._headers)
        if answer.status == 404:  # An empty ruler says "no rule groups found".
            return []
        if not answer.ok:
            raise RefusedError(f"{answer.status}: {answer.message}")
        spaces = answer.body if isinstance(answer.body, dict) else yaml.safe_load(answer.body)
        return [
            self._found(space, group)
            for space, groups in (spaces or {}).items()
            for group in groups or []
        ]

    def _found(self, space: str, group: Json) -> Found:
        return Found(
            kind=self.name,
            key=f"{space}/{group['name']}",
            title="",
            content=_normal(group),
            body=group,
            ours=space.startswith(f"{self._prefix}-"),
            parent=space,
            edit=lambda: "unknown",
        )


def _normal(group: Json) -> Json:
    """Durations as seconds, and nothing that says nothing."""
    made: Json = {}
    for key, value in group.items():
        if key == "rules":
            made[key] = [_normal(rule) for rule in value]
        elif key in _DURATIONS:
            seconds = _seconds(value)
            if seconds:
                made[key] = seconds
        elif isinstance(value, str):
            made[key] = value.strip()
        elif value not in (None, {}, [], 0):
            made[key] = value
    return made


def _seconds(value: Any) -> float:
    """Of ``5m``, or as Go writes it back, ``5m0s``; a number is nanoseconds or seconds already."""
    if isinstance(value, int | float):
        return float(value)
    text = str(value)
    try:
        return float(parse_duration(text))
    except MisfitError:
        pass
    total, number = 0.0, ""
    for character in text:
        if character.isdigit() or character == ".":
            number += character
        elif number and character in _GO_UNITS:
            total += float(number) * _GO_UNITS[character]
            number = ""
        else:
            return -1.0  # Nothing we write; it will show as a difference.
    return total
