"""Rule groups of Loki's ruler and of Mimir's, which speak alike.

Their mark is the namespace's prefix. A group can hold no hash: whatever is added to it would be
evaluated, so a group that differs may be ours of yesterday or somebody's edit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any, Literal

import yaml

from catalog.errors import Problem, ServerError
from delivery.publish.kinds.durations import seconds
from delivery.publish.kinds.kind import RefusedError, UnsupportedError, accept
from delivery.publish.model import Found, Json, Wanted
from delivery.publish.shipped import Shipped
from delivery.publish.transport import (
    Answer,
    ForbiddenError,
    OutcomeUnknownError,
    Transport,
    path,
)

#: The header by which both know a tenant.
TENANT_HEADER = "X-Scope-OrgID"
_DURATIONS = ("interval", "for", "keep_firing_for")
_READ_ONLY = "its ruler reads rules from files, and takes none over its API: mount"
_TWICE = "Grafana evaluates the same alerts, and everyone would be told twice"
#: What Loki and Mimir say to a tenant that has as many groups, or rules in one, as it may.
_EMPTY = "no rule groups found"
_FILES_ONLY = "unsupported in rule local store"
_LIMIT = re.compile(r"per-user rule(?: groups?|s per rule group)? limit", re.IGNORECASE)


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
        alerts: bool,
    ) -> None:
        """``alerts``: its groups may hold alerts, and not only what they record."""
        self._server, self._shipped, self._prefix = server, shipped, prefix
        self._alerts = alerts
        self.name, self._root, self._files = name, root, files
        self._headers = {TENANT_HEADER: tenant} if tenant else {}

    def wanted(self) -> Sequence[Wanted]:
        """One for each group of each file; the file's name, prefixed, is the namespace."""
        fixed = f"{_READ_ONLY} generated/{self._files}" if self._reads_files() else ""
        kind = "loki-rules" if self.name == "log rules" else "prometheus-rules"
        made = []
        for entry in self._shipped.of_kind(kind, self._files):
            space = self._space(PurePosixPath(entry.path).stem)
            for group in groups_of(self._shipped.load(entry.path), alerts=self._alerts):
                key, content = f"{space}/{group['name']}", _normal(group)
                made.append(
                    Wanted(self.name, key, "", content, group, entry.path, space, fixed=fixed)
                )
        return made

    def found(self, wanted: Sequence[Wanted]) -> Iterable[Found]:
        """Every group in a namespace of ours; of a ruler that reads files, those that are ours."""
        fixed = next((each.fixed for each in wanted), "")
        if not fixed:
            return [each for each in self._all() if each.ours]
        keys = {each.key for each in wanted}
        files = ((f"{self._space(PurePosixPath(file).stem)}", group) for file, group in self._got())
        read = [self._found(space, group, fixed) for space, group in files]
        return [each for each in read if each.key in keys]

    def clashes(self, wanted: Wanted, found: Found) -> bool:
        """Namespaces keep groups apart."""
        return False

    def look(self, key: str) -> Found | None:
        """The group of that namespace and name."""
        space, _, group = key.partition("/")
        answer = self._server.read(path(*self._root, space, group), headers=self._headers)
        if answer.missing():
            return None
        body = self._parsed(answer)
        if not isinstance(body.get("rules"), list):
            raise self._odd(answer)
        return self._found(space, {"name": group, **body})

    def create(self, wanted: Wanted) -> None:
        """Put the group into its namespace."""
        text = yaml.safe_dump(wanted.body, allow_unicode=True, sort_keys=False)
        try:
            answer = self._server.write(
                "POST",
                path(*self._root, wanted.parent),
                text,
                headers=self._headers,
                content_type="application/yaml",
            )
        except OutcomeUnknownError as error:  # It says 500 where it takes none at all.
            if _FILES_ONLY in str(error):
                raise UnsupportedError(f"{_READ_ONLY} generated/{self._files}") from None
            raise
        if _LIMIT.search(answer.message):
            raise RefusedError(
                f"the tenant has as many as it may ({answer.message}): raise the ruler's limit, or "
                "remove what is left over; at the limit not even a group that is there can change"
            )
        accept(answer)

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
        accept(answer, 200, 204, 404)

    def kept(self, document: Json) -> Wanted:
        """A group of a backup."""
        body, space = document["body"], document["parent"]
        return Wanted(self.name, document["key"], "", _normal(body), body, "", parent=space)

    def restore(self, wanted: Wanted, found: Found | None) -> None:
        """Put the old group back."""
        self.create(wanted)

    def _all(self) -> list[Found]:
        return [self._found(space, group) for space, group in self._got()]

    def _got(self) -> Iterator[tuple[str, Json]]:
        answer = self._server.read(path(*self._root), headers=self._headers)
        if answer.missing() and _EMPTY in answer.message:
            return
        for space, groups in self._parsed(answer).items():
            if not isinstance(groups, list | None) or not all(map(_is_group, groups or ())):
                raise self._odd(answer)
            yield from ((space, group) for group in groups or ())

    def _parsed(self, answer: Answer) -> Json:
        """The mapping of a good answer, which is YAML.

        :raises ServerError: it is a refusal, or no such thing: a login page, say.
        """
        if not answer.ok:
            raise ServerError(
                Problem(
                    self._server.place,
                    f"does not list its rules ({answer.status}): {answer.message}",
                    "Turn its ruler's API on, and name the tenant of the catalog",
                )
            )
        body = answer.body
        if isinstance(body, str):
            try:
                body = yaml.load(body, Loader=_Plain)  # noqa: S506 - a safe loader
            except (yaml.YAMLError, RecursionError):
                raise self._odd(answer) from None
        if not isinstance(body, dict):
            raise self._odd(answer)
        return body

    def _odd(self, answer: Answer) -> ServerError:
        fault = "answers with something else than groups of rules"
        return ServerError(Problem(answer.place, fault, "Is it the server you meant?"))

    def _reads_files(self) -> bool:
        """Whether the ruler's storage is a folder, which nobody can write to over the API.

        A gateway may keep the configuration to itself: then the first write says so.
        """
        try:
            answer = self._server.read("/config", headers=self._headers)
            config = yaml.load(answer.body, Loader=_Plain) if answer.ok else None  # noqa: S506
        except (ForbiddenError, yaml.YAMLError, TypeError, AttributeError):
            return False
        if not isinstance(config, dict):
            return False
        old = ((config.get("ruler") or {}).get("storage") or {}).get("type")
        new = (config.get("ruler_storage") or {}).get("backend")
        return old == "local" or new == "local"

    def _space(self, stem: str) -> str:
        return f"{self._prefix}-{stem}"

    def _found(self, space: str, group: Json, fixed: str = "") -> Found:
        harmful = not self._alerts and any("alert" in rule for rule in group["rules"])
        return Found(
            kind=self.name,
            key=f"{space}/{group['name']}",
            title="",
            content=_normal(group),
            body=group,
            ours=space.startswith(f"{self._prefix}-"),
            parent=space,
            fixed=fixed,
            because=_TWICE if harmful else "",
            harmful=harmful,
            edit=lambda: "unknown",
        )


class _Plain(yaml.SafeLoader):
    """Takes no alias: a few of them make a small answer endless once it is walked through."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("an alias")
        return super().compose_node(parent, index)


def _is_group(group: object) -> bool:
    return isinstance(group, dict) and "name" in group and isinstance(group.get("rules"), list)


def groups_of(file: Json, *, alerts: bool) -> Iterator[Json]:
    """The groups of a rule file, without alerts where those are somebody else's."""
    for group in file["groups"]:
        rules = [rule for rule in group["rules"] if alerts or "record" in rule]
        if rules:
            yield {**group, "rules": rules}


def _normal(group: Json) -> Json:
    """Durations as seconds, and nothing that says nothing."""
    made: Json = {}
    for key, value in group.items():
        if key == "rules":
            made[key] = [_normal(rule) for rule in value]
        elif key in _DURATIONS:
            if seconds(value):
                made[key] = seconds(value)
        elif isinstance(value, str):
            made[key] = value.strip()
        elif value not in (None, {}, [], 0):
            made[key] = value
    return made
