"""Grafana's datasources. Mark and hash are two keys of ``jsonData``, which is kept as sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from delivery.publish.kinds.kind import ConflictError, accept, as_seen
from delivery.publish.model import Edit, Found, Json, Wanted, digest
from delivery.publish.shipped import Shipped, unescaped
from delivery.publish.transport import Transport, path

MARK = "managedBy"
HASH = "publishedDigest"
#: What a datasource says of itself; the rest is the server's, or a file's (``editable``).
_SETTINGS = ("name", "type", "access", "url")


class Datasources:
    """The datasources of one environment."""

    name = "datasource"
    removes = True

    def __init__(self, server: Transport, shipped: Shipped, prefix: str, folder: str) -> None:
        self._server, self._shipped, self._prefix = server, shipped, prefix
        self._folder = folder
        self._default_is_taken = False

    def wanted(self) -> Sequence[Wanted]:
        """One for each of the environment's files.

        Where a datasource that is not ours is Grafana's default, none of ours becomes it: that
        would change an object of somebody else.
        """
        self._default_is_taken = any(
            each["isDefault"] and not self._is_ours(each) for each in self._listed()
        )
        made = []
        for entry in self._shipped.of_kind("datasource", self._folder):
            for item in unescaped(self._shipped.load(entry.path))["datasources"]:
                content = self._normal(item)
                made.append(Wanted(self.name, item["uid"], item["name"], content, item, entry.path))
        return made

    def found(self, wanted: Sequence[Wanted]) -> Iterable[Found]:
        """Those that are wanted, ours, or of a wanted name."""
        keys = {each.key for each in wanted}
        names = {each.title for each in wanted}
        for body in self._listed():
            found = self._found(body)
            if found.key in keys or found.ours or found.title in names:
                yield found

    def clashes(self, wanted: Wanted, found: Found) -> bool:
        """Names are unique, so another uid of the name has to go."""
        return wanted.title == found.title

    def look(self, key: str) -> Found | None:
        """The datasource of that uid."""
        answer = self._server.read(path("api", "datasources", "uid", key))
        return None if answer.missing() else self._found(answer.mapping("uid", "name"))

    def create(self, wanted: Wanted) -> None:
        """Add it."""
        accept(self._server.write("POST", "/api/datasources", self._body(wanted)))

    def update(self, wanted: Wanted, found: Found) -> None:
        """Change it, if it is still as we saw it."""
        now = as_seen(self.look(wanted.key), found)
        self._put(wanted, now)

    def replace(self, wanted: Wanted, found: Found) -> None:
        """Give the other one our uid and settings in one step: nothing is ever missing."""
        now = as_seen(self.look(found.key), found)
        self._put(wanted, now)

    def _put(self, wanted: Wanted, now: Found) -> None:
        body = {**self._body(wanted), "version": now.version}
        accept(self._server.write("PUT", path("api", "datasources", "uid", now.key), body))

    def delete(self, found: Found) -> None:
        """Remove it, if it is still as we saw it."""
        now = self.look(found.key)
        if now is not None and (now.content != found.content or now.ours != found.ours):
            raise ConflictError("somebody changed it meanwhile")
        answer = self._server.write("DELETE", path("api", "datasources", "uid", found.key))
        accept(answer, 200, 404)

    def kept(self, document: Json) -> Wanted:
        """A datasource of a backup, with the marks that it had; its secrets are not in it."""
        body = document["body"]
        return Wanted(self.name, body["uid"], body["name"], self._normal(body), body, "")

    def restore(self, wanted: Wanted, found: Found | None) -> None:
        """Put the old settings back as they were."""
        body = {key: wanted.body[key] for key in (*_SETTINGS, "uid") if key in wanted.body}
        body["jsonData"] = wanted.body.get("jsonData") or {}
        body["isDefault"] = bool(wanted.body.get("isDefault")) and not self._default_is_taken
        if found is None:
            accept(self._server.write("POST", "/api/datasources", body))
            return
        now = as_seen(self.look(found.key), found)
        sent = {**body, "version": now.version}
        accept(self._server.write("PUT", path("api", "datasources", "uid", now.key), sent))

    def _listed(self) -> list[Json]:
        return self._server.read("/api/datasources").array()

    def _body(self, wanted: Wanted) -> Json:
        content = wanted.content
        marked = {
            **(content.get("jsonData") or {}),
            MARK: self._prefix,
            HASH: digest(content),
        }
        return {**content, "uid": wanted.key, "jsonData": marked}

    def _is_ours(self, body: Json) -> bool:
        return bool((body.get("jsonData") or {}).get(MARK) == self._prefix)

    def _found(self, body: Any) -> Found:
        settings = body.get("jsonData") or {}
        content = self._normal(body)
        edit = _edit(settings.get(HASH), content)
        return Found(
            kind=self.name,
            key=body["uid"],
            title=body["name"],
            content=content,
            body=body,
            ours=self._is_ours(body),
            version=body.get("version"),
            fixed="it is provisioned from a file" if body.get("readOnly") else "",
            edit=lambda: edit,
        )

    def _normal(self, body: Json) -> Json:
        content = {key: body[key] for key in _SETTINGS if body.get(key) not in (None, "", {})}
        settings = {
            key: value
            for key, value in (body.get("jsonData") or {}).items()
            if key not in {MARK, HASH}
        }
        default = {} if self._default_is_taken else {"isDefault": bool(body.get("isDefault"))}
        return {**content, **default, "jsonData": settings}


def _edit(published: str | None, content: Json) -> Edit | Literal["unknown"] | None:
    if published == digest(content):
        return None
    # Grafana makes the first one its default, whatever was asked: where a publish was killed
    # before ours that is to be it came, nobody has edited anything.
    if not published or published == digest({**content, "isDefault": False}):
        return "unknown"
    return Edit()
