"""Grafana's folders. Their mark is the uid's prefix; a folder can hold no hash."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from delivery.publish.kinds.kind import RefusedError, accept
from delivery.publish.model import Found, Json, Wanted
from delivery.publish.shipped import Shipped, unescaped
from delivery.publish.transport import Transport, path

#: Grafana's largest page of folders.
_PAGE = 1000
#: Grafana's largest page of a search.
_HITS = 5000


class Folders:
    """The folders that the dashboards' providers name."""

    name = "folder"
    removes = True

    def __init__(self, server: Transport, shipped: Shipped, prefix: str) -> None:
        self._server, self._shipped, self._prefix = server, shipped, prefix

    def wanted(self) -> Sequence[Wanted]:
        """One for each provider."""
        return [
            Wanted(
                kind=self.name,
                key=provider["folderUid"],
                title=provider["folder"],
                content={"title": provider["folder"]},
                body={"uid": provider["folderUid"], "title": provider["folder"]},
                file=entry.path,
            )
            for entry in self._shipped.of_kind("dashboard-provider")
            for provider in unescaped(self._shipped.load(entry.path))["providers"]
        ]

    def found(self, wanted: Sequence[Wanted]) -> Iterable[Found]:
        """Every folder at the top: those that are wanted, ours, or of a wanted title."""
        keys = {each.key for each in wanted}
        titles = {each.title for each in wanted}
        for listed in self._listed():
            if listed["uid"] in keys:
                found = self.look(listed["uid"])
                if found is not None:
                    yield found
            elif self._is_ours(listed["uid"]) or listed["title"] in titles:
                yield self._found(listed)

    def clashes(self, wanted: Wanted, found: Found) -> bool:
        """Grafana up to 10 takes no second folder of a title; later ones confuse people."""
        return wanted.title == found.title

    def look(self, key: str) -> Found | None:
        """The folder of that uid."""
        answer = self._server.read(path("api", "folders", key))
        return None if answer.missing() else self._found(answer.mapping("uid", "title"))

    def create(self, wanted: Wanted) -> None:
        """Make it at the top."""
        accept(self._server.write("POST", "/api/folders", wanted.body))

    def update(self, wanted: Wanted, found: Found) -> None:
        """Give it its title, if its version is still the one we saw."""
        body = {"title": wanted.title, "version": found.version}
        accept(self._server.write("PUT", path("api", "folders", wanted.key), body))

    def replace(self, wanted: Wanted, found: Found) -> None:
        """Remove the other one, then make ours."""
        self.delete(found)
        self.create(wanted)

    def delete(self, found: Found) -> None:
        """Remove it, unless something is in it: that would be removed with it."""
        if self._holds_something(found.key):
            raise RefusedError("something is in it that is not ours, and would be lost with it")
        accept(self._server.write("DELETE", path("api", "folders", found.key)))

    def kept(self, document: Json) -> Wanted:
        """A folder of a backup: uid and title."""
        body = document["body"]
        title, uid = body["title"], body["uid"]
        return Wanted(self.name, uid, title, {"title": title}, {"uid": uid, "title": title}, "")

    def restore(self, wanted: Wanted, found: Found | None) -> None:
        """Make it again, or give it its old title."""
        if found is None:
            self.create(wanted)
        else:
            self.update(wanted, found)

    def _holds_something(self, key: str) -> bool:
        page = 1
        while True:
            query: dict[str, str | int] = {"folderUIDs": key, "limit": _HITS, "page": page}
            hits = self._server.read("/api/search", query).array()
            # 9.4 knows no ``folderUIDs`` and lists everything.
            if any(hit.get("folderUid") == key for hit in hits):
                return True
            if len(hits) < _HITS:
                return False
            page += 1

    def _listed(self) -> Iterable[Json]:
        page = 1
        while True:
            answer = self._server.read("/api/folders", {"limit": _PAGE, "page": page})
            listed = answer.array()
            yield from listed
            if len(listed) < _PAGE:
                return
            page += 1

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
