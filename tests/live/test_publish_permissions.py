"""What an account of each basic role may publish, on every Grafana that is found or named.

``GRAFANA_URL`` and ``GRAFANA_ADMIN`` (``user:password``) name a running one, empty or published
to before: a service container. Otherwise each release that is found is started by itself.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from delivery.cli import main
from tests.live.servers import Process, Server, find, free_port, missing

CATALOG = Path(__file__).resolve().parents[1] / "fixtures" / "minimal"
#: Grafana before 10 lets no Viewer list folders, so it is refused earlier.
_LISTED_BY_VIEWERS = (10,)


class Live:
    """A Grafana with an administrator, and publishing to it as an account of some role."""

    def __init__(self, url: str, admin: tuple[str, str], tree: Path) -> None:
        self.url, self.tree = url, tree
        self._admin = requests.Session()
        self._admin.auth = admin
        release = self.ask("GET", "/api/health")["version"].partition("-")[0]
        self.version = tuple(int(number) for number in release.split("."))

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._admin.request(method, self.url + path, json=body, timeout=60)
        assert answer.ok, (method, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def token(self, role: str) -> str:
        name = f"{role}-{uuid.uuid4().hex}"
        account = self.ask("POST", "/api/serviceaccounts", {"name": name, "role": role})
        made = self.ask("POST", f"/api/serviceaccounts/{account['id']}/tokens", {"name": name})
        return str(made["key"])

    def held(self) -> Any:
        """All that publishing could have changed."""
        sources = self.ask("GET", "/api/datasources")
        folders = self.ask("GET", "/api/folders?limit=1000")
        boards = self.ask("GET", "/api/search?type=dash-db&limit=5000")
        versions = [
            self.ask("GET", f"/api/dashboards/uid/{each['uid']}")["dashboard"]["version"]
            for each in boards
        ]
        return sources, [each["uid"] for each in folders], boards, versions

    def empty(self) -> None:
        """Remove what an earlier test left."""
        for folder in self.ask("GET", "/api/folders?limit=1000"):
            self.ask("DELETE", f"/api/folders/{folder['uid']}")
        for source in self.ask("GET", "/api/datasources"):
            self.ask("DELETE", f"/api/datasources/uid/{source['uid']}")


@contextmanager
def _started(server: Server, folder: Path) -> Iterator[str]:
    url = f"http://127.0.0.1:{free_port()}"
    env = {
        "GF_SERVER_HTTP_ADDR": "127.0.0.1",
        "GF_SERVER_HTTP_PORT": url.rpartition(":")[2],
        "GF_PATHS_DATA": str(folder / "data"),
        "GF_PATHS_LOGS": str(folder / "log"),
        "GF_PATHS_PLUGINS": str(folder / "plugins"),
        "GF_PATHS_PROVISIONING": str(folder / "provisioning"),
        "GF_ANALYTICS_REPORTING_ENABLED": "false",
        "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
        "GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED": "true",
    }
    command = [server.path, *(["server"] if Path(server.path).name == "grafana" else [])]
    process = Process("grafana", [*command, "--homepath", str(server.home)], folder, env)
    try:
        process.ready(f"{url}/api/health")
        yield url
    finally:
        process.stop()


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("publish") / "generated"
    assert main(["build", "--catalog", str(CATALOG), "--out", str(out)]) == 0
    return out


def _servers() -> list[Server | str | None]:
    named = os.environ.get("GRAFANA_URL")
    return [named] if named else [*find("grafana")] or [None]


@pytest.fixture(scope="module", params=_servers(), ids=str)
def running(
    request: pytest.FixtureRequest, tree: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    if request.param is None:
        pytest.skip(missing("grafana"))
    if isinstance(request.param, str):
        user, _, password = os.environ.get("GRAFANA_ADMIN", "admin:admin").partition(":")
        yield Live(request.param, (user, password), tree)
        return
    with _started(request.param, tmp_path_factory.mktemp("grafana")) as url:
        yield Live(url, ("admin", "admin"), tree)


@pytest.fixture
def live(running: Live, monkeypatch: pytest.MonkeyPatch) -> Live:
    for name in ("LOKI_URL", "MIMIR_URL", "PROMETHEUS_URL", "GRAFANA_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    running.empty()
    return running


def run(live: Live, token: str, command: str, *arguments: str) -> int:
    os.environ["GRAFANA_TOKEN"] = token
    try:
        return main(
            [
                command,
                *("--catalog", str(CATALOG), "--generated", str(live.tree)),
                *("--grafana-url", live.url),
                *arguments,
            ]
        )
    finally:
        del os.environ["GRAFANA_TOKEN"]


def test_a_viewer_is_refused_before_anything_is_written(
    live: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    before = live.held()
    capsys.readouterr()
    assert run(live, live.token("Viewer"), "publish") == 3
    told = capsys.readouterr().err
    assert live.held() == before
    if live.version < _LISTED_BY_VIEWERS:
        assert told.startswith(f"{live.url}: does not let us read /api/folders (403): ")
        assert "docs/publishing.md" in told
    else:
        assert told == (
            f"{live.url}: the token's account may not create folders (folders:create), create "
            "datasources (datasources:create); nothing was written. Give its service account the "
            "role or the permissions of docs/publishing.md.\n"
        )


def test_an_account_without_a_role_is_refused(
    live: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    if live.version < (10, 2):
        pytest.skip("Grafana before 10.2 knows no account without a role")
    before = live.held()
    capsys.readouterr()
    assert run(live, live.token("None"), "publish") == 3
    assert "docs/publishing.md" in capsys.readouterr().err
    assert live.held() == before


def test_an_editor_publishes_dashboards_and_no_datasource(
    live: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    editor = live.token("Editor")
    before = live.held()
    capsys.readouterr()
    assert run(live, editor, "publish") == 3
    assert capsys.readouterr().err == (
        f"{live.url}: the token's account may not create datasources (datasources:create); "
        "nothing was written. Give its service account the role or the permissions of "
        "docs/publishing.md.\n"
    )
    assert live.held() == before
    assert run(live, live.token("Admin"), "publish") == 0
    for folder in live.ask("GET", "/api/folders"):
        live.ask("DELETE", f"/api/folders/{folder['uid']}")
    capsys.readouterr()
    assert run(live, editor, "publish") == 0, capsys.readouterr()
    assert run(live, editor, "plan", "--exit-code") == 0


def test_an_administrator_publishes_all_of_it(live: Live) -> None:
    admin = live.token("Admin")
    assert run(live, admin, "publish") == 0
    assert run(live, admin, "plan", "--exit-code") == 0
    published = live.held()
    assert run(live, admin, "publish") == 0
    assert live.held() == published


def test_what_somebody_edited_is_pulled_and_still_refused(
    live: Live, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    admin = live.token("Admin")
    assert run(live, admin, "publish") == 0
    uid = "market-platform"
    found = live.ask("GET", f"/api/dashboards/uid/{uid}")
    dashboard = found["dashboard"]
    (panel,) = (each for each in dashboard["panels"] if each["title"] == "Lines received")
    panel["title"] = "Lines that Loki takes"
    saved = {"dashboard": dashboard, "folderUid": found["meta"]["folderUid"], "message": "tried"}
    live.ask("POST", "/api/dashboards/db", saved)
    capsys.readouterr()
    assert run(live, admin, "pull", "--out", str(tmp_path)) == 1
    page = (tmp_path / f"{uid}.md").read_text("utf-8")
    assert page.splitlines()[2].startswith("Edited by ")
    assert "'tried'. Below it is compared with the dashboard as it was last published, " in page
    assert '`title="Lines that Loki takes"` instead of `"Lines received"`' in page
    patch = (tmp_path / f"{uid}.patch").read_text("utf-8")
    assert '+                "Lines that Loki takes",\n' in patch
    assert run(live, admin, "publish") == 1
    assert run(live, admin, "publish", "--overwrite") == 0


def test_a_viewer_may_plan(live: Live, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(live, live.token("Admin"), "publish") == 0
    reader = live.token("Viewer" if live.version >= _LISTED_BY_VIEWERS else "Editor")
    capsys.readouterr()
    assert run(live, reader, "plan", "--exit-code") == 0, capsys.readouterr()
