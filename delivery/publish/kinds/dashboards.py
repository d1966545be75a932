"""Grafana's dashboards over its first API, from 9.4 on.

Their mark is a tag and the uid's prefix together. What we last published is in the message of
the newest version: any newer version is somebody else's edit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

from delivery.publish.kinds.kind import ConflictError, RefusedError, accept
from delivery.publish.kinds.shipped_dashboards import ShippedDashboards, normal
from delivery.publish.model import Edit, Found, Json, Wanted
from delivery.publish.transport import CONCURRENCY, path

#: Grafana's largest page of a search.
_PAGE = 5000
#: Grafana says "Initial save" of a creation, whatever message it came with. What carries our mark
#: and was saved once only is as we made it.
_FIRST = 1


class Dashboards(ShippedDashboards):
    """The dashboards under generated/grafana/dashboards, as Grafana 9.4 to 11 take them."""

    def found(self, wanted: Sequence[Wanted]) -> Iterable[Found]:
        """Those that are wanted, ours, or of a wanted title in the same folder."""
        keys = {each.key for each in wanted}
        places = {(each.parent, each.title) for each in wanted}
        uids = [
            hit["uid"]
            for hit in self._hits()
            if hit["uid"] in keys
            or self.is_ours(hit["uid"], hit.get("tags") or [])
            or (hit.get("folderUid", ""), hit["title"]) in places
        ]
        with ThreadPoolExecutor(CONCURRENCY) as pool:
            return [found for found in pool.map(self.look, uids) if found is not None]

    def look(self, key: str) -> Found | None:
        """The dashboard of that uid."""
        answer = self.server.read(path("api", "dashboards", "uid", key))
        if answer.missing():
            return None
        whole = answer.mapping("dashboard", "meta")
        body, meta = whole["dashboard"], whole["meta"]
        return Found(
            kind=self.name,
            key=key,
            title=body.get("title", ""),
            content=normal(body),
            body=body,
            ours=self.is_ours(key, body.get("tags") or []),
            parent=meta.get("folderUid") or "",
            version=(body.get("id"), body.get("version")),
            fixed=_provisioned(meta),
            edit=lambda: self._edit(key, meta),
        )

    def create(self, wanted: Wanted) -> None:
        """Save it as new: never over one that is there."""
        self._save(wanted, {**wanted.body, "id": None})

    def update(self, wanted: Wanted, found: Found) -> None:
        """Save it over the version that we saw."""
        number, version = found.version
        self._save(wanted, {**wanted.body, "id": number, "version": version})

    def replace(self, wanted: Wanted, found: Found) -> None:
        """Remove the other one, then make ours."""
        self.delete(found)
        self.create(wanted)

    def delete(self, found: Found) -> None:
        """Remove it, with its versions, if it is the version that we saw."""
        now = self.look(found.key)
        if now is not None and now.version != found.version:
            raise ConflictError("somebody changed it meanwhile")
        answer = self.server.write("DELETE", path("api", "dashboards", "uid", found.key))
        accept(answer, 200, 404)

    def kept(self, document: Json) -> Wanted:
        """A dashboard of a backup, in the folder that it was in."""
        return self.as_kept(document, document["body"])

    def restore(self, wanted: Wanted, found: Found | None) -> None:
        """Save the old one over what is there; ours is not taken for an edit later."""
        if found is not None and found.key != wanted.key:
            self.replace(wanted, found)
            return
        number, version = found.version if found else (None, None)
        self._save(wanted, {**wanted.body, "id": number, "version": version})

    def _save(self, wanted: Wanted, body: Json) -> None:
        sent = {
            "dashboard": body,
            "folderUid": wanted.parent,
            "message": self.message(wanted),
            "overwrite": False,
        }
        answer = self.server.write("POST", "/api/dashboards/db", sent)
        accept(answer, 200)  # 202 says that it is pending.
        saved = answer.mapping("uid")["uid"]
        if saved != wanted.key:
            # Grafana 9.4 may save over another dashboard of the title, and keep that one's uid.
            raise RefusedError(f"it was saved as {saved}, not under its own uid")

    def _hits(self) -> Iterator[Json]:
        page = 1
        while True:
            answer = self.server.read(
                "/api/search", {"type": "dash-db", "limit": _PAGE, "page": page}
            )
            hits = answer.array()
            yield from hits
            if len(hits) < _PAGE:
                return
            page += 1

    def _edit(self, key: str, meta: Json) -> Edit | Literal["unknown"] | None:
        where = path("api", "dashboards", "uid", key, "versions")
        answer = self.server.read(where, {"limit": 1})
        versions = answer.body
        if isinstance(versions, dict):  # since 11.3
            versions = versions.get("versions")
        if not answer.ok or not isinstance(versions, list) or not versions:
            return "unknown"
        newest = versions[0]
        message = str(newest.get("message") or "")
        if message.startswith(self.mark) or newest.get("version") == _FIRST:
            return None
        # 9.4 says a version's author as a number, and the dashboard's last one by name.
        who = newest.get("createdBy") if isinstance(newest.get("createdBy"), str) else ""
        who = str(who or meta.get("updatedBy") or "")
        when = str(newest.get("created") or "")
        return Edit(who, when, message)


def _provisioned(meta: Json) -> str:
    if meta.get("provisioned"):
        file = meta.get("provisionedExternalId") or "a file"
        return f"it is provisioned from {file}"
    return ""
