"""Which dashboards somebody edited, and what each was when we last published it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from catalog.errors import Problem, UsageError
from catalog.signals import one_of
from delivery.console import note
from delivery.publish import plan as planner
from delivery.publish.kinds.dashboard_resources import DashboardResources
from delivery.publish.kinds.dashboards import Dashboards
from delivery.publish.kinds.shipped_dashboards import normal
from delivery.publish.model import Change, Edit, Found, Json, Wanted, digest
from delivery.publish.transport import Transport, path

#: Grafana keeps 20 versions of a dashboard unless told otherwise.
_VERSIONS = 100
#: What the list says of a creation, whatever its message is.
_FIRST = "Initial save"

#: Of either API.
DashboardKind = Dashboards | DashboardResources


@dataclass(frozen=True, slots=True)
class Edited:
    """A dashboard as we published it and as it is now; ``since`` says what the former is."""

    wanted: Wanted
    found: Found
    edit: Edit | None
    published: Json
    since: str


def edited(kind: DashboardKind, uids: Sequence[str]) -> Iterator[Edited]:
    """Those that were edited since our last publish, or those of these uids.

    :raises UsageError: a uid is none of generated/'s, or not on the server.
    """
    changes = {each.key: each for each in planner.plan("grafana", [kind]).changes if each.wanted}
    for uid in uids or sorted(changes):
        if uid not in changes:
            fault = "generated/ has no dashboard of this uid"
            raise UsageError(Problem(uid, fault, one_of(uid, changes)))
        change = changes[uid]
        if change.found is None or change.wanted is None:
            if uids:
                raise UsageError(Problem(uid, "is not on the server", "Publish it first"))
        elif uids or _is_edited(change):
            yield _edited(kind, change.wanted, change.found)


def _is_edited(change: Change) -> bool:
    if change.action == "skip" and change.differences:
        note(
            [f"{change.place}: {change.because}. It is shown as far as the first schema tells it."]
        )
        return change.found is not None and change.found.ours
    return change.drift is not None


def _edited(kind: DashboardKind, wanted: Wanted, found: Found) -> Edited:
    edit = found.edit()
    before, since = _published(kind, wanted)
    return Edited(wanted, found, edit if isinstance(edit, Edit) else None, before, since)


def _published(kind: DashboardKind, wanted: Wanted) -> tuple[Json, str]:
    """What we last published: the newest version with our mark, if the server still has it."""
    for listed in _versions(kind.server, wanted.key):
        message = str(listed.get("message") or "")
        if message == f"{kind.mark}{digest(wanted.content)}":
            break
        if not message.startswith(kind.mark) and message != _FIRST:
            continue
        number = listed.get("version")
        where = path("api", "dashboards", "uid", wanted.key, "versions", str(number))
        answer = kind.server.read(where)
        data = answer.body.get("data") if answer.ok and isinstance(answer.body, dict) else None
        if isinstance(data, dict) and kind.is_ours(wanted.key, data.get("tags") or []):
            return normal(data), f"as it was last published, in version {number}"
    else:
        since = (
            "as generated/ holds it: the server no longer has the version that was published, so "
            "what the sources changed since then stands here too"
        )
        return wanted.content, since
    return wanted.content, "as it was last published, which is what generated/ holds"


def _versions(server: Transport, uid: str) -> Sequence[Json]:
    """The newest first."""
    answer = server.read(path("api", "dashboards", "uid", uid, "versions"), {"limit": _VERSIONS})
    versions = answer.body
    if isinstance(versions, dict):  # since 11.3
        versions = versions.get("versions")
    if not answer.ok or not isinstance(versions, list):
        return ()
    return sorted(versions, key=lambda each: int(each.get("version") or 0), reverse=True)
