"""What a Grafana answers to all that publishing sends, as one suite for the fake and real ones.

Each scenario sends requests and says what must hold of the answers: the status, the keys that
publishing reads, and what is there afterwards. ``make test`` runs it against the fake, ``make
live`` against every Grafana that is found. Where releases differ, the scenario says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

Json = dict[str, Any]
#: What a Grafana with the provisioning files of :func:`provisioning` has from the start.
PROVISIONED_BOARD, PROVISIONED_SOURCE = "conf-provisioned", "conf-provisioned-source"
_TEN = (10,)


@dataclass
class Client:
    """Asks one Grafana. ``headers`` or ``auth`` let it write; ``release`` is what it is."""

    url: str
    release: tuple[int, ...]
    session: requests.Session = field(default_factory=requests.Session)

    def ask(self, method: str, path: str, body: Any = None, *, status: int) -> Any:
        """The answer's body, which must come with that status."""
        answer = self.session.request(method, self.url + path, json=body, timeout=30)
        assert answer.status_code == status, (method, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def save(self, board: Json, folder: str, message: str = "", *, status: int) -> Json:
        """A dashboard, as publishing saves one."""
        sent = {
            "dashboard": board,
            "folderUid": folder,
            "message": message,
            "overwrite": False,
        }
        saved: Json = self.ask("POST", "/api/dashboards/db", sent, status=status)
        return saved

    def sources(self) -> dict[str, Json]:
        """Every datasource by uid."""
        return {each["uid"]: each for each in self.ask("GET", "/api/datasources", status=200)}

    def correlations(self) -> list[Json]:
        """Every correlation."""
        where = "/api/datasources/correlations?limit=1000&page=1"
        answer = self.ask("GET", where, status=200)
        if self.release < _TEN:
            assert isinstance(answer, list)
            return answer
        listed: list[Json] = answer["correlations"]
        return listed


def board(uid: str, title: str, **more: Any) -> Json:
    """A small dashboard."""
    return {"uid": uid, "title": title, "tags": ["conf"], "panels": [], "id": None, **more}


def source(uid: str, name: str, **more: Any) -> Json:
    """A small datasource, marked as publishing marks its own."""
    settings = {"httpMethod": "POST", "managedBy": "conf", "publishedDigest": "0"}
    return {
        "uid": uid,
        "name": name,
        "type": "prometheus",
        "access": "proxy",
        "url": "http://127.0.0.1:1",
        "isDefault": False,
        "jsonData": settings,
        **more,
    }


def folders(client: Client) -> None:
    made = client.ask("POST", "/api/folders", {"uid": "conf-a", "title": "Conf A"}, status=200)
    assert (made["uid"], made["title"], made["version"]) == ("conf-a", "Conf A", 1)
    client.ask("POST", "/api/folders", {"uid": "conf-a", "title": "Conf Z"}, status=412)
    client.ask("POST", "/api/folders", {"uid": "conf-b", "title": "Conf A"}, status=409)
    client.ask("POST", "/api/folders", {"uid": "conf-c", "title": "Conf C"}, status=200)
    listed = client.ask("GET", "/api/folders?limit=1000&page=1", status=200)
    assert {("conf-a", "Conf A"), ("conf-c", "Conf C")} <= {
        (each["uid"], each["title"]) for each in listed
    }
    assert client.ask("GET", "/api/folders?limit=1000&page=2", status=200) == []
    there = client.ask("GET", "/api/folders/conf-a", status=200)
    assert (there["uid"], there["version"]) == ("conf-a", 1)
    client.ask("GET", "/api/folders/conf-none", status=404)
    renamed = {"title": "Conf A2", "version": 1}
    client.ask("PUT", "/api/folders/conf-a", {**renamed, "version": 99}, status=412)
    assert client.ask("PUT", "/api/folders/conf-a", renamed, status=200)["version"] == 2
    client.ask("PUT", "/api/folders/conf-a", renamed, status=412)
    client.ask("PUT", "/api/folders/conf-a", {"title": "Conf C", "version": 2}, status=409)
    client.ask("PUT", "/api/folders/conf-none", renamed, status=404)
    client.ask("DELETE", "/api/folders/conf-c", status=200)
    client.ask("DELETE", "/api/folders/conf-c", status=404)


def dashboards(client: Client) -> None:
    client.ask("POST", "/api/folders", {"uid": "conf-f", "title": "Conf F"}, status=200)
    client.ask("POST", "/api/folders", {"uid": "conf-g", "title": "Conf G"}, status=200)
    saved = client.save(board("conf-1", "One"), "conf-f", "first", status=200)
    assert (saved["uid"], saved["version"], saved["status"]) == ("conf-1", 1, "success")
    taken = client.save(board("conf-1", "Other"), "conf-f", status=412)
    assert taken["status"] == "version-mismatch"
    named = client.save(board("conf-2", "One"), "conf-f", status=412)
    assert named["status"] == "name-exists"
    client.save(board("conf-2", "One"), "conf-g", status=200)
    client.save(board("conf-3", "Three"), "conf-none", status=400)
    whole = client.ask("GET", "/api/dashboards/uid/conf-1", status=200)
    assert whole["meta"]["folderUid"] == "conf-f"
    assert whole["meta"]["provisioned"] is False
    seen = whole["dashboard"]
    assert (seen["uid"], seen["title"], seen["tags"], seen["version"]) == (
        "conf-1",
        "One",
        ["conf"],
        1,
    )
    later = board("conf-1", "One", id=seen["id"], version=1, description="later")
    assert client.save(later, "conf-f", "second", status=200)["version"] == 2
    stale = client.save({**later, "description": "stale"}, "conf-f", status=412)
    assert stale["status"] == "version-mismatch"
    client.save({**later, "version": 99}, "conf-f", status=412)
    client.save({**later, "id": 99999999, "version": 2}, "conf-f", status=404)
    moved = {**later, "version": 2}
    assert client.save(moved, "", "third", status=200)["version"] == 3
    # Up to 11.0 the release notices a second title in a folder also where one is moved to it.
    clash = client.save({**moved, "version": 3}, "conf-g", status=412)
    assert clash["status"] == "name-exists"
    home = client.ask("GET", "/api/dashboards/uid/conf-1", status=200)
    assert home["meta"]["folderUid"] == ""
    assert home["dashboard"]["description"] == "later"
    client.ask("GET", "/api/dashboards/uid/conf-none", status=404)
    client.ask("DELETE", "/api/dashboards/uid/conf-1", status=200)
    client.ask("DELETE", "/api/dashboards/uid/conf-1", status=404)
    client.ask("GET", "/api/dashboards/uid/conf-1", status=404)


def versions(client: Client) -> None:
    client.save(board("conf-v", "Versions"), "", "first message", status=200)
    where = "/api/dashboards/uid/conf-v/versions?limit=1"
    first = client.ask("GET", where, status=200)[0]
    # A creation's own message is not kept.
    assert (first["version"], first["message"]) == (1, "Initial save")
    assert first["created"]
    who = client.ask("GET", "/api/dashboards/uid/conf-v", status=200)["meta"]["updatedBy"]
    assert isinstance(who, str)
    if client.release < _TEN:
        assert isinstance(first["createdBy"], int)
    else:
        assert first["createdBy"] == who
    number = client.ask("GET", "/api/dashboards/uid/conf-v", status=200)["dashboard"]["id"]
    for version, message in ((1, "second message"), (2, "")):
        client.save(
            board("conf-v", "Versions", id=number, version=version), "", message, status=200
        )
        newest = client.ask("GET", where, status=200)
        assert len(newest) == 1
        assert (newest[0]["version"], newest[0]["message"]) == (version + 1, message)
    client.ask("GET", "/api/dashboards/uid/conf-none/versions?limit=1", status=404)


def search(client: Client) -> None:
    client.ask("POST", "/api/folders", {"uid": "conf-s", "title": "Conf S"}, status=200)
    client.ask("POST", "/api/folders", {"uid": "conf-e", "title": "Conf E"}, status=200)
    client.save(board("conf-in", "Inside"), "conf-s", status=200)
    client.save(board("conf-top", "On top"), "", status=200)
    hits = client.ask("GET", "/api/search?type=dash-db&limit=5000&page=1", status=200)
    found = {hit["uid"]: hit for hit in hits}
    assert {hit["type"] for hit in hits} == {"dash-db"}
    inside = found["conf-in"]
    assert (inside["title"], inside["tags"], inside["folderUid"]) == (
        "Inside",
        ["conf"],
        "conf-s",
    )
    assert "folderUid" not in found["conf-top"]
    assert client.ask("GET", "/api/search?type=dash-db&limit=5000&page=2", status=200) == []
    for folder, uids in (("conf-s", {"conf-in"}), ("conf-e", set())):
        hits = client.ask("GET", f"/api/search?folderUIDs={folder}&limit=5000&page=1", status=200)
        if client.release < _TEN:
            assert {"conf-in", "conf-top"} <= {hit["uid"] for hit in hits}
        else:
            assert {hit["uid"] for hit in hits} == uids
        assert {hit["uid"] for hit in hits if hit.get("folderUid") == folder} == uids
    client.ask("DELETE", "/api/folders/conf-s", status=200)
    client.ask("GET", "/api/dashboards/uid/conf-in", status=404)


def datasources(client: Client) -> None:
    made = client.ask("POST", "/api/datasources", source("conf-d", "Conf D"), status=200)
    assert made["datasource"]["uid"] == "conf-d"
    client.ask("POST", "/api/datasources", source("conf-d", "Conf other"), status=409)
    client.ask("POST", "/api/datasources", source("conf-e", "Conf D"), status=409)
    listed = client.sources()["conf-d"]
    assert listed["jsonData"] == source("", "")["jsonData"]
    assert listed["readOnly"] is False
    there = client.ask("GET", "/api/datasources/uid/conf-d", status=200)
    # The list does not say the version.
    assert "version" not in listed
    for key in ("uid", "name", "type", "access", "url", "isDefault", "jsonData"):
        assert there[key] == listed[key], key
    client.ask("GET", "/api/datasources/uid/conf-none", status=404)
    version = there["version"]
    changed = source("conf-d", "Conf D", url="http://127.0.0.1:2", version=version)
    where = "/api/datasources/uid/conf-d"
    saved = client.ask("PUT", where, changed, status=200)
    assert saved["datasource"]["version"] == version + 1
    client.ask("PUT", where, changed, status=409)
    ahead = client.ask("PUT", where, {**changed, "version": version + 9}, status=200)
    assert ahead["datasource"]["version"] == version + 10
    client.ask("PUT", "/api/datasources/uid/conf-none", changed, status=404)
    client.ask("DELETE", where, status=200)
    client.ask("DELETE", where, status=404)


def default_datasource(client: Client) -> None:
    client.ask("POST", "/api/datasources", source("conf-x", "Conf X", isDefault=True), status=200)
    assert client.sources()["conf-x"]["isDefault"] is True
    client.ask("POST", "/api/datasources", source("conf-y", "Conf Y", isDefault=True), status=200)
    found = client.sources()
    assert found["conf-x"]["isDefault"] is False
    assert found["conf-y"]["isDefault"] is True


def datasource_uid_change(client: Client) -> None:
    client.ask("POST", "/api/datasources", source("conf-old", "Conf old"), status=200)
    client.ask("POST", "/api/datasources", source("conf-far", "Conf far"), status=200)
    there = client.ask("GET", "/api/datasources/uid/conf-old", status=200)
    version = there["version"]
    renamed = source("conf-new", "Conf old", version=version)
    taken = source("conf-far", "Conf old", version=version)
    client.ask("PUT", "/api/datasources/uid/conf-old", taken, status=500)
    clash = 409 if client.release >= _TEN else 500
    named = source("conf-old", "Conf far", version=version)
    client.ask("PUT", "/api/datasources/uid/conf-old", named, status=clash)
    client.ask("PUT", "/api/datasources/uid/conf-old", renamed, status=200)
    client.ask("GET", "/api/datasources/uid/conf-old", status=404)
    there = client.ask("GET", "/api/datasources/uid/conf-new", status=200)
    assert there["name"] == "Conf old"


def correlations(client: Client) -> None:
    for uid in ("conf-from", "conf-to"):
        client.ask("POST", "/api/datasources", source(uid, uid), status=200)
    link = {
        "targetUID": "conf-to",
        "label": "Traces",
        "description": "to the trace",
        "config": {
            "type": "query",
            "field": "traceID",
            "target": {"query": "$traceID"},
            "transformations": [{"type": "logfmt", "field": "line"}],
        },
    }
    root = "/api/datasources/uid/conf-from/correlations"
    before = client.correlations()
    uid = client.ask("POST", root, link, status=200)["result"]["uid"]
    (made,) = [each for each in client.correlations() if each not in before]
    assert (made["uid"], made["sourceUID"], made["targetUID"]) == (uid, "conf-from", "conf-to")
    assert (made["label"], made["description"]) == ("Traces", "to the trace")
    config = dict(link["config"])
    if client.release < _TEN:
        del config["transformations"]
    assert made["config"] == config
    # Nothing keeps the second of the same label away.
    second = client.ask("POST", root, link, status=200)["result"]["uid"]
    assert second != uid
    client.ask("DELETE", f"{root}/{second}", status=200)
    client.ask("POST", root, {**link, "targetUID": "conf-none"}, status=404)
    client.ask("POST", "/api/datasources/uid/conf-none/correlations", link, status=404)
    untyped = {**link, "config": {"field": "traceID", "target": {}}}
    client.ask("POST", root, untyped, status=400)
    client.ask("PATCH", f"{root}/{uid}", {"label": "Traces 2"}, status=200)
    client.ask("PATCH", f"{root}/conf-none", {"label": "x"}, status=404)
    assert [each["label"] for each in client.correlations() if each["uid"] == uid] == ["Traces 2"]
    client.ask("DELETE", f"{root}/{uid}", status=200)
    client.ask("DELETE", f"{root}/{uid}", status=404)
    client.ask("POST", root, link, status=200)
    client.ask("DELETE", "/api/datasources/uid/conf-from", status=200)
    assert client.correlations() == before


def provisioned(client: Client) -> None:
    whole = client.ask("GET", f"/api/dashboards/uid/{PROVISIONED_BOARD}", status=200)
    assert whole["meta"]["provisioned"] is True
    assert whole["meta"]["provisionedExternalId"]
    client.save({**whole["dashboard"], "description": "other"}, "", status=400)
    client.ask("DELETE", f"/api/dashboards/uid/{PROVISIONED_BOARD}", status=400)
    fixed = client.sources()[PROVISIONED_SOURCE]
    assert fixed["readOnly"] is True
    where = f"/api/datasources/uid/{PROVISIONED_SOURCE}"
    client.ask("PUT", where, source(PROVISIONED_SOURCE, fixed["name"]), status=403)
    client.ask("DELETE", where, status=403)


def strangers(client: Client) -> None:
    stranger = Client(client.url, client.release)
    stranger.session.headers["Authorization"] = "Bearer not-a-token"
    assert stranger.ask("GET", "/api/search", status=401)["message"]
    assert client.ask("GET", "/api/org", status=200)["id"] == 1
    client.ask("GET", "/apis/dashboard.grafana.app", status=404)


SCENARIOS: Mapping[str, Callable[[Client], None]] = {
    each.__name__: each
    for each in (
        folders,
        dashboards,
        versions,
        search,
        datasources,
        default_datasource,
        datasource_uid_change,
        correlations,
        provisioned,
        strangers,
    )
}


def clear(client: Client, keep: str = PROVISIONED_BOARD) -> None:
    """Take away what the scenarios left, so that each begins alike; a file's dashboard stays."""
    for hit in client.ask("GET", "/api/search?type=dash-db&limit=5000", status=200):
        if hit["uid"] != keep:
            client.ask("DELETE", f"/api/dashboards/uid/{hit['uid']}", status=200)
    for each in client.ask("GET", "/api/folders?limit=1000", status=200):
        client.ask("DELETE", f"/api/folders/{each['uid']}", status=200)
    for uid in client.sources():
        if uid != PROVISIONED_SOURCE:
            client.ask("DELETE", f"/api/datasources/uid/{uid}", status=200)


def provisioning() -> dict[str, Any]:
    """The one dashboard and the one datasource that come from files."""
    return {
        "board": {"uid": PROVISIONED_BOARD, "title": "From a file", "tags": [], "panels": []},
        "source": {**source(PROVISIONED_SOURCE, "From a file"), "editable": False},
    }
