"""Grafana's dashboards as resources, the API of Grafana 12 and later.

It says in which version a dashboard was saved. One that was saved in the second schema would lose
what the first cannot hold, so it is left alone. The message of a save goes in as an annotation;
with the digest in it, an edit is one whose content has another digest, whoever left the message.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from delivery.publish.kinds.kind import accept
from delivery.publish.kinds.shipped_dashboards import ShippedDashboards, normal
from delivery.publish.model import Edit, Found, Json, Wanted, digest
from delivery.publish.shipped import Shipped
from delivery.publish.transport import Transport, path

GROUP = "dashboard.grafana.app"
#: The versions of the first schema, the best first.
VERSIONS = ("v1", "v1beta1")
_PAGE = 500
_FOLDER, _MESSAGE = "grafana.app/folder", "grafana.app/message"
_MANAGER, _MANAGER_ID = "grafana.app/managedBy", "grafana.app/managerId"
_WHO, _WHEN = "grafana.app/updatedBy", "grafana.app/updatedTimestamp"


def served(server: Transport) -> str | None:
    """The version of the first schema that the server has, the best one; None if none."""
    answer = server.read(path("apis", GROUP))
    if not answer.ok or not isinstance(answer.body, dict):
        return None
    names = {each.get("version") for each in answer.body.get("versions", ())}
    return next((version for version in VERSIONS if version in names), None)


def namespace(server: Transport) -> str:
    """How the token's organization is called among resources."""
    number = server.read("/api/org").mapping("id")["id"]
    return "default" if number == 1 else f"org-{number}"


class DashboardResources(ShippedDashboards):
    """The dashboards under generated/grafana/dashboards, as Grafana 12 and later take them."""

    def __init__(
        self, server: Transport, shipped: Shipped, prefix: str, version: str, space: str
    ) -> None:
        super().__init__(server, shipped, prefix)
        self._version = version
        self._root = ("apis", GROUP, version, "namespaces", space, "dashboards")

    def found(self, wanted: Sequence[Wanted]) -> Iterable[Found]:
        """Those that are wanted, ours, or of a wanted title in the same folder."""
        keys = {each.key for each in wanted}
        places = {(each.parent, each.title) for each in wanted}
        for resource in self._listed():
            found = self._found(resource)
            if found.key in keys or found.ours or (found.parent, found.title) in places:
                yield found

    def look(self, key: str) -> Found | None:
        """The dashboard of that uid."""
        answer = self.server.read(path(*self._root, key))
        return None if answer.missing() else self._found(answer.mapping("metadata", "spec"))

    def create(self, wanted: Wanted) -> None:
        """Make it: never over one that is there."""
        accept(self.server.write("POST", path(*self._root), self._resource(wanted)))

    def update(self, wanted: Wanted, found: Found) -> None:
        """Put it over the version that we saw."""
        body = self._resource(wanted)
        body["metadata"]["resourceVersion"] = found.version
        accept(self.server.write("PUT", path(*self._root, wanted.key), body))

    def replace(self, wanted: Wanted, found: Found) -> None:
        """Remove the other one, then make ours."""
        self.delete(found)
        self.create(wanted)

    def delete(self, found: Found) -> None:
        """Remove it, if it is the version that we saw."""
        held = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": {"resourceVersion": found.version},
        }
        accept(self.server.write("DELETE", path(*self._root, found.key), held), 200, 404)

    def kept(self, document: Json) -> Wanted:
        """A dashboard of a backup, in the folder that it was in."""
        return self.as_kept(document, document["body"]["spec"])

    def restore(self, wanted: Wanted, found: Found | None) -> None:
        """Put the old one over what is there; ours is not taken for an edit later."""
        if found is None:
            self.create(wanted)
        elif found.key != wanted.key:
            self.replace(wanted, found)
        else:
            self.update(wanted, found)

    def _resource(self, wanted: Wanted) -> Json:
        return {
            "apiVersion": f"{GROUP}/{self._version}",
            "kind": "Dashboard",
            "metadata": {
                "name": wanted.key,
                "annotations": {_FOLDER: wanted.parent, _MESSAGE: self.message(wanted)},
            },
            "spec": normal(wanted.body),
        }

    def _listed(self) -> Iterator[Json]:
        token = ""
        while True:
            query: dict[str, str | int] = {"limit": _PAGE}
            if token:
                query["continue"] = token
            answer = self.server.read(path(*self._root), query)
            page = answer.mapping("items")
            yield from page["items"] or ()
            token = (page.get("metadata") or {}).get("continue") or ""
            if not token:
                return

    def _found(self, resource: Json) -> Found:
        metadata, spec = resource["metadata"], resource["spec"]
        notes = metadata.get("annotations") or {}
        content = normal(spec)
        return Found(
            kind=self.name,
            key=metadata["name"],
            title=spec.get("title", ""),
            content=content,
            body=resource,
            ours=self.is_ours(metadata["name"], spec.get("tags") or []),
            parent=notes.get(_FOLDER, ""),
            version=metadata.get("resourceVersion"),
            fixed=_fixed(resource, notes),
            edit=lambda: self._edit(metadata["name"], content, notes),
        )

    def _edit(self, key: str, content: Json, notes: Json) -> Edit | Literal["unknown"] | None:
        message = notes.get(_MESSAGE) or self._last_message(key)
        if message is None:
            return "unknown"
        if message == f"{self.mark}{digest(content)}":
            return None
        said = "" if message.startswith(self.mark) else message
        return Edit(notes.get(_WHO, ""), notes.get(_WHEN, ""), said)

    def _last_message(self, key: str) -> str | None:
        """What the last save said; None if the server keeps no history that says it.

        A save's message is an annotation that goes in and need not come out again; the
        history has it, and its order is not told, so the newest generation is looked for.
        """
        selectors: dict[str, str | int] = {
            "labelSelector": "grafana.app/get-history=true",
            "fieldSelector": f"metadata.name={key}",
        }
        answer = self.server.read(path(*self._root), selectors)
        items = answer.body.get("items") if isinstance(answer.body, dict) and answer.ok else None
        saves = [each["metadata"] for each in items or () if each["metadata"].get("name") == key]
        if not saves:
            return None
        newest = max(saves, key=lambda each: int(each.get("generation") or 0))
        return str((newest.get("annotations") or {}).get(_MESSAGE) or "")


def _fixed(resource: Json, notes: Json) -> str:
    conversion = (resource.get("status") or {}).get("conversion") or {}
    stored = str(conversion.get("storedVersion") or "")
    if stored.startswith("v2"):
        return f"it was saved in the schema {stored}, and would lose what ours cannot hold"
    manager = notes.get(_MANAGER)
    if manager:
        return f"it is managed by {manager} {notes.get(_MANAGER_ID, '')}".rstrip()
    return ""
