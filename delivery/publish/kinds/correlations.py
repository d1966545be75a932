"""Grafana's correlations: links from the lines of one datasource to the queries of another.

They hold no mark of ours. Those of a datasource of ours are ours, because nobody else has to add
to it; Grafana makes up their uids, so they are known by their datasource and label.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from delivery.publish.kinds.kind import accept
from delivery.publish.model import Found, Json, Wanted
from delivery.publish.shipped import Shipped, unescaped
from delivery.publish.transport import Transport, path

_SETTINGS = ("targetUID", "label", "description", "config", "type")
#: Grafana's largest page of correlations.
_PAGE = 1000


class Correlations:
    """The correlations of one environment's datasources."""

    name = "correlation"
    removes = True

    def __init__(self, server: Transport, shipped: Shipped, prefix: str, folder: str) -> None:
        self._server, self._shipped, self._prefix = server, shipped, prefix
        self._folder = folder
        #: What 9.4 cannot hold, by key: it drops a correlation's transformations.
        self._dropped: dict[str, Any] = {}
        self._drops = False

    def wanted(self) -> Sequence[Wanted]:
        """One for each that a datasource's file names."""
        made = []
        for entry in self._shipped.of_kind("datasource", self._folder):
            for source in unescaped(self._shipped.load(entry.path))["datasources"]:
                for item in source.get("correlations", ()):
                    key = f"{source['uid']}/{item['label']}"
                    self._dropped[key] = item["config"].get("transformations")
                    made.append(
                        Wanted(
                            self.name,
                            key,
                            item["label"],
                            _normal(item),
                            item,
                            entry.path,
                            parent=source["uid"],
                        )
                    )
        return made

    def found(self, wanted: Sequence[Wanted]) -> Iterable[Found]:
        """All that begin at a datasource of ours; a label's second one is left over."""
        keys: set[str] = set()
        for body in self._listed():
            found = self._found(body)
            if not found.ours:
                continue
            if found.key in keys:
                found = self._found(body, extra=f" ({body['uid']})")
            keys.add(found.key)
            yield found

    def clashes(self, wanted: Wanted, found: Found) -> bool:
        """Any number of them live side by side."""
        return False

    def look(self, key: str) -> Found | None:
        """The correlation of that datasource and label."""
        return next((each for each in self.found(()) if each.key == key), None)

    def create(self, wanted: Wanted) -> None:
        """Add it to its datasource.

        Grafana takes the same one twice. Of two publishers that add it at once both see two then,
        and both keep the same one.
        """
        where = path("api", "datasources", "uid", wanted.parent, "correlations")
        accept(self._server.write("POST", where, wanted.body))
        alike = [
            each
            for each in self.found(())
            if (each.parent, each.title) == (wanted.parent, wanted.title)
        ]
        for twin in sorted(alike, key=lambda each: str(each.version))[1:]:
            self.delete(twin)

    def update(self, wanted: Wanted, found: Found) -> None:
        """Change its text and its query; where it leads cannot be changed, so then it is new."""
        if found.content.get("targetUID") != wanted.content.get("targetUID"):
            self.replace(wanted, found)
            return
        body = {key: value for key, value in wanted.body.items() if key != "targetUID"}
        accept(self._server.write("PATCH", self._where(found), body))

    def replace(self, wanted: Wanted, found: Found) -> None:
        """Remove the other one, then make ours."""
        self.delete(found)
        self.create(wanted)

    def delete(self, found: Found) -> None:
        """Remove it."""
        accept(self._server.write("DELETE", self._where(found)), 200, 404)

    def kept(self, document: Json) -> Wanted:
        """A correlation of a backup; it gets another uid."""
        body, source = document["body"], document["parent"]
        kept = {
            key: body[key]
            for key in ("targetUID", "label", "description", "config", "type")
            if key in body
        }
        key = f"{source}/{body.get('label', '')}"
        return Wanted(self.name, key, body.get("label", ""), _normal(body), kept, "", parent=source)

    def restore(self, wanted: Wanted, found: Found | None) -> None:
        """Add it again, or give it its old query."""
        if found is None:
            self.create(wanted)
        else:
            self.update(wanted, found)

    def _where(self, found: Found) -> str:
        return path("api", "datasources", "uid", found.parent, "correlations", found.version)

    def _listed(self) -> Iterable[Json]:
        page = 1
        while True:
            answer = self._server.read(
                "/api/datasources/correlations", {"limit": _PAGE, "page": page}
            )
            if answer.missing():  # None at all, up to 10.
                return
            if isinstance(answer.body, list):  # 9.4 knows no pages, nor transformations.
                self._drops = True
                yield from answer.array()
                return
            listed = answer.mapping("correlations")["correlations"]
            yield from listed
            if len(listed) < _PAGE:
                return
            page += 1

    def _found(self, body: Json, extra: str = "") -> Found:
        key = f"{body['sourceUID']}/{body.get('label', '')}{extra}"
        content = _normal(body)
        if self._drops and self._dropped.get(key):
            content["config"].setdefault("transformations", self._dropped[key])
        return Found(
            kind=self.name,
            key=key,
            title=body.get("label", ""),
            content=content,
            body=body,
            ours=body["sourceUID"].startswith(f"{self._prefix}-"),
            parent=body["sourceUID"],
            version=body["uid"],
            fixed="it is provisioned from a file" if body.get("provisioned") else "",
            edit=lambda: "unknown",
        )


def _normal(body: Json) -> Json:
    """Its type stood within ``config`` before it stood beside it."""
    config = dict(body.get("config") or {})
    kind = config.pop("type", None) or body.get("type") or "query"
    kept = ("targetUID", "label", "description")
    return {**{key: body[key] for key in kept if body.get(key)}, "type": kind, "config": config}
