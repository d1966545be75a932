"""A Grafana that fails on purpose: as much of its API as publishing speaks, in both generations.

What it answers is held against real ones by conformance.py; where releases differ, ``release``
says which one this is. ``broken`` breaks a request, ``meddle`` is called before each.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from tests.delivery.publish import fake_alerting
from tests.delivery.publish.fake_resources import Resources

Json = dict[str, Any]
_FOLDER_CHANGED = {
    "message": "the folder has been changed by someone else",
    "status": "version-mismatch",
}
_FOLDER_NAMED = {"message": "a folder with the same name already exists"}
Reply = tuple[int, Any]
#: ``lost``: not carried out, and no answer; ``unanswered``: carried out, and no answer; ``202``:
#: not carried out, although it says that it will be.
Fault = Literal["lost", "unanswered", "202", "429", "502", "503", "504", "502 done", "504 done"]


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
    alerting: fake_alerting.AlertingState = field(default_factory=fake_alerting.AlertingState)
    counter: int = 0

    def next(self) -> int:
        self.counter += 1
        return self.counter


@dataclass
class Broken:
    """Which request, counted from 0, goes wrong, how, and how many in a row."""

    at: int
    fault: Fault
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 1

    def hits(self, number: int) -> bool:
        return self.at <= number < self.at + self.times


class FakeGrafana:
    """``generation`` 1 speaks /api alone, 2 dashboards as resources too."""

    def __init__(
        self, generation: Literal[1, 2] = 1, release: tuple[int, ...] | None = None
    ) -> None:
        self.generation = generation
        self.release = release or ((11, 0, 0) if generation == 1 else (12, 0, 0))
        self.state = State()
        self.resources = Resources(self)
        self.seen: list[tuple[str, str]] = []
        self.broken: Broken | None = None
        self.headers: list[dict[str, str]] = []
        self.meddle: Callable[[str, str], None] | None = None
        self.after: Callable[[str, str], None] | None = None
        self.token = "secret-token"  # noqa: S105 - it opens nothing
        self.role: Literal["Admin", "Editor", "Viewer", "unsaid"] = "Admin"
        self._lock = threading.RLock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # An answer is two writes, and the second would wait for the first one's receipt.
            disable_nagle_algorithm = True

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
            self.headers.append(dict(handler.headers))
            broken = self.broken if self.broken and self.broken.hits(number) else None
            if self.meddle is not None:
                self.meddle(handler.command, parts.path)
            fault = broken.fault if broken else None
            if handler.command == "GET" and fault == "202":
                fault = None  # Threads took another order; it is what writes are answered.
            reply: Reply | None = None
            if fault in {None, "unanswered", "502 done", "504 done"}:
                reply = self._reply(handler, parts.path, parse_qs(parts.query), body)
            if self.after is not None:
                self.after(handler.command, parts.path)
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
        data = b"" if reply[0] == 204 else json.dumps(reply[1]).encode()
        handler.send_response(reply[0])
        handler.send_header("Content-Type", "application/json; charset=UTF-8")
        handler.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            handler.send_header(name, value)
        with suppress(ConnectionError):  # Whoever asked may have been killed.
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
        if segments == ("api", "access-control", "user", "permissions"):
            if self.role == "unsaid":
                return 404, {"message": "Not found"}
            return 200, GRANTED[self.role]
        if not self._may(handler.command, segments):
            return 403, {"message": "You'll need additional permissions"}
        if segments[:2] == ("api", "folders") and not {*segments[2:3]} <= {*self.state.folders}:
            if self.role in {"Editor", "Viewer"}:  # They may not read all folders.
                return 403, {"message": "Permissions needed: folders:read"}
            return 404, {"message": "folder not found", "status": "not-found"}
        header = handler.headers.get("X-Disable-Provenance") == "true"
        own = fake_alerting.reply(
            self.state.alerting,
            handler.command,
            segments,
            body,
            header=header,
            release=self.release,
        )
        return own or self._other(handler.command, segments, body, one)

    def _other(
        self, method: str, segments: tuple[str, ...], body: Any, one: dict[str, str]
    ) -> Reply:
        match method, segments:
            case "GET", ("api", "frontend", "settings"):
                return 200, {"buildInfo": {"version": ".".join(map(str, self.release))}}
            case "GET", ("api", "org"):
                return 200, {"id": 1, "name": "Main Org."}
            case "GET", ("api", "search"):
                return 200, self._search(one)
            case _, ("api", "folders", *rest):
                return self._folders(method, rest, body, one)
            case _, ("api", "dashboards", *rest):
                return self._dashboards(method, rest, body, one)
            case "GET", ("api", "datasources", "correlations"):
                return 200, self._listed_correlations(one)
            case _, ("api", "datasources", "uid", source, "correlations", *rest):
                return self._correlations(method, source, rest, body)
            case _, ("api", "datasources", *rest):
                return self._datasources(method, rest, body)
            case _, ("apis", "dashboard.grafana.app", *rest) if self.generation == 2:
                return self.resources.reply(method, rest, body, one)
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
        # 9.4 takes no notice of it.
        folder = query.get("folderUIDs") if self.release >= (10,) else None
        kind, page = query.get("type", ""), int(query.get("page", 1))
        limit = int(query.get("limit", 1000))
        folders = [
            {"uid": uid, "title": each["title"], "tags": [], "type": "dash-folder"}
            for uid, each in sorted(self.state.folders.items())
            if folder is None
        ]
        boards = [
            {
                "uid": uid,
                "title": each["dashboard"]["title"],
                "tags": each["dashboard"].get("tags", []),
                "type": "dash-db",
                **({"folderUid": each["folderUid"]} if each["folderUid"] else {}),
            }
            for uid, each in sorted(self.state.dashboards.items())
            if folder is None or each["folderUid"] == folder
        ]
        hits = [hit for hit in (*folders, *boards) if kind in {"", hit["type"]}]
        return hits[(page - 1) * limit : page * limit]

    def _all_folders(self, method: str, body: Any, query: dict[str, str]) -> Reply:
        folders = self.state.folders
        if method == "GET":
            listed = [
                {key: each[key] for key in ("uid", "title", "parentUid") if key in each}
                for each in folders.values()
                if each.get("parentUid", "") == query.get("parentUid", "")
            ]
            return 200, listed if int(query.get("page", 1)) == 1 else []
        uid = body["uid"]
        if body.get("parentUid") not in {None, *folders}:
            return 400, {"message": "parent folder not found"}
        if uid in folders:
            return 412, _FOLDER_CHANGED
        if any(each["title"] == body["title"] for each in folders.values()):
            return 409, _FOLDER_NAMED
        folders[uid] = {"uid": uid, "title": body["title"], "version": 1}
        if body.get("parentUid"):
            folders[uid]["parentUid"] = body["parentUid"]
        return 200, folders[uid]

    def _folders(self, method: str, rest: list[str], body: Any, query: dict[str, str]) -> Reply:
        folders = self.state.folders
        if not rest:
            return self._all_folders(method, body, query)
        if rest[0] not in folders:
            return 404, {"message": "folder not found", "status": "not-found"}
        folder = folders[rest[0]]
        if rest[1:] == ["move"]:
            folder["parentUid"] = body["parentUid"]
        elif method == "PUT":
            if body.get("version") != folder["version"] and not body.get("overwrite"):
                return 412, _FOLDER_CHANGED
            if any(
                each["title"] == body["title"] for each in folders.values() if each is not folder
            ):
                return 409, _FOLDER_NAMED
            folder.update(title=body["title"], version=folder["version"] + 1)
        elif method == "DELETE":
            del folders[rest[0]]
            for uid in [
                uid for uid, each in self.state.dashboards.items() if each["folderUid"] == rest[0]
            ]:
                del self.state.dashboards[uid]
            return 200, {"message": "Folder deleted"} if self.release >= (10,) else ""
        return 200, folder

    def _dashboards(self, method: str, rest: list[str], body: Any, query: dict[str, str]) -> Reply:
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
                # 9.4 says who as a number.
                "createdBy": each["by"] if self.release >= (10,) else 7,
                "created": "2026-01-02T03:04:05Z",
            }
            older = [
                {**old, "data": None, "message": "Initial save"}
                if old["version"] == 1
                else {**old, "data": None}
                for old in each.get("history", [])
            ]
            return 200, [newest, *older][: int(query.get("limit", 1000))]
        if rest[2:3] == ["versions"]:
            kept = {str(old["version"]): old for old in each.get("history", [])}
            return (200, kept[rest[3]]) if rest[3] in kept else (404, {"message": "not found"})
        if method == "DELETE":
            if each["provisioned"]:
                return 400, {"message": "provisioned dashboard cannot be deleted"}
            del held[uid]
            return 200, {"title": each["dashboard"]["title"]}
        meta = {
            "folderUid": each["folderUid"],
            "provisioned": each["provisioned"],
            "provisionedExternalId": "file.json" if each["provisioned"] else "",
            "version": each["dashboard"]["version"],
            "updatedBy": each["by"],
        }
        return 200, {"meta": meta, "dashboard": each["dashboard"]}

    def _save(self, body: Json, by: str = "publisher") -> Reply:
        held, dashboard = self.state.dashboards, dict(body["dashboard"])
        uid, folder = dashboard["uid"], body.get("folderUid", "")
        if folder and folder not in self.state.folders:
            return 400, {"message": "folder not found"}
        known = held.get(uid)
        number = dashboard.get("id")
        if number and all(each["dashboard"]["id"] != number for each in held.values()):
            return 404, {"message": "Dashboard not found", "status": "not-found"}
        if any(
            each["folderUid"] == folder and each["dashboard"]["title"] == dashboard["title"]
            for other, each in held.items()
            if other != uid
        ):
            return 412, {"message": "same name in the folder", "status": "name-exists"}
        if known is not None:
            if known["provisioned"]:
                return 400, {"message": "Cannot save provisioned dashboard"}
            if dashboard.get("version") != known["dashboard"]["version"]:
                return 412, {"message": "changed by someone else", "status": "version-mismatch"}
            dashboard["version"] += 1
        else:
            dashboard["version"] = 1
        dashboard["id"] = known["dashboard"]["id"] if known else self.state.next()
        held[uid] = {
            "dashboard": dashboard,
            "folderUid": folder,
            # A creation's own message is not kept.
            "message": body.get("message", "") if known else "Initial save",
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

    def provision(self, board_uid: str, board: Json, source_uid: str, source: Json) -> None:
        """A dashboard and a datasource that come from files."""
        self.state.dashboards[board_uid] = {
            "dashboard": {**board, "id": self.state.next(), "version": 1},
            "folderUid": "",
            "message": "",
            "by": "",
            "provisioned": True,
        }
        self._put_datasource(source_uid, {**source, "version": 0})["readOnly"] = True

    def _datasources(self, method: str, rest: list[str], body: Any) -> Reply:
        held = self.state.datasources
        if method == "GET" and not rest:
            return 200, [
                {k: v for k, v in each.items() if k != "version"} for each in held.values()
            ]
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
            for key, each in list(self.state.correlations.items()):
                if uid in {each["sourceUID"], each["targetUID"]}:
                    del self.state.correlations[key]
            return 200, {"message": "Data source deleted"}
        # A later version than its own is taken, and none at all is no lock.
        if body.get("version") and body["version"] < held[uid]["version"]:
            return 409, {"message": "Datasource has already been updated by someone else"}
        others = {other: each for other, each in held.items() if other != uid}
        if body["uid"] in others:
            return 500, {"message": "Failed to update datasource"}
        if any(each["name"] == body["name"] for each in others.values()):
            named = {"message": "data source with the same name already exists"}
            return (409 if self.release >= (10,) else 500), named
        del held[uid]
        body = {**body, "version": body.get("version") or 0}
        return 200, {"datasource": self._put_datasource(body["uid"], body)}

    def _put_datasource(self, uid: str, body: Json) -> Json:
        if self.release >= (10,) and not self.state.datasources:
            body = {**body, "isDefault": True}
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

    def _listed_correlations(self, query: dict[str, str]) -> Any:
        """Those whose two ends are there; 9.4 has no pages."""
        sources = self.state.datasources
        listed = [
            each
            for each in self.state.correlations.values()
            if each["sourceUID"] in sources and each["targetUID"] in sources
        ]
        if self.release < (10,):
            return listed
        page, limit = int(query.get("page", 1)), int(query.get("limit", 100))
        kept = listed[(page - 1) * limit : page * limit]
        return {"correlations": kept, "totalCount": len(listed), "page": page, "limit": limit}

    def _correlations(self, method: str, source: str, rest: list[str], body: Any) -> Reply:
        held = self.state.correlations
        if source not in self.state.datasources:
            return 404, {"message": "Data source not found"}
        if method == "POST":
            if body["targetUID"] not in self.state.datasources:
                return 404, {"message": "Data source not found"}
            if self.release < (10,):
                kept = {k: v for k, v in body["config"].items() if k != "transformations"}
                body = {**body, "config": kept}
            if "type" not in body["config"]:
                return 400, {"message": "bad request data"}
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
