"""The fake's dashboards as resources, as Grafana 12 and later have them.

No server of that release was at hand: this follows its published reference and sources. A save's
message goes in as an annotation and comes out of the history only; names and versions are held as
Kubernetes holds them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.delivery.publish.fake_grafana import FakeGrafana, Json, Reply

#: A page of a list, so that there is more than one.
PAGE = 3


class Resources:
    """Answers below ``/apis/dashboard.grafana.app``."""

    def __init__(self, grafana: FakeGrafana) -> None:
        self._grafana = grafana
        self.versions = ["v1beta1", "v2alpha1"]

    def reply(self, method: str, rest: list[str], body: Any, query: dict[str, str]) -> Reply:
        if not rest:
            return 200, {"versions": [{"version": version} for version in self.versions]}
        held = self._grafana.state.dashboards
        if len(rest) == 4 and method == "GET":
            return 200, self._listed(query)
        if method == "POST":
            uid = body["metadata"]["name"]
            if uid in held:
                return 409, _failure(409, "AlreadyExists", f'dashboards "{uid}" already exists')
            return self._put(uid, body, 201)
        uid = rest[4]
        if uid not in held:
            return 404, _failure(404, "NotFound", f'dashboards "{uid}" not found')
        if method == "GET":
            return 200, self._resource(uid)
        if held[uid]["provisioned"]:
            return 403, _failure(403, "Forbidden", "this resource is managed by a file")
        seen = self._resource(uid)["metadata"]["resourceVersion"]
        if method == "DELETE":
            asked = (body or {}).get("preconditions", {}).get("resourceVersion", seen)
            if asked != seen:
                return 409, _failure(409, "Conflict", "the object has been modified")
            del held[uid]
            return 200, {"status": "Success"}
        if body["metadata"].get("resourceVersion", seen) != seen:
            return 409, _failure(409, "Conflict", "the object has been modified")
        return self._put(uid, body, 200)

    def _listed(self, query: dict[str, str]) -> Json:
        held = self._grafana.state.dashboards
        if query.get("labelSelector") == "grafana.app/get-history=true":
            uid = query["fieldSelector"].removeprefix("metadata.name=")
            return {"items": [self._save(uid)] if uid in held else [], "metadata": {}}
        start = int(query.get("continue", 0))
        end = start + min(int(query.get("limit", 500)), PAGE)
        items = [self._resource(uid) for uid in sorted(held)[start:end]]
        return {"items": items, "metadata": {"continue": str(end)} if end < len(held) else {}}

    def _save(self, uid: str) -> Json:
        """The newest entry of its history, which alone has the message."""
        resource = self._resource(uid)
        message = self._grafana.state.dashboards[uid]["message"]
        resource["metadata"]["annotations"]["grafana.app/message"] = message
        return resource

    def _put(self, uid: str, body: Json, status: int) -> Reply:
        state = self._grafana.state
        notes = body["metadata"]["annotations"]
        folder = notes.get("grafana.app/folder", "")
        if folder and folder not in state.folders:
            return 400, _failure(400, "BadRequest", "folder not found")
        known = state.dashboards.get(uid)
        version = known["dashboard"]["version"] + 1 if known else 1
        number = known["dashboard"]["id"] if known else state.next()
        state.dashboards[uid] = {
            "dashboard": {**body["spec"], "uid": uid, "version": version, "id": number},
            "folderUid": folder,
            "message": notes.get("grafana.app/message", ""),
            "by": "publisher",
            "provisioned": False,
            "history": self._grafana.history(known),
        }
        return status, self._resource(uid)

    def _resource(self, uid: str) -> Json:
        each = self._grafana.state.dashboards[uid]
        spec = {k: v for k, v in each["dashboard"].items() if k not in {"uid", "version", "id"}}
        notes = {
            "grafana.app/updatedBy": each["by"],
            "grafana.app/updatedTimestamp": "2026-01-02T03:04:05Z",
        }
        if each["folderUid"]:
            notes["grafana.app/folder"] = each["folderUid"]
        if each["provisioned"]:
            notes["grafana.app/managedBy"] = "classic-file-provisioning"
        return {
            "metadata": {
                "name": uid,
                "resourceVersion": str(each["dashboard"]["version"]),
                "generation": each["dashboard"]["version"],
                "annotations": notes,
            },
            "spec": spec,
            "status": {"conversion": {"storedVersion": each.get("stored", "v1beta1")}},
        }


def _failure(code: int, reason: str, message: str) -> Json:
    return {
        "kind": "Status",
        "status": "Failure",
        "code": code,
        "reason": reason,
        "message": message,
    }
