"""Grafana's folders. Their mark is the uid's prefix; a folder can hold no hash.

They are made and removed one after the other: one may be in another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from threading import Lock
from typing import Any

from delivery.publish.kinds.kind import RefusedError, accept
from delivery.publish.model import Found, Json, Wanted
from delivery.publish.shipped import Shipped
from delivery.publish.transport import ForbiddenError, Transport, path

#: The kind of the file that lists them.
FILE = "grafana-folders"
#: Grafana's largest page of folders.
_PAGE = 1000
#: Grafana's largest page of a search.
_HITS = 5000
#: From this release on every Grafana nests folders.
_NESTING = 11


class Folders:
    """The folders of generated/, and ``further`` ones: titles by uid."""

    name = "folder"
    removes = True

    def __init__(
        self, server: Transport, shipped: Shipped, prefix: str, further: Mapping[str, str]
    ) -> None:
        self._server, self._shipped, self._prefix = server, shipped, prefix
        self._further = further
        self._wanted: dict[str, Wanted] = {}
        self._made: set[str] = set()
        self._line = Lock()

    def wanted(self) -> Sequence[Wanted]:
        """One for each; side by side where the server cannot put one into another."""
        listed = [
            (each, entry.path)
            for entry in self._shipped.of_kind(FILE)
            for each in self._shipped.load(entry.path)["folders"]
        ]
        nested = any(each.get("parentUid") for each, _ in listed) and self._nests()
        made = [
            _wanted(each["uid"], each["title"], each.get("parentUid", "") if nested else "", file)
            for each, file in listed
        ]
        made += [_wanted(uid, title, "", "") for uid, title in self._further.items()]
        self._wanted = {each.key: each for each in made}
        return made

    def found(self, wanted: Sequence[Wanted]) -> Iterable[Found]:
        """Those that are wanted, ours, or of a wanted title at the top."""
        keys = {each.key for each in wanted}
        titles = {each.title for each in wanted}
        seen: set[str] = set()
        for listed in self._listed(nested=any(each.parent for each in wanted)):
            seen.add(listed["uid"])
            if listed["uid"] in keys:
                found = self.look(listed["uid"])
                if found is not None:
                    yield found
            elif self._is_ours(listed["uid"]) or listed["title"] in titles:
                yield self._found(listed)
        for key in sorted(keys - seen):
            # Somebody may have moved it into a folder of theirs.
            found = self.look(key)
            if found is not None:
                yield found

    def clashes(self, wanted: Wanted, found: Found) -> bool:
        """Grafana up to 10 takes no second folder of a title; later ones confuse people."""
        return wanted.title == found.title and wanted.parent == found.parent

    def look(self, key: str) -> Found | None:
        """The folder of that uid; none if we may not see it.

        Grafana answers 403 as well for one that is not there, to an account that may not read all
        folders: so the plan makes it, and what the account may do is asked before that is tried.
        """
        try:
            answer = self._server.read(path("api", "folders", key))
        except ForbiddenError:
            return None
        return None if answer.missing() else self._found(answer.mapping("uid", "title"))

    def create(self, wanted: Wanted) -> None:
        """Make it, after the one that it is in."""
        with self._line:
            parent = self._wanted.get(wanted.parent)
            if parent is not None and parent.key not in self._made:
                if self.look(parent.key) is None:
                    self._make(parent)
                self._made.add(parent.key)
            if wanted.key not in self._made:
                self._make(wanted)

    def update(self, wanted: Wanted, found: Found) -> None:
        """Put it where it belongs, and give it its title, if its version is the one we saw."""
        with self._line:
            if found.parent != wanted.parent:
                move = {"parentUid": wanted.parent}
                accept(self._server.write("POST", path("api", "folders", wanted.key, "move"), move))
            if found.title != wanted.title:
                now = self.look(wanted.key) if found.parent != wanted.parent else found
                body = {"title": wanted.title, "version": (now or found).version}
                accept(self._server.write("PUT", path("api", "folders", wanted.key), body))

    def replace(self, wanted: Wanted, found: Found) -> None:
        """Remove the other one, then make ours."""
        self.delete(found)
        self.create(wanted)

    def delete(self, found: Found) -> None:
        """Remove it, unless something is in it: that would be removed with it."""
        with self._line:
            self._delete(found.key)

    def kept(self, document: Json) -> Wanted:
        """A folder of a backup: uid, title and place."""
        body = document["body"]
        return _wanted(body["uid"], body["title"], document.get("parent") or "", "")

    def restore(self, wanted: Wanted, found: Found | None) -> None:
        """Make it again, or give it its old title and place."""
        if found is None:
            self.create(wanted)
        else:
            self.update(wanted, found)

    def _make(self, wanted: Wanted) -> None:
        accept(self._server.write("POST", "/api/folders", wanted.body))
        self._made.add(wanted.key)

    def _delete(self, uid: str) -> None:
        # Ours that are left over go first, whichever thread has their turn.
        for each in list(self._inside(uid)):
            key = each.get("uid", "")
            if each.get("type") != "dash-folder" or not self._is_leftover(key):
                raise RefusedError("something is in it that is not ours, and would be lost with it")
            self._delete(key)
        accept(self._server.write("DELETE", path("api", "folders", uid)), 200, 404)
        self._made.discard(uid)

    def _inside(self, uid: str) -> Iterator[Json]:
        page = 1
        while True:
            query: dict[str, str | int] = {"folderUIDs": uid, "limit": _HITS, "page": page}
            hits = self._server.read("/api/search", query).array()
            # 9.4 knows no ``folderUIDs`` and lists everything.
            yield from (hit for hit in hits if hit.get("folderUid") == uid)
            if len(hits) < _HITS:
                return
            page += 1

    def _is_leftover(self, uid: str) -> bool:
        return self._is_ours(uid) and uid not in self._wanted

    def _listed(self, *, nested: bool) -> Iterator[Json]:
        """Every folder at the top, and what is in ours."""
        for each in self._pages({}):
            yield each
            if nested and self._is_ours(each["uid"]):
                yield from self._pages({"parentUid": each["uid"]})

    def _pages(self, query: Mapping[str, str | int]) -> Iterator[Json]:
        page = 1
        while True:
            answer = self._server.read("/api/folders", {**query, "limit": _PAGE, "page": page})
            listed = answer.array()
            yield from listed
            if len(listed) < _PAGE:
                return
            page += 1

    def _nests(self) -> bool:
        """Whether the server puts folders into folders; it says so only beside its settings."""
        answer = self._server.read("/api/frontend/settings")
        settings = answer.mapping("buildInfo")
        if (settings.get("featureToggles") or {}).get("nestedFolders"):
            return True
        release = str(settings["buildInfo"].get("version") or "")
        major = release.partition(".")[0]
        return major.isdigit() and int(major) >= _NESTING

    def _is_ours(self, uid: str) -> bool:
        return uid.startswith(f"{self._prefix}-folder-")

    def _found(self, body: Any) -> Found:
        return Found(
            kind=self.name,
            key=body["uid"],
            title=body["title"],
            content={"title": body["title"]},
            body=body,
            ours=self._is_ours(body["uid"]),
            parent=body.get("parentUid") or "",
            version=body.get("version"),
            edit=lambda: "unknown",
        )


def _wanted(uid: str, title: str, parent: str, file: str) -> Wanted:
    body = {"uid": uid, "title": title, **({"parentUid": parent} if parent else {})}
    return Wanted("folder", uid, title, {"title": title}, body, file, parent=parent)
