"""Groups of alert rules that Grafana evaluates. Each rule carries our mark and what we published.

The mark is a label, so that it is seen in every list. What we published last is in annotations:
a label that changed with each publish would make a new alert of one that is firing. Each rule
holds its own digest, because Grafana forgets how long a changed rule has been pending; the first
and the last also hold how many there are, so that one that somebody removed is missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

from catalog import names
from delivery.publish.difference import differences
from delivery.publish.kinds import managed_group as group_of
from delivery.publish.kinds.alerting import Alerting, done, fixed, gone
from delivery.publish.kinds.kind import RefusedError, as_seen
from delivery.publish.model import Edit, Found, Json, Wanted
from delivery.publish.transport import CONCURRENCY, OutcomeUnknownError

#: Looking and writing again as often as this covers a server that restarts, and a SQLite that is
#: locked by the evaluation of the hundreds of rules that were made a moment ago (seen on 9.4).
_ROUNDS = 8
_TWICE = "a ruler evaluates the same alerts, and everyone would be told twice"


class ManagedRules:
    """The groups of rules in the files, all in the folder that they name."""

    name = "alert rules"
    removes = True

    def __init__(self, alerting: Alerting, folders: dict[str, str]) -> None:
        """``folders`` are the uids of the folders by their titles."""
        self._alerting, self._folders = alerting, folders

    def wanted(self) -> Sequence[Wanted]:
        """One for each group."""
        if not self._alerting.chosen:
            return []
        made = []
        for file, shipped in self._alerting.entries("groups"):
            group = group_of.shipped(shipped)
            folder = self._folders[group["folder"]]
            made.append(self._wanted(group_of.body(folder, group), file))
        return made

    def found(self, wanted: Sequence[Wanted]) -> Iterable[Found]:
        """Groups that are wanted, hold a rule of ours, or one of a wanted uid."""
        rules = self._alerting.listed("alert-rules")
        keys = {each.key for each in wanted}
        uids = {rule["uid"] for each in wanted for rule in each.body["rules"]}
        places = {
            f"{rule['folderUID']}/{rule['ruleGroup']}"
            for rule in rules
            if group_of.is_ours(rule, self._alerting.prefix) or rule["uid"] in uids
        } | (keys & {f"{rule['folderUID']}/{rule['ruleGroup']}" for rule in rules})
        with ThreadPoolExecutor(CONCURRENCY) as pool:
            return [each for each in pool.map(self.look, sorted(places)) if each is not None]

    def clashes(self, wanted: Wanted, found: Found) -> bool:
        """A rule of ours is in another group, so that it has been moved."""
        return bool(_uids(wanted.body) & _uids(found.body))

    def look(self, key: str) -> Found | None:
        """The group of that folder and name."""
        folder, _, name = key.partition("/")
        body = self._alerting.one("folder", folder, "rule-groups", name)
        return self._found(body) if body is not None and body.get("rules") else None

    def create(self, wanted: Wanted) -> None:
        """Make the rules one by one, for Grafana makes none of a given uid in a group."""
        self._put(wanted, None)

    def update(self, wanted: Wanted, found: Found) -> None:
        """Replace the group, if it is still as we saw it."""
        now = as_seen(self.look(found.key), found)
        self._put(wanted, now)

    def replace(self, wanted: Wanted, found: Found) -> None:
        """Remove the rules where they were moved to, then make the group."""
        for uid in sorted(_uids(wanted.body) & _uids(found.body)):
            gone(self._alerting.write("DELETE", "alert-rules", uid, held=found.body["rules"][0]))
        self._put(wanted, self.look(wanted.key))

    def delete(self, found: Found) -> None:
        """Remove the rules that are ours, as long as they are in this group."""
        now = self.look(found.key)
        for rule in now.body["rules"] if now is not None else ():
            if group_of.is_ours(rule, self._alerting.prefix):
                gone(self._alerting.write("DELETE", "alert-rules", rule["uid"], held=rule))

    def kept(self, document: Json) -> Wanted:
        """A group of a backup, with the marks that it had."""
        return self._wanted(document["body"], "", marked=True)

    def restore(self, wanted: Wanted, found: Found | None) -> None:
        """Put the old group back."""
        self._put(wanted, found)

    def _wanted(self, body: Json, file: str, *, marked: bool = False) -> Wanted:
        content = group_of.normal(body)
        sent = body if marked else group_of.marked(body, content, self._alerting.prefix)
        folder, name = body["folderUid"], body["title"]
        return Wanted(self.name, f"{folder}/{name}", "", content, sent, file, parent=folder)

    def _found(self, body: Json) -> Found:
        ours = any(group_of.is_ours(rule, self._alerting.prefix) for rule in body["rules"])
        return Found(
            kind=self.name,
            key=f"{body['folderUid']}/{body['title']}",
            title="",
            content=group_of.normal(body),
            body=body,
            ours=ours,
            parent=body["folderUid"],
            fixed=next(filter(None, map(fixed, body["rules"])), ""),
            because="" if self._alerting.chosen else _TWICE,
            harmful=not self._alerting.chosen,
            edit=lambda: _edit(body),
        )

    def _put(self, wanted: Wanted, there: Found | None) -> None:
        held = there.body["rules"][0] if there is not None else None
        known = _uids(there.body) if there is not None else frozenset[str]()
        for rule in wanted.body["rules"]:
            if rule["uid"] not in known:
                self._make(wanted, rule)
        segments = ("folder", wanted.parent, "rule-groups", wanted.body["title"])
        for _ in range(_ROUNDS):
            try:
                done(self._alerting.write("PUT", *segments, body=wanted.body, held=held))
            except OutcomeUnknownError as error:
                lost = error
                now = self.look(wanted.key)
                if now is not None and not differences(now.body["rules"], wanted.body["rules"]):
                    return
            else:
                return
        # Not unknown any more, and what is half made is ours: nobody else has changed it.
        raise RefusedError(f"{lost}, again and again")

    def _make(self, wanted: Wanted, rule: Json) -> None:
        """One rule, unless it is there: then the group's turn comes."""
        body = group_of.without_count(rule)
        place = {"folderUID": wanted.parent, "ruleGroup": wanted.body["title"]}
        for _ in range(_ROUNDS):
            if self._alerting.one("alert-rules", rule["uid"]) is not None:
                return
            try:
                done(self._alerting.write("POST", "alert-rules", body={**body, **place}, held=None))
            except OutcomeUnknownError as error:
                lost = error
            else:
                return
        # Not unknown any more, and what is half made is ours: nobody else has changed it.
        raise RefusedError(f"{lost}, again and again")


def _uids(body: Json) -> frozenset[str]:
    return frozenset(rule["uid"] for rule in body["rules"])


def _edit(body: Json) -> Edit | Literal["unknown"] | None:
    """Whether somebody changed, added or removed a rule since we published the group."""
    if not any(_reasons(body)):
        return None
    return Edit(when=max(str(rule.get("updated") or "") for rule in body["rules"]))


def _reasons(body: Json) -> Iterator[bool]:
    rules = group_of.normal(body)["rules"]
    for rule, normal in zip(body["rules"], rules, strict=True):
        noted = (rule.get("annotations") or {}).get(names.PUBLISHED_DIGEST)
        yield noted != group_of.digest_of(normal)
    counts = {(rule.get("annotations") or {}).get(names.PUBLISHED_GROUP) for rule in body["rules"]}
    for count in counts - {None}:
        number, _, interval = str(count).partition(" every ")
        # More are ours, too: a publish that was interrupted had made them already.
        yield not number.isdigit() or len(rules) < int(number)
        yield interval != group_of.interval(body)
