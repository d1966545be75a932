"""What plan, publish and rollback do to real Grafanas, whatever they find there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from delivery.cli import main
from delivery.snapshot.model import Subject
from tests.delivery.publish.conformance import Client, board, clear, provisioning
from tests.delivery.publish.trees import board_files, changed
from tests.live.alone import Alone, alone, write_provisioning
from tests.live.pictures import photograph
from tests.live.servers import find, missing

Json = dict[str, Any]
CATALOG = Path(__file__).resolve().parents[1] / "fixtures" / "minimal"
#: A dashboard of that catalog, its folder, and a panel that has a query.
BOARD, FOLDER, TITLE = "market-logs-shop", "market-folder-logs", "Shop logs"
Run = Callable[..., int]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("publish") / "generated"
    assert main(["build", "--catalog", str(CATALOG), "--out", str(out)]) == 0
    return out


@pytest.fixture(scope="module", params=find("grafana") or [None], ids=str)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Alone]:
    if request.param is None:
        pytest.skip(missing("grafana"))
    folder = tmp_path_factory.mktemp("grafana")
    files = provisioning()
    # The file's dashboard is one of ours, so that publish meets it.
    files["board"].update(uid=f"{BOARD}-file", title="From a file", tags=["market"])
    provisioned = write_provisioning(folder / "provisioning", **files)
    with alone(request.param, folder, provisioned, anonymous=True) as grafana:
        grafana.ask("PUT", "/api/org/preferences", {"theme": "dark"})
        yield grafana


@pytest.fixture(scope="module")
def token(server: Alone) -> str:
    return server.token("Admin", "publisher")


@pytest.fixture
def grafana(server: Alone, monkeypatch: pytest.MonkeyPatch, token: str) -> Alone:
    """Without anything but what comes from files, and with publish told where it is."""
    client = Client(server.url, server.server.version, server.admin)
    clear(client, keep=f"{BOARD}-file")
    monkeypatch.setenv("GRAFANA_URL", server.url)
    monkeypatch.setenv("GRAFANA_TOKEN", token)
    for name in ("LOKI_URL", "MIMIR_URL", "PROMETHEUS_URL", "GRAFANA_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    return server


@pytest.fixture
def run(grafana: Alone, tree: Path) -> Run:
    def call(command: str, *arguments: str, generated: Path = tree) -> int:
        return main([command, "--catalog", str(CATALOG), "--generated", str(generated), *arguments])

    return call


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """What was printed since it was last asked."""

    def read() -> str:
        out, err = capsys.readouterr()
        return out + err

    return read


def saved(grafana: Alone, uid: str = BOARD) -> Json:
    whole: Json = grafana.ask("GET", f"/api/dashboards/uid/{uid}")
    return whole


def edit(grafana: Alone, by: Any, message: str = "", folder: str = FOLDER, **more: Any) -> None:
    """Somebody saves our dashboard in the browser."""
    sent = {
        "dashboard": {**saved(grafana)["dashboard"], **more},
        "folderUid": folder,
        "message": message,
        "overwrite": False,
    }
    for _ in range(5):
        answer = by.post(f"{grafana.url}/api/dashboards/db", json=sent, timeout=60)
        # A busy SQLite makes Grafana say that somebody else had changed it.
        if answer.status_code != 412:
            break
    assert answer.ok, answer.text


def test_the_first_publish_writes_all_and_the_second_plan_is_empty(
    grafana: Alone, run: Run, told: Callable[[], str], tree: Path
) -> None:
    assert run("plan", "--exit-code") == 1
    assert grafana.ask("GET", "/api/folders") == []
    assert run("publish") == 0
    boards = board_files(tree)
    hits = grafana.ask("GET", "/api/search?type=dash-db")
    assert set(boards) <= {hit["uid"] for hit in hits}
    told()
    assert run("plan", "--exit-code") == 0
    assert re.fullmatch(r"grafana: 1 left alone, \d+ as wanted", told().splitlines()[-1])
    before = {uid: saved(grafana, uid)["dashboard"]["version"] for uid in boards}
    assert run("publish") == 0
    assert before == {uid: saved(grafana, uid)["dashboard"]["version"] for uid in boards}


def test_a_panel_a_query_and_a_setting_that_changed_are_named_and_written(
    grafana: Alone, run: Run, told: Callable[[], str], tree: Path, tmp_path: Path
) -> None:
    assert run("publish") == 0

    def other(document: Json) -> None:
        document["description"] = "another description"
        panel = next(each for each in document["panels"] if each.get("targets"))
        panel["title"] = "Another title"
        panel["targets"][0]["expr"] = 'count_over_time({job=~".+"}[1m])'

    path = board_files(tree)[BOARD]
    new = changed(tree, tmp_path / "new", {path: other})
    told()
    assert run("plan", "--exit-code", generated=new) == 1
    text = told()
    assert f"grafana: ~ dashboard {BOARD} '{TITLE}'\n" in text
    assert 'description: "' in text
    assert '-> "another description"' in text
    assert re.search(r"panels\[\d+ 'Another title'\]\.title: \".+\" -> \"Another title\"", text)
    assert re.search(r"panels\[\d+ 'Another title'\]\.targets\[A\]\.expr: \".+ -> \"count", text)
    # Our own first publish is nobody's edit.
    assert run("publish", generated=new) == 0
    assert saved(grafana)["dashboard"]["description"] == "another description"
    assert run("plan", "--exit-code", generated=new) == 0
    assert run("publish") == 0
    assert run("plan", "--exit-code") == 0


def test_an_edit_is_refused_with_who_and_when(
    grafana: Alone, run: Run, told: Callable[[], str]
) -> None:
    assert run("publish") == 0
    people = [each["login"] for each in grafana.ask("GET", "/api/org/users")]
    by = grafana.person("alice") if "alice" not in people else _session("alice")
    edit(grafana, by, "trying", title="Shop logs of alice")
    written = saved(grafana)["meta"]["updated"][:16]
    told()
    assert run("publish") == 1
    text = told()
    assert f"dashboard {BOARD} '{TITLE}': edited by alice at {written}" in text
    assert ", 'trying'. Bring it into the sources (build.py pull)" in text
    assert saved(grafana)["dashboard"]["title"] == "Shop logs of alice"
    assert run("publish", "--overwrite") == 0
    assert saved(grafana)["dashboard"]["title"] == TITLE
    assert run("plan", "--exit-code") == 0


def _session(login: str) -> Any:
    import requests

    session = requests.Session()
    session.auth = (login, f"{login}-{login}")
    return session


def test_another_dashboard_of_the_title_is_in_the_way_until_it_is_adopted(
    grafana: Alone, run: Run, told: Callable[[], str], tmp_path: Path
) -> None:
    grafana.ask("POST", "/api/folders", {"uid": FOLDER, "title": "Logs"})
    theirs = {"dashboard": board("theirs", TITLE), "folderUid": FOLDER, "overwrite": False}
    grafana.ask("POST", "/api/dashboards/db", theirs)
    told()
    assert run("publish") == 1
    assert f"takes the place of theirs '{TITLE}', which does not carry our mark" in told()
    hits = grafana.ask("GET", "/api/search?type=dash-db")
    assert {hit["uid"] for hit in hits} == {"theirs", f"{BOARD}-file"}
    backup = tmp_path / "backup"
    assert run("publish", "--adopt", "--backup", str(backup)) == 0
    assert run("plan", "--exit-code") == 0
    assert saved(grafana)["dashboard"]["title"] == TITLE
    assert run("rollback", "--from", str(backup)) == 0
    assert saved(grafana, "theirs")["dashboard"]["tags"] == ["conf"]
    hits = grafana.ask("GET", "/api/search?type=dash-db")
    assert {hit["uid"] for hit in hits} == {"theirs", f"{BOARD}-file"}


def test_a_datasource_of_the_name_gets_our_uid_when_it_is_adopted(
    grafana: Alone, run: Run, told: Callable[[], str]
) -> None:
    name = "Market Prometheus"
    theirs = {"uid": "theirs", "name": name, "type": "prometheus", "access": "proxy"}
    number = grafana.ask("POST", "/api/datasources", theirs)["datasource"]["id"]
    told()
    assert run("publish") == 1
    assert f"takes the place of theirs '{name}'" in told()
    assert run("publish", "--adopt") == 0
    found = {each["uid"]: each for each in grafana.ask("GET", "/api/datasources")}
    assert found["market-prometheus"]["id"] == number
    assert "theirs" not in found
    assert run("plan", "--exit-code") == 0


def test_a_wrong_folder_and_a_deleted_folder_are_mended(
    grafana: Alone, run: Run, told: Callable[[], str]
) -> None:
    assert run("publish") == 0
    edit(grafana, grafana.admin, folder="")
    told()
    assert run("plan", "--exit-code") == 1
    text = told()
    assert f"> dashboard {BOARD} '{TITLE}'" in text
    assert f"from folder General to {FOLDER}" in text
    assert run("publish", "--overwrite") == 0
    assert saved(grafana)["meta"]["folderUid"] == FOLDER
    grafana.ask("DELETE", f"/api/folders/{FOLDER}")
    assert run("publish") == 0
    assert saved(grafana)["meta"]["folderUid"] == FOLDER
    assert run("plan", "--exit-code") == 0


def test_what_comes_from_a_file_is_said_and_left_alone(
    grafana: Alone, run: Run, told: Callable[[], str]
) -> None:
    assert run("publish", "--prune") == 0
    before = saved(grafana, f"{BOARD}-file")
    told()
    assert run("plan") == 0
    text = told()
    assert f"grafana: . dashboard {BOARD}-file 'From a file' (it is provisioned from " in text
    assert saved(grafana, f"{BOARD}-file") == before


def test_a_leftover_is_pruned_and_rolled_back(
    grafana: Alone, run: Run, told: Callable[[], str], tree: Path, tmp_path: Path
) -> None:
    assert run("publish") == 0
    old = saved(grafana)["dashboard"]
    less = changed(tree, tmp_path / "less", gone=(board_files(tree)[BOARD],))
    theirs = {"dashboard": board("theirs", "Theirs"), "folderUid": FOLDER, "overwrite": False}
    grafana.ask("POST", "/api/dashboards/db", theirs)
    foreign = saved(grafana, "theirs")
    assert run("publish", generated=less) == 0
    assert saved(grafana)["dashboard"] == old
    backup = tmp_path / "backup"
    assert run("publish", "--prune", "--backup", str(backup), generated=less) == 0
    uids = {hit["uid"] for hit in grafana.ask("GET", "/api/search?type=dash-db")}
    assert BOARD not in uids
    assert saved(grafana, "theirs") == foreign
    told()
    assert run("rollback", "--from", str(backup)) == 0
    assert f"dashboard {BOARD} '{TITLE}' comes back without its earlier versions." in told()
    back = saved(grafana)
    assert back["meta"]["folderUid"] == FOLDER
    mine = {"id", "version"}
    assert {k: v for k, v in back["dashboard"].items() if k not in mine} == {
        k: v for k, v in old.items() if k not in mine
    }
    assert run("plan", "--exit-code") == 0


def test_all_ours_are_removed_but_for_a_folder_that_holds_theirs(
    grafana: Alone, run: Run, told: Callable[[], str], tree: Path, tmp_path: Path
) -> None:
    assert run("publish") == 0
    theirs = {"dashboard": board("theirs", "Theirs"), "folderUid": FOLDER, "overwrite": False}
    grafana.ask("POST", "/api/dashboards/db", theirs)
    nothing = changed(
        tree,
        tmp_path / "nothing",
        {"grafana/folders.json": lambda document: document["folders"].clear()},
        gone=tuple(board_files(tree).values()),
    )
    told()
    assert run("publish", "--prune", generated=nothing) == 1
    assert "objects that are ours would be removed. Look at build.py plan" in told()
    assert run("publish", "--prune", "--yes", generated=nothing) == 4
    # A busy SQLite may keep one of the others in the first round.
    assert run("publish", "--prune", "--yes", generated=nothing) in {3, 4}
    assert f"failed - folder {FOLDER} 'Logs': something is in it that is not ours" in told()
    assert [each["uid"] for each in grafana.ask("GET", "/api/folders")] == [FOLDER]
    assert saved(grafana, "theirs")["meta"]["folderUid"] == FOLDER


def test_what_was_published_is_drawn(
    grafana: Alone, run: Run, tmp_path_factory: pytest.TempPathFactory
) -> None:
    pytest.importorskip("playwright")
    chromium = next(iter(find("chromium")), None)
    if chromium is None:
        pytest.skip(missing("chromium"))
    assert run("publish") == 0
    out = tmp_path_factory.mktemp("pictures")
    uids = (BOARD, "market-slo-shop")
    wanted = [Subject(uid, grafana.server.release, "") for uid in uids]
    for shot in photograph(grafana.url, str(chromium.path), wanted, out):
        kept = saved(grafana, shot.subject.uid)["dashboard"]["panels"]
        drawn = {panel.title for panel in shot.panels if panel.box is not None}
        assert drawn, shot
        assert drawn <= {each["title"] for each in kept}
        print(out / shot.file)
