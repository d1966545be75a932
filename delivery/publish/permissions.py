"""What the token's account may do in Grafana, asked before anything is written.

Grafana itself says which actions the account has and on what (``scopes``), basic role or custom
one alike. Only what this plan would write is asked for: an account that may not touch
datasources can publish dashboards where the datasources are as wanted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from catalog.errors import Problem, ServerError
from delivery.publish.decide import carried_out
from delivery.publish.model import Change, Decision, Plan
from delivery.publish.transport import Transport

#: Answered to every account of its own, in each release from 9.4 on; nothing else is.
_PERMISSIONS = "/api/access-control/user/permissions"
#: Since 11 the rights to provisioned alerting are split; either kind is enough.
_ALERTING = "alert.provisioning:write"
_WORDS: Mapping[str, str] = {"create": "create", "delete": "remove", "write": "change"}


@dataclass(frozen=True, slots=True)
class Need:
    """One action that a change takes, on one of ``scopes``; without scopes, on anything.

    ``or_else`` are other actions that are as good.
    """

    action: str
    thing: str
    scopes: tuple[str, ...] = ()
    or_else: tuple[str, ...] = ()

    def met(self, granted: Mapping[str, Sequence[str]]) -> bool:
        """Whether the account has it."""
        return any(
            self._covers(granted[action])
            for action in (self.action, *self.or_else)
            if action in granted
        )

    def _covers(self, scopes: Iterable[str]) -> bool:
        return not self.scopes or any(
            scope in {"", "*", *self.scopes}
            or (scope.endswith("*") and any(own.startswith(scope[:-1]) for own in self.scopes))
            for scope in scopes
        )

    def __str__(self) -> str:
        return f"{_WORDS[self.action.rpartition(':')[2]]} {self.thing} ({self.action})"


def refuse_forbidden(server: Transport, plan: Plan, allowed: frozenset[Decision]) -> None:
    """Raises ServerError if the account may not write what the plan would write.

    A Grafana that does not say what an account may do refuses the first write itself.
    """
    changes = [change for change in plan.changes if carried_out(change, allowed)]
    if not changes:
        return
    answer = server.read(_PERMISSIONS)
    if not answer.ok or not isinstance(answer.body, dict):
        return
    wanted = needs(changes, plan.changes)
    missing = dict.fromkeys(str(need) for need in wanted if not need.met(answer.body))
    if missing:
        raise ServerError(
            Problem(
                server.place,
                f"the token's account may not {', '.join(missing)}; nothing was written",
                "Give its service account the role or the permissions of docs/publishing.md",
            )
        )


def needs(changes: Sequence[Change], plan: Sequence[Change]) -> Iterator[Need]:
    """What these changes of the plan take; what they make belongs to the account that makes it."""
    made = {(each.kind, each.key) for each in changes if each.action == "create"}
    parents = {
        each.key: side.parent
        for each in plan
        if each.kind == "folder" and (side := each.wanted or each.found)
    }
    for change in changes:
        match change.kind:
            case "folder":
                yield from _folder(change)
            case "datasource":
                yield from _datasource(change)
            case "correlation":
                if ("datasource", _parent(change)) not in made:
                    yield Need("datasources:write", "datasources", _datasource_scope(change))
            case "dashboard":
                yield from _dashboard(change, made, parents)
            case "folder permissions":
                # An editor who makes a folder may edit in it, and not say who else may.
                scopes = () if ("folder", change.key) in made else (f"folders:uid:{change.key}",)
                yield Need("folders.permissions:write", "permissions of folders", scopes)
            case "contact point" | "notification policy" | "template" | "mute timing":
                further = ("alert.notifications.provisioning:write", "alert.notifications:write")
                yield Need(_ALERTING, "notifications", or_else=further)
            case "alert rules":
                yield Need(_ALERTING, "alert rules", or_else=("alert.rules.provisioning:write",))


def _folder(change: Change) -> Iterator[Need]:
    scopes = (f"folders:uid:{change.found.key if change.found else change.key}",)
    if change.action == "delete":
        yield Need("folders:delete", "folders", scopes)
    elif change.found is None:
        yield Need("folders:create", "folders")
    elif change.action == "replace":
        yield Need("folders:delete", "folders", scopes)
        yield Need("folders:create", "folders")
    else:
        yield Need("folders:write", "folders", scopes)


def _datasource(change: Change) -> Iterator[Need]:
    if change.found is None:
        yield Need("datasources:create", "datasources")
    else:
        action = "datasources:delete" if change.action == "delete" else "datasources:write"
        yield Need(action, "datasources", (f"datasources:uid:{change.found.key}",))


def _dashboard(
    change: Change, made: set[tuple[str, str]], parents: Mapping[str, str]
) -> Iterator[Need]:
    found, wanted = change.found, change.wanted
    if found is not None:
        own = f"dashboards:uid:{found.key}"
        scopes = (own, *_folder_scopes(found.parent, parents))
        removed = change.action in {"delete", "replace"}
        action = "dashboards:delete" if removed else "dashboards:write"
        yield Need(action, "dashboards", scopes)
    if wanted is None or ("folder", wanted.parent) in made:
        return
    if found is None or found.parent != wanted.parent or change.action == "replace":
        scopes = tuple(_folder_scopes(wanted.parent, parents))
        yield Need("dashboards:create", "dashboards", scopes)


def _folder_scopes(folder: str, parents: Mapping[str, str]) -> Iterator[str]:
    """The folder and all that it is in: what is granted on one holds for all below it."""
    seen: set[str] = set()
    while folder not in seen:
        seen.add(folder)
        yield f"folders:uid:{folder or 'general'}"
        folder = parents.get(folder, folder)


def _datasource_scope(change: Change) -> tuple[str, ...]:
    return (f"datasources:uid:{_parent(change)}",)


def _parent(change: Change) -> str:
    side = change.wanted or change.found
    return side.parent if side else ""
