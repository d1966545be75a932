"""A Grafana by itself: empty, or with a few provisioned files, and accounts to speak to it as."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import yaml

from tests.live.servers import Process, Server, free_port

Json = dict[str, Any]
ADMIN = ("admin", "admin")


@dataclass
class Alone:
    """One that runs: its address, its release, and a session of its administrator."""

    url: str
    server: Server
    admin: requests.Session

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """As its administrator; the answer must be a success."""
        answer = self.admin.request(method, self.url + path, json=body, timeout=60)
        assert answer.ok, (method, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def token(self, role: str, name: str) -> str:
        """A new service account's token."""
        account = self.ask("POST", "/api/serviceaccounts", {"name": name, "role": role})
        made = self.ask("POST", f"/api/serviceaccounts/{account['id']}/tokens", {"name": name})
        return str(made["key"])

    def person(self, login: str) -> requests.Session:
        """A new editor, as one who works in the browser."""
        password = f"{login}-{login}"
        user = {"name": login, "login": login, "password": password}
        number = self.ask("POST", "/api/admin/users", user)["id"]
        self.ask("PATCH", f"/api/org/users/{number}", {"role": "Editor"})
        session = requests.Session()
        session.auth = (login, password)
        return session


@contextmanager
def alone(
    server: Server, folder: Path, provisioning: Path | None = None, *, anonymous: bool = False
) -> Iterator[Alone]:
    """Start it in that folder; it ends with the block. Pictures are taken by ``anonymous``."""
    url = f"http://127.0.0.1:{free_port()}"
    env = {
        "GF_SERVER_HTTP_ADDR": "127.0.0.1",
        "GF_SERVER_HTTP_PORT": url.rpartition(":")[2],
        "GF_PATHS_DATA": str(folder / "data"),
        "GF_PATHS_LOGS": str(folder / "log"),
        "GF_PATHS_PLUGINS": str(folder / "plugins"),
        "GF_PATHS_PROVISIONING": str(provisioning or folder / "none"),
        "GF_ANALYTICS_REPORTING_ENABLED": "false",
        "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
        "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
        "GF_NEWS_NEWS_FEED_ENABLED": "false",
        "GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED": "true",
        "GF_AUTH_ANONYMOUS_ENABLED": str(anonymous).lower(),
        "GF_AUTH_ANONYMOUS_ORG_ROLE": "Viewer",
    }
    command = [server.path, *(["server"] if Path(server.path).name == "grafana" else [])]
    process = Process("grafana", [*command, "--homepath", str(server.home)], folder, env)
    try:
        process.ready(f"{url}/api/health")
        with requests.Session() as session:
            session.auth = ADMIN
            yield Alone(url, server, session)
    finally:
        process.stop()


def write_provisioning(folder: Path, board: Json, source: Json) -> Path:
    """The files of one dashboard and one datasource."""
    files = {
        "dashboards/file.yaml": {
            "apiVersion": 1,
            "providers": [
                {"name": "file", "type": "file", "options": {"path": str(folder / "boards")}}
            ],
        },
        "datasources/file.yaml": {"apiVersion": 1, "datasources": [source]},
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
    (folder / "boards").mkdir()
    (folder / "boards" / "board.json").write_text(json.dumps(board), encoding="utf-8")
    return folder
