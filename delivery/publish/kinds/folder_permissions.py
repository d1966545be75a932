"""Who may look into a folder: what Grafana's roles may do in those whose catalog says so.

People and teams who were let in by name stay so: nothing of them is in the catalog, and nothing
of them is ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from delivery.publish.kinds.folders import FILE
from delivery.publish.kinds.kind import accept, as_seen
from delivery.publish.model import Found, Json, Wanted
from delivery.publish.shipped import Shipped
from delivery.publish.transport import Transport, path

#: As Grafana numbers them; a role that is not in its list may do nothing.
_NUMBERS = {"view": 1, "edit": 2, "admin": 4}
_LEVELS = {number: level for level, number in _NUMBERS.items()}
_ROLES = ("Viewer", "Editor")


class FolderPermissions:
    """The permissions of each folder that has its own."""

    name = "folder permissions"
    removes = False

    def __init__(self, server: Transport, shipped: Shipped) -> None:
        self._server, self._shipped = server, shipped

    def wanted(self) -> Sequence[Wanted]:
        """One for each folder that says who may look."""
        return [
            Wanted(self.name, each["uid"], each["title"], _named(granted), granted, entry.path)
            for entry in self._shipped.of_kind(FILE)
            for each in self._shipped.load(entry.path)["folders"]
            if (granted := each.get("permissions"))
        ]

    def found(self, wanted: Sequence[Wanted]) -> Iterable[Found]:
        """Of each folder that is there."""
        looked = (self.look(each.key) for each in wanted)
        return [each for each in looked if each is not None]

    def clashes(self, wanted: Wanted, found: Found) -> bool:
        """Each folder has its own."""
        return False

    def look(self, key: str) -> Found | None:
        """Who may look into that folder."""
        answer = self._server.read(path("api", "folders", key, "permissions"))
        if answer.missing():
            return None
        own = [each for each in answer.array() if not each.get("inherited")]
        return Found(
            kind=self.name,
            key=key,
            title="",
            content=_named(_granted(own)),
            body=own,
            ours=True,
            edit=lambda: "unknown",
        )

    def create(self, wanted: Wanted) -> None:
        """When the plan was made the folder was not there; now it is."""
        now = self.look(wanted.key)
        self._set(wanted.key, wanted.body, now.body if now is not None else [])

    def update(self, wanted: Wanted, found: Found) -> None:
        """Grant what is wanted, if nobody changed it meanwhile."""
        now = as_seen(self.look(wanted.key), found)
        self._set(wanted.key, wanted.body, now.body)

    def replace(self, wanted: Wanted, found: Found) -> None:
        """Never asked for: nothing clashes."""
        self.update(wanted, found)

    def delete(self, found: Found) -> None:
        """Never asked for: they go with their folder."""

    def kept(self, document: Json) -> Wanted:
        """The roles' permissions of a backup."""
        granted = _granted(document["body"] or ())
        return Wanted(self.name, document["key"], "", _named(granted), granted, "")

    def restore(self, wanted: Wanted, found: Found | None) -> None:
        """Grant what was granted."""
        self.create(wanted)

    def _set(self, folder: str, granted: Json, now: Sequence[Json]) -> None:
        roles = [
            {"role": role, "permission": _NUMBERS[level]}
            for role, level in granted.items()
            if level != "none"
        ]
        others = [
            {"permission": each["permission"], **_who(each)} for each in now if not each.get("role")
        ]
        body = {"items": [*roles, *others]}
        accept(self._server.write("POST", path("api", "folders", folder, "permissions"), body))


def _named(granted: Json) -> Json:
    return {role: granted.get(role, "none") for role in _ROLES}


def _granted(items: Iterable[Json]) -> Json:
    return {
        each["role"]: _LEVELS.get(each["permission"], "none")
        for each in items
        if each.get("role") in _ROLES
    }


def _who(item: Json) -> Json:
    return {"teamId": item["teamId"]} if item.get("teamId") else {"userId": item.get("userId")}
