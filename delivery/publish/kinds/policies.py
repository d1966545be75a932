"""Grafana's tree of notification policies: one for all, whose last route is our mark.

Publishing replaces the whole tree. It has no place for notes, but it may hold a route that no
alert ever takes: one asks for a label that only annotations have, whose value is the digest of
what we published. A tree without it is somebody's, unless it is Grafana's own default.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from catalog import names
from delivery.publish.difference import differences
from delivery.publish.kinds.alerting import Alerting, done, fixed
from delivery.publish.kinds.durations import seconds
from delivery.publish.kinds.kind import as_seen
from delivery.publish.model import Edit, Found, Json, Wanted, digest

_WHERE = "policies"
_KEY = "tree"
#: Hexadecimal digits of a digest that are enough to tell an edit.
_DIGITS = 16
#: The tree that a new Grafana has, and after which it was removed.
_FIRST: tuple[Json, ...] = (
    {"receiver": "grafana-default-email"},
    {"receiver": "grafana-default-email", "group_by": ["grafana_folder", "alertname"]},
)
_DURATIONS = ("group_wait", "group_interval", "repeat_interval")
_OURS = ("receiver", "group_by", "continue", "mute_time_intervals", "active_time_intervals")
_MATCHER = re.compile(r'^\s*"?([\w.-]+)"?\s*(=~|!~|!=|=)\s*(.*?)\s*$', re.DOTALL)
_QUOTED = re.compile(r'^"((?:[^"\\]|\\.)*)"$', re.DOTALL)


class Policies:
    """The tree."""

    name = "notification policy"
    removes = True

    def __init__(self, alerting: Alerting) -> None:
        self._alerting = alerting

    def wanted(self) -> Sequence[Wanted]:
        """The tree of the files."""
        return self._shipped() if self._alerting.chosen else []

    def found(self, wanted: Sequence[Wanted]) -> Iterable[Found]:
        """The tree that somebody made; where none is wanted, only if it is exactly ours."""
        there = self.look(_KEY)
        if there is not None and (wanted or there.ours):
            yield there

    def clashes(self, wanted: Wanted, found: Found) -> bool:
        """There is only one."""
        return False

    def look(self, key: str) -> Found | None:
        """The tree as it is. Grafana's own counts as none: removing ours brings it back."""
        body = self._alerting.one(_WHERE)
        return None if body is None or normal(body) in _FIRST else self._found(body)

    def create(self, wanted: Wanted) -> None:
        """Put ours in the place of Grafana's own."""
        self._put(wanted, None)

    def update(self, wanted: Wanted, found: Found) -> None:
        """Put ours in its place, if it is still as we saw it."""
        now = as_seen(self.look(wanted.key), found)
        self._put(wanted, now)

    def replace(self, wanted: Wanted, found: Found) -> None:
        """Never asked for: nothing clashes."""
        self.update(wanted, found)

    def delete(self, found: Found) -> None:
        """Go back to Grafana's default."""
        done(self._alerting.write("DELETE", _WHERE, held=found.body))

    def kept(self, document: Json) -> Wanted:
        """The tree of a backup, with the mark that it had."""
        body = {key: value for key, value in document["body"].items() if key != "provenance"}
        content, _ = self._read(body)
        return Wanted(self.name, _KEY, "", content, body, "")

    def restore(self, wanted: Wanted, found: Found | None) -> None:
        """Put the old one back."""
        self._put(wanted, found)

    def _shipped(self) -> list[Wanted]:
        made = []
        for file, policy in self._alerting.entries("policies"):
            body = {key: value for key, value in policy.items() if key != "orgId"}
            content = normal(body)
            sent = {**body, "routes": [*(body.get("routes") or ()), self._mark(body, content)]}
            made.append(Wanted(self.name, _KEY, "", content, sent, file))
        return made

    def _mark(self, body: Json, content: Json) -> Json:
        """A route that no alert takes: no label is called like that."""
        ours = [names.MANAGED_BY, "=", self._alerting.prefix]
        noted = [names.PUBLISHED_DIGEST, "=", digest(content)[:_DIGITS]]
        return {"receiver": body["receiver"], "object_matchers": [ours, noted]}

    def _read(self, body: Json) -> tuple[Json, str]:
        """The tree without our mark, and the digest that this holds; "" without one."""
        content = normal(body)
        routes, kept, noted = content.get("routes") or [], [], ""
        for each in routes:
            told = {name: value for name, how, value in each.get("matchers", ()) if how == "="}
            if told.get(names.MANAGED_BY) == self._alerting.prefix and (
                found := told.get(names.PUBLISHED_DIGEST)
            ):
                noted = found
            else:
                kept.append(each)
        if noted:
            content = {key: value for key, value in content.items() if key != "routes"}
            content |= {"routes": kept} if kept else {}
        return content, noted

    def _put(self, wanted: Wanted, found: Found | None) -> None:
        held = found.body if found else None
        done(self._alerting.write("PUT", _WHERE, body=wanted.body, held=held))

    def _found(self, body: Json) -> Found:
        content, noted = self._read(body)
        ours = bool(noted) or any(
            not differences(content, each.content) for each in self._shipped()
        )
        edited = noted not in {"", digest(content)[:_DIGITS]}
        return Found(
            kind=self.name,
            key=_KEY,
            title="",
            content=content,
            body=body,
            ours=ours,
            fixed=fixed(body),
            because="" if ours else "it holds no mark, and all of it would be replaced",
            edit=lambda: Edit() if edited else None,
        )


def normal(policy: Json) -> Json:
    """Durations as seconds, matchers as triples, and nothing that says nothing."""
    made: Json = {key: policy[key] for key in _OURS if policy.get(key)}
    made |= {key: seconds(policy[key]) for key in _DURATIONS if policy.get(key)}
    matchers = [
        *(_triple(each) for each in policy.get("matchers") or ()),
        *(list(each) for each in policy.get("object_matchers") or ()),
    ]
    if matchers:
        made["matchers"] = sorted(matchers)
    if policy.get("routes"):
        made["routes"] = [normal(each) for each in policy["routes"]]
    return made


def _triple(matcher: Any) -> list[str]:
    """``team="vault"`` as Grafana's UI saves it: ``["team", "=", "vault"]``."""
    match = _MATCHER.match(str(matcher))
    if match is None:
        return [str(matcher)]
    quoted = _QUOTED.match(match[3])
    value = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else match[3]
    return [match[1], match[2], value]
