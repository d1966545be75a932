"""A Grafana that fails on purpose: as much of its API as publishing speaks, in both generations.

What it answers is held against a real Grafana by conformance.py. ``fault`` breaks one request.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

Json = dict[str, Any]
Reply = tuple[int, Any]
#: ``lost``: not carried out, and no answer; ``unanswered``: carried out, and no answer.
Fault = Literal["lost", "unanswered", "429", "502", "503", "504", "502 done", "504 done"]


#: The actions of a service account of each basic role, as Grafana 11.0.0 told of them, as far
#: as publishing asks.
_VIEWER = {
    "datasources:read": ["datasources:*", "datasources:uid:grafana"],
    "folders:read": ["folders:uid:general", "folders:uid:sharedwithme"],
    "orgs:read": [""],
}
_EDITOR = _VIEWER | {"dashboards:create": ["folders:uid:general"], "folders:create": [""]}
GRANTED: dict[str, dict[str, list[str]]] = {
    "Viewer": _VIEWER,
    "Editor": _EDITOR,
    "Admin": {
        **_EDITOR,
        "alert.provisioning:write": [""],
        "dashboards:create": ["folders:uid:general", "folders:*", "folders:*"],
        "dashboards:delete": ["dashboards:*", "folders:*"],
        "dashboards:read": ["dashboards:*", "folders:*"],
        "dashboards:write": ["dashboards:*", "folders:*"],
        "datasources:create": [""],
        "datasources:delete": ["datasources:*"],
        "datasources:write": ["datasources:*"],
        "folders.permissions:write": ["folders:*"],
        "folders:delete": ["folders:*"],
        "folders:read": ["folders:*", "folders:uid:general"],
        "folders:write": ["folders:*"],
    },
}


@dataclass
class State:
    """All that it holds."""

    folders: dict[str, Json] = field(default_factory=dict)
    dashboards: dict[str, Json] = field(default_factory=dict)
    datasources: dict[str, Json] = field(default_factory=dict)
    correlations: dict[str, Json] = field(default_factory=dict)
    counter: int = 0

    def next(self) -> int:
        self.counter += 1
        return self.counter


@dataclass
class Broken:
    """Which request, counted from 0, goes wrong, and how."""

    at: int
    fault: Fault
    headers: dict[str, str] = field(default_factory=dict)


class FakeGrafana:
    """``generation`` 1 speaks /api alone, 2 dashboards as resources too."""

    def __init__(self, generation: Literal[1, 2] = 1) -> None:
        self.generation = generation
        self.state = State()
        self.seen: list[tuple[str, str]] = []
        self.broken: Broken | None = None
        self.meddle: Callable[[str, str], None] | None = None
        self.token = "secret-token"  # noqa: S105 - it opens nothing
        self.role: Literal["Admin", "Editor", "Viewer", "unsaid"] = "Admin"
        self._lock = threading.RLock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                outer.serve(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def writes(self) -> list[tuple[str, str]]:
        return [each for each in self.seen if each[0] != "GET"]

    @staticmethod
    def history(known: Json | None) -> list[Json]:
        """The versions before the next save, the newest first."""
        if known is None:
            return []
        newest = {
            "version": known["dashboard"]["version"],
            "message": known["message"],
            "createdBy": known["by"],
            "created": "2026-01-01T03:04:05Z",
            "data": known["dashboard"],
        }
        return [newest, *known.get("history", [])]

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length)
        with self._lock:
            number = len(self.seen)
            parts = urlsplit(handler.path)
            self.seen.append((handler.command, parts.path))
            broken = self.broken if self.broken and self.broken.at == number else None
            if self.meddle is not None:
                self.meddle(handler.command, parts.path)
            fault = broken.fault if broken else None
            reply: Reply | None = None
            if fault in {None, "unanswered", "502 done", "504 done"}:
                reply = self._reply(handler, parts.path, parse_qs(parts.query), body)
        if fault in {"lost", "unanswered"}:
            handler.close_connection = True
            handler.connection.close()
            return
        if fault is not None:
            reply = (int(fault.split()[0]), {"message": "broken on purpose"})
        assert reply is not None
        headers = broken.headers if broken else {}
        self._answer(handler, reply, headers)

    def _answer(
        self, handler: BaseHTTPRequestHandler, reply: Reply, headers: dict[str, str]
    ) -> None:
        data = json.dumps(reply[1]).encode()
        handler.send_response(reply[0])
        handler.send_header("Content-Type", "application/json; charset=UTF-8")
        handler.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(data)

    def _reply(
        self, handler: BaseHTTPRequestHandler, path: str, query: dict[str, list[str]], data: bytes
    ) -> Reply:
        if handler.headers.get("Authorization") != f"Bearer {self.token}":
            return 401, {"message": "Invalid API key"}
        body = json.loads(data) if data else None
        segments = tuple(unquote(each) for each in path.strip("/").split("/"))
        one = {name: values[0] for name, values in query.items()}
        match handler.command, segments:
            case "GET", ("api", "access-control", "user", "permissions"):
                if self.role == "unsaid":
                    return 404, {"message": "Not found"}
                return 200, GRANTED[self.role]
            case _ if not self._may(handler.command, segments):
                return 403, {"message": "You'll need additional permissions"}
            case "GET", ("api", "org"):
                return 200, {"id": 1, "name": "Main Org."}
            case "GET", ("api", "search"):
                return 200, self._search(one)
            case _, ("api", "folders", *rest):
                return self._folders(handler.command, rest, body, one)
            case _, ("api", "dashboards", *rest):
                return self._dashboards(handler.command, rest, body)
            case "GET", ("api", "datasources", "correlations"):
                return 200, {"correlations": list(self.state.correlations.values())}
            case _, ("api", "datasources", "uid", source, "correlations", *rest):
                return self._correlations(handler.command, source, rest, body)
            case _, ("api", "datasources", *rest):
                return self._datasources(handler.command, rest, body)
            case _, ("apis", "dashboard.grafana.app", *rest) if self.generation == 2:
                return self._resources(handler.command, rest, body)
        return 404, {"message": "Not found"}

    def _may(self, method: str, segments: tuple[str, ...]) -> bool:
        """Roughly what a role may write: enough to see that nothing was tried."""
        if method == "GET" or self.role in {"Admin", "unsaid"}:
            return True
        return self.role == "Editor" and segments[1] in {
            "folders",
            "dashboards",
            "dashboard.grafana.app",
        }

    def _search(self, query: dict[str, str]) -> list[Json]:
        folder = query.get("folderUIDs")
        return [
            {
                "uid": uid,
                "title": each["dashboard"]["title"],
                "tags": each["dashboard"].get("tags", []),
                "type": "dash-db",
                **({"folderUid": each["folderUid"]} if each["folderUid"] else {}),
            }
            for uid, each in sorted(self.state.dashboards.items())
            if folder is None or each["folderUid"] == folder
        ][: int(query.get("limit", 1000))]

    def _folders(self, method: str, rest: list[str], body: Any, query: dict[str, str]) -> Reply:
        folders = self.state.folders
        if method == "GET" and not rest:
            listed = [{"uid": uid, "title": each["title"]} for uid, each in folders.items()]
            return 200, listed if int(query.get("page", 1)) == 1 else []
        if method == "POST":
            uid = body["uid"]
            if uid in folders:
                return 412, {"message": "the folder has been changed by someone else"}
            folders[uid] = {"uid": uid, "title": body["title"], "version": 1}
            return 200, folders[uid]
        if rest[0] not in folders:
            return 404, {"message": "folder not found"}
        folder = folders[rest[0]]
        if method == "PUT":
            if body.get("version") != folder["version"] and not body.get("overwrite"):
                return 412, {"message": "the folder has been changed by someone else"}
            folder.update(title=body["title"], version=folder["version"] + 1)
        elif method == "DELETE":
            del folders[rest[0]]
            for uid in [
                uid for uid, each in self.state.dashboards.items() if each["folderUid"] == rest[0]
            ]:
                del self.state.dashboards[uid]
        return 200, folder

    def _dashboards(self, method: str, rest: list[str], body: Any) -> Reply:
        held = self.state.dashboards
        if method == "POST" and rest == ["db"]:
            return self._save(body)
        uid = rest[1]
        if uid not in held:
            return 404, {"message": "Dashboard not found"}
        each = held[uid]
        if rest[2:] == ["versions"]:
            newest = {
                "version": each["dashboard"]["version"],
                "message": each["message"],
                "createdBy": each["by"],
                "created": "2026-01-02T03:04:05Z",
            }
            older = [
                {**old, "data": None, "message": "Initial save"}
                if old["version"] == 1
                else {**old, "data": None}
                for old in each.get("history", [])
            ]
            return 200, [newest, *older]
        if rest[2:3] == ["versions"]:
            kept = {str(old["version"]): old for old in each.get("history", [])}
            return (200, kept[rest[3]]) if rest[3] in kept else (404, {"message": "not found"})
        if method == "DELETE":
            del held[uid]
            return 200, {"title": each["dashboard"]["title"]}
        meta = {
            "folderUid": each["folderUid"],
            "provisioned": each["provisioned"],
            "provisionedExternalId": "file.json" if each["provisioned"] else "",
            "version": each["dashboard"]["version"],
        }
        return 200, {"meta": meta, "dashboard": each["dashboard"]}

    def _save(self, body: Json, by: str = "publisher") -> Reply:
        held, dashboard = self.state.dashboards, dict(body["dashboard"])
        uid, folder = dashboard["uid"], body.get("folderUid", "")
        if folder and folder not in self.state.folders:
            return 400, {"message": "folder not found"}
        known = held.get(uid)
        if known is not None:
            if known["provisioned"]:
                return 400, {"message": "Cannot save provisioned dashboard"}
            if dashboard.get("version") != known["dashboard"]["version"]:
                return 412, {"message": "changed by someone else", "status": "version-mismatch"}
            dashboard["version"] += 1
        else:
            if any(
                each["folderUid"] == folder and each["dashboard"]["title"] == dashboard["title"]
                for each in held.values()
            ):
                return 412, {"message": "same name in the folder", "status": "name-exists"}
            dashboard["version"] = 1
        dashboard["id"] = known["dashboard"]["id"] if known else self.state.next()
        held[uid] = {
            "dashboard": dashboard,
            "folderUid": folder,
            "message": body.get("message", ""),
            "by": by,
            "provisioned": False,
            "history": self.history(known),
        }
        return 200, {"status": "success", "uid": uid, "version": dashboard["version"]}

    def edit(self, uid: str, by: str = "alice", message: str = "", **settings: Any) -> None:
        """Somebody saves the dashboard in the UI."""
        each = self.state.dashboards[uid]
        each["history"] = self.history(each)
        each["dashboard"] = {
            **each["dashboard"],
            **settings,
            "version": each["dashboard"]["version"] + 1,
        }
        each["by"], each["message"] = by, message

    def _datasources(self, method: str, rest: list[str], body: Any) -> Reply:
        held = self.state.datasources
        if method == "GET" and not rest:
            return 200, list(held.values())
        if method == "POST":
            if any(
                body["uid"] == uid or body["name"] == each["name"] for uid, each in held.items()
            ):
                return 409, {"message": "data source with the same name or uid already exists"}
            return 200, {"datasource": self._put_datasource(body["uid"], {**body, "version": 0})}
        uid = rest[1]
        if uid not in held:
            return 404, {"message": "Data source not found"}
        if method == "GET":
            return 200, held[uid]
        if held[uid]["readOnly"]:
            return 403, {"message": "Cannot update read-only data source"}
        if method == "DELETE":
            del held[uid]
            for key in [key for key, each in self.state.correlations.items() if uid in key]:
                del self.state.correlations[key]
            return 200, {"message": "Data source deleted"}
        if body.get("version") and body["version"] != held[uid]["version"]:
            return 409, {"message": "Datasource has already been updated by someone else"}
        body = {**body, "version": held.pop(uid)["version"]}
        return 200, {"datasource": self._put_datasource(body["uid"], body)}

    def _put_datasource(self, uid: str, body: Json) -> Json:
        if body.get("isDefault"):
            for each in self.state.datasources.values():
                each["isDefault"] = False
        kept = {name: body.get(name, "") for name in ("name", "type", "access", "url")}
        self.state.datasources[uid] = {
            **kept,
            "uid": uid,
            "isDefault": bool(body.get("isDefault")),
            "jsonData": body.get("jsonData") or {},
            "secureJsonFields": {},
            "readOnly": False,
            "version": body["version"] + 1,
        }
        return self.state.datasources[uid]

    def _correlations(self, method: str, source: str, rest: list[str], body: Any) -> Reply:
        held = self.state.correlations
        if source not in self.state.datasources:
            return 404, {"message": "Data source not found"}
        if method == "POST":
            uid = f"{source}-{self.state.next()}"
            held[uid] = {**body, "uid": uid, "sourceUID": source, "provisioned": False}
            return 200, {"result": held[uid]}
        if rest[0] not in held:
            return 404, {"message": "Correlation not found"}
        if method == "PATCH":
            held[rest[0]].update(body)
            return 200, {"result": held[rest[0]]}
        del held[rest[0]]
        return 200, {"message": "Correlation deleted"}

    def _resources(self, method: str, rest: list[str], body: Any) -> Reply:
        if not rest:
            return 200, {"versions": [{"version": "v1beta1"}, {"version": "v2alpha1"}]}
        held = self.state.dashboards
        if len(rest) == 4 and method == "GET":
            items = [self._resource(uid) for uid in sorted(held)]
            return 200, {"items": items, "metadata": {}}
        if method == "POST":
            uid = body["metadata"]["name"]
            if uid in held:
                return 409, {"message": "already exists"}
            return self._put_resource(uid, body, 201)
        uid = rest[4]
        if uid not in held:
            return 404, {"message": "not found"}
        if method == "GET":
            return 200, self._resource(uid)
        seen = self._resource(uid)["metadata"]["resourceVersion"]
        if method == "DELETE":
            asked = (body or {}).get("preconditions", {}).get("resourceVersion", seen)
            if asked != seen:
                return 409, {"message": "the object has been modified"}
            del held[uid]
            return 200, {"status": "Success"}
        if body["metadata"].get("resourceVersion") != seen:
            return 409, {"message": "the object has been modified"}
        return self._put_resource(uid, body, 200)

    def _put_resource(self, uid: str, body: Json, status: int) -> Reply:
        notes = body["metadata"]["annotations"]
        folder = notes.get("grafana.app/folder", "")
        if folder and folder not in self.state.folders:
            return 400, {"message": "folder not found"}
        known = self.state.dashboards.get(uid)
        version = known["dashboard"]["version"] + 1 if known else 1
        number = known["dashboard"]["id"] if known else self.state.next()
        self.state.dashboards[uid] = {
            "dashboard": {**body["spec"], "uid": uid, "version": version, "id": number},
            "folderUid": folder,
            "message": notes.get("grafana.app/message", ""),
            "by": "publisher",
            "provisioned": False,
            "history": self.history(known),
        }
        return status, self._resource(uid)

    def _resource(self, uid: str) -> Json:
        each = self.state.dashboards[uid]
        spec = {k: v for k, v in each["dashboard"].items() if k not in {"uid", "version", "id"}}
        notes = {
            "grafana.app/folder": each["folderUid"],
            "grafana.app/message": each["message"],
            "grafana.app/updatedBy": each["by"],
            "grafana.app/updatedTimestamp": "2026-01-02T03:04:05Z",
        }
        if each["provisioned"]:
            notes["grafana.app/managedBy"] = "classic-file-provisioning"
        return {
            "metadata": {
                "name": uid,
                "resourceVersion": str(each["dashboard"]["version"]),
                "annotations": notes,
            },
            "spec": spec,
            "status": {"conversion": {"storedVersion": each.get("stored", "v1beta1")}},
        }
