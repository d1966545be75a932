"""Grafana's dashboards over its first API, from 9.4 on.

Their mark is a tag and the uid's prefix together. What we last published is in the message of
the newest version: any newer version is somebody else's edit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

from delivery.publish.kinds.kind import RefusedError, accept
from delivery.publish.model import Edit, Found, Json, Wanted, digest
from delivery.publish.shipped import Shipped, unescaped
from delivery.publish.transport import CONCURRENCY, Transport, path

#: Grafana's largest page of a search.
_PAGE = 5000
#: What Grafana sets itself, or counts.
_SERVERS_OWN = ("id", "version", "uid")


class Dashboards:
    """The dashboards under generated/grafana/dashboards."""

    name = "dashboard"
    removes = True

    def __init__(self, server: Transport, shipped: Shipped, prefix: str) -> None:
        self._server, self._shipped, self._prefix = server, shipped, prefix

    def wanted(self) -> Sequence[Wanted]:
        """One for each file, in the folder of its provider."""
        parents = self._folders()
        made = []
        for entry in self._shipped.of_kind("dashboard"):
            body = self._shipped.load(entry.path)
            made.append(
                Wanted(
                    kind=self.name,
                    key=body["uid"],
                    title=body["title"],
                    content=_normal(body),
                    body=body,
                    file=entry.path,
                    parent=parents[entry.path.rsplit("/", 2)[-2]],
                )
            )
        return made

    def _folders(self) -> dict[str, str]:
        """The uid of the folder that each directory's dashboards go into."""
        return {
            provider["options"]["path"].rsplit("/", 1)[-1]: provider["folderUid"]
            for entry in self._shipped.of_kind("dashboard-provider")
            for provider in unescaped(self._shipped.load(entry.path))["providers"]
        }

    def found(self, wanted: Sequence[Wanted]) -> Iterable[Found]:
        """Those that are wanted, ours, or of a wanted title in the same folder."""
        keys = {each.key for each in wanted}
        places = {(each.parent, each.title) for each in wanted}
        uids = [
            hit["uid"]
            for hit in self._hits()
            if hit["uid"] in keys
            or self._is_ours(hit["uid"], hit.get("tags") or [])
            or (hit.get("folderUid", ""), hit["title"]) in places
        ]
        with ThreadPoolExecutor(CONCURRENCY) as pool:
            return [found for found in pool.map(self.look, uids) if found is not None]

    def clashes(self, wanted: Wanted, found: Found) -> bool:
        """Grafana up to 11.2 takes no second dashboard of a title in a folder."""
        return (wanted.parent, wanted.title) == (found.parent, found.title)

    def look(self, key: str) -> Found | None:
        """The dashboard of that uid."""
        answer = self._server.read(path("api", "dashboards", "uid", key))
        if not answer.ok:
            return None
        body, meta = answer.body["dashboard"], answer.body["meta"]
        return Found(
            kind=self.name,
            key=key,
            title=body.get("title", ""),
            content=_normal(body),
            body=body,
            ours=self._is_ours(key, body.get("tags") or []),
            parent=meta.get("folderUid") or "",
            version=(body.get("id"), body.get("version")),
            fixed=_provisioned(meta),
            edit=lambda: self._edit(key),
        )

    def create(self, wanted: Wanted) -> None:
        """Save it as new: never over one that is there."""
        self._save(wanted, {**wanted.body, "id": None})

    def update(self, wanted: Wanted, found: Found) -> None:
        """Save it over the version that we saw."""
        number, version = found.version
        self._save(wanted, {**wanted.body, "id": number, "version": version})

    def delete(self, found: Found) -> None:
        """Remove it, with its versions."""
        answer = self._server.write("DELETE", path("api", "dashboards", "uid", found.key))
        accept(answer, 200, 404)

    def _save(self, wanted: Wanted, body: Json) -> None:
        sent = {
            "dashboard": body,
            "folderUid": wanted.parent,
            "message": f"{self._mark()}{digest(wanted.content)}",
            "overwrite": False,
        }
        answer = self._server.write("POST", "/api/dashboards/db", sent)
        accept(answer, 200)  # 202 says that it is pending.
        if answer.body.get("uid") != wanted.key:
            # Grafana 9.4 may save over another dashboard of the title, and keep that one's uid.
            raise RefusedError(f"it was saved as {answer.body.get('uid')}, not under its own uid")

    def _hits(self) -> Iterator[Json]:
        page = 1
        while True:
            answer = self._server.read(
                "/api/search", {"type": "dash-db", "limit": _PAGE, "page": page}
            )
            hits = answer.body if isinstance(answer.body, list) else []
            yield from hits
            if len(hits) < _PAGE:
                return
            page += 1

    def _is_ours(self, uid: str, tags: list[str]) -> bool:
        return self._prefix in tags and uid.startswith(f"{self._prefix}-")

    def _mark(self) -> str:
        return f"Published by {self._prefix}: "

    def _edit(self, key: str) -> Edit | Literal["unknown"] | None:
        where = path("api", "dashboards", "uid", key, "versions")
        answer = self._server.read(where, {"limit": 1})
        versions = answer.body
        if isinstance(versions, dict):  # since 11.3
            versions = versions.get("versions")
        if not answer.ok or not isinstance(versions, list) or not versions:
            return "unknown"
        newest = versions[0]
        message = str(newest.get("message") or "")
        if message.startswith(self._mark()):
            return None
        who, when = str(newest.get("createdBy") or ""), str(newest.get("created") or "")
        return Edit(who, when, message)


def _normal(body: Json) -> Json:
    return {key: value for key, value in body.items() if key not in _SERVERS_OWN}


def _provisioned(meta: Json) -> str:
    if meta.get("provisioned"):
        file = meta.get("provisionedExternalId") or "a file"
        return f"it is provisioned from {file}"
    return ""
