"""The command, in a real browser, against something that looks like Grafana."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from catalog.errors import Problem, UsageError
from delivery.cli import main
from delivery.snapshot import page
from tests.delivery.snapshot.made import dashboard, panel

TOKEN = "glsa_secret-that-nobody-may-read"  # noqa: S105 - made up for this test
NOTE = (
    "board: no audit, so that nothing is excused: audit: there are no servers to ask. Name them.\n"
)
SERVICES = {"name": "service", "type": "custom", "query": "a,b", "current": {"value": "a"}}


def _no_audit(*_: object) -> None:
    """The servers behind the panels are not here."""
    raise UsageError(Problem("audit", "there are no servers to ask", "Name them"))


@pytest.fixture
def run(grafana, chromium, opened, generated, tmp_path, capsys, monkeypatch) -> Callable[..., Any]:
    """``run(boards, *options)`` gives status, standard output and standard error."""
    monkeypatch.setenv("CHROMIUM_BIN", chromium)
    monkeypatch.setattr("delivery.snapshot.asked.audit", _no_audit)
    monkeypatch.setattr("delivery.snapshot.run.launched", lambda program: nullcontext(opened))
    # Nothing here comes from a server behind a server.
    monkeypatch.setattr(page, "_PAUSE_MILLISECONDS", 60)

    def call(boards, *options, out="out"):
        grafana.boards = {board["uid"]: board for board in boards}
        status = main([
            "snapshot", "--generated", str(generated(*boards)), "--out", str(tmp_path / out),
            "--grafana-url", grafana.url, "--width", "800", *options,
        ])  # fmt: skip
        said = capsys.readouterr()
        return status, said.out, said.err

    return call


def index(tmp_path: Path, out: str = "out") -> Any:
    return json.loads((tmp_path / out / "snapshot.json").read_text())


def pixels(file: Path) -> tuple[int, int, set[bytes]]:
    """Width, height and the colours of the first column's pixels, of an RGB(A) PNG."""
    data = file.read_bytes()
    width, height, _, colour = struct.unpack(">IIBB", data[16:26])
    size, at, raw = (4 if colour == 6 else 3), 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        raw += data[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    rows = zlib.decompress(raw)
    step = width * size + 1
    return width, height, {rows[y * step : y * step + 1] for y in range(height)}


@pytest.mark.parametrize("scenes", [False, True])
def test_the_whole_page_is_taken_however_tall(run, grafana, tmp_path, scenes):
    grafana.scenes = scenes
    # Ten panels of 304 pixels: four screens, of which only what is on the screen is drawn.
    grafana.content[10] = "<p>No data</p>"
    status, out, _ = run([dashboard(*(panel(n, f"P{n}") for n in range(1, 11)))])
    assert status == 1
    assert out.splitlines()[-2:] == [
        "logs/board: fault: panel 10 'P10' says 'No data'",
        "1 pictures: 1 faults, 0 excused, 0 remarks",
    ]
    width, height, _ = pixels(tmp_path / "out/logs/board.png")
    assert width == 800
    assert height >= 10 * 304
    (shot,) = index(tmp_path)["shots"]
    assert [each["box"]["y"] for each in shot["panels"]] == [304 * n for n in range(10)]


def test_a_row_that_is_collapsed_is_opened(run, grafana, tmp_path):
    grafana.content[7] = "<p>No data</p>"
    row = {**panel(9, "More"), "type": "row", "panels": [panel(7, "Inside", h=1)]}
    status, out, _ = run([dashboard(panel(), row)])
    assert status == 1
    assert "logs/board: fault: panel 7 'Inside' says 'No data'\n" in out
    assert index(tmp_path)["shots"][0]["panels"][1]["box"]["height"] == 304


def test_what_is_wrong_is_seen(run, grafana):
    legend = '<div data-testid="data-testid VizLegend series x">{name}</div>'
    cut = '<p style="width:40px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap">{}</p>'
    grafana.content = {
        1: '<span data-testid="data-testid Panel status error" aria-label="Panel status"></span>',
        2: legend.replace("{name}", '{service="a", code="b"}') + legend.replace("{name}", "p99"),
        3: cut.format("A value that is far too long"),
        4: '<p style="position:absolute;left:790px;width:200px">Beyond</p>',
        5: f'<div role="row">{cut.format("A cell that is too long")}</div>',
        6: '<div style="overflow:auto;height:50px"><p style="height:900px">Scrolled</p></div>',
        7: f'<div role="columnheader" style="width:50px">{cut.format("A long heading")}</div>',
    }
    long = "A title that has no room at all where it stands"
    titles = ("Error", "Legend", "Cut", "Beyond", "Table", "Lines", "Head", long)
    panels = [panel(number, title) for number, title in enumerate(titles, 1)]
    status, out, _ = run([dashboard(*panels)])
    assert status == 1
    assert [line.removeprefix("logs/board: ") for line in out.splitlines()[1:]] == [
        "fault: panel 1 'Error' shows an error",
        'remark: panel 2 \'Legend\' a series has no name of its own: {service="a", code="b"}',
        "remark: panel 3 'Cut' text is cut off: A value that is far too long",
        "remark: panel 4 'Beyond' text is cut off: Beyond",
        "remark: panel 7 'Head' text is cut off: A long heading",
        f"remark: panel 8 '{long}' its title is cut off",
        "1 pictures: 1 faults, 0 excused, 5 remarks",
    ]


def test_remarks_fail_only_where_that_is_asked_for(run, grafana):
    board = dashboard(panel(1, "A title that has no room at all where it stands"))
    assert run([board])[0] == 0
    assert run([board], "--strict")[0] == 1


def test_what_still_loads_when_the_time_is_over_is_a_fault(run, grafana):
    grafana.content[1] = '<div aria-label="Panel loading bar"></div>'
    status, out, _ = run([dashboard(panel())], "--timeout", "3")
    assert status == 1
    assert "logs/board: fault: panel 1 'Requests' still loads\n" in out


def test_the_audit_excuses(run, grafana, tmp_path):
    grafana.content = {1: "<p>No data</p>", 2: "<p>No data</p>"}
    result = {
        "kind": "panel", "dashboard": "board", "panel": 1, "service": "b", "verdict": "LAZY",
        "reason": "no alert fires",
    }  # fmt: skip
    audit = tmp_path / "audit.json"
    audit.write_text(json.dumps({"version": 1, "results": [result, {**result, "service": "a"}]}))
    board = dashboard(panel(), panel(2, "Other"), templating={"list": [SERVICES]})
    status, out, error = run([board], "--audit", str(audit), "--service", "b")
    assert (status, error) == (1, "")
    assert out.splitlines()[1:] == [
        "logs/board-b: excused: panel 1 'Requests' says 'No data' (no alert fires)",
        "logs/board-b: fault: panel 2 'Other' says 'No data'",
        "1 pictures: 1 faults, 1 excused, 0 remarks",
    ]
    assert any("var-service=b" in path for path, _ in grafana.asked)


def test_without_an_audit_that_is_said_and_nothing_is_excused(run, grafana):
    grafana.content[1] = "<p>No data</p>"
    status, _, error = run([dashboard(panel())])
    assert (status, error) == (1, NOTE)


def test_a_service_that_nothing_shows_is_refused(run):
    board = dashboard(panel(), templating={"list": [SERVICES]})
    status, _, error = run([board], "--service", "c")
    fault = "no dashboard that is looked at lets one choose 'c'"
    assert (status, error.splitlines()[-1]) == (2, f"--service: {fault}. One of: a, b.")


def test_a_dashboard_that_is_none_is_refused(run):
    status, _, error = run([dashboard(panel())], "--dashboard", "other")
    message = "--dashboard: there is no dashboard 'other'. One of: board."
    assert (status, error.splitlines()[-1]) == (2, message)


def test_one_failure_leaves_the_others(run, grafana, tmp_path, monkeypatch):
    boards = [dashboard(panel(), uid=uid) for uid in ("a", "b", "c")]
    monkeypatch.setattr(page, "_ASK", 2.0)
    call = FakePage(grafana, hangs="b")
    monkeypatch.setattr(grafana, "answer", call.answer)
    call.missing.add("a")
    status, out, _ = run(boards)
    assert status == 1
    lines = out.splitlines()
    assert lines[0] == "logs/a: fault: Grafana does not have it: publish or mount it first"
    assert lines[1].startswith("logs/b: fault: cannot be opened: ")
    assert lines[2].startswith("logs/c.png: 1 panels, 800x")
    assert [bool(each["file"]) for each in index(tmp_path)["shots"]] == [False, False, True]


class FakePage:
    """A Grafana of which one dashboard is missing and another one's page is busy for long."""

    def __init__(self, grafana: Any, hangs: str) -> None:
        self.real, self.hangs, self.missing = grafana.answer, hangs, set[str]()

    def answer(self, request: Any) -> Any:
        uid = request.path.partition("?")[0].rpartition("/")[2]
        if uid in self.missing:
            return 404, "application/json", "{}"
        if request.path.startswith(f"/d/{self.hangs}?"):
            busy = "const end = Date.now() + 15000; while (Date.now() < end) {}"
            return 200, "text/html", f"<script>setTimeout(() => {{ {busy} }}, 100)</script>"
        return self.real(request)


def test_the_token_goes_to_grafana_and_nowhere_else(run, grafana, tmp_path, monkeypatch):
    from tests.delivery.snapshot.fake_grafana import FakeGrafana

    grafana.token = TOKEN
    other = FakeGrafana()
    try:
        monkeypatch.setenv("GRAFANA_TOKEN", TOKEN)
        grafana.script = f"fetch('{other.url}/elsewhere', {{mode: 'no-cors'}})"
        status, out, error = run([dashboard(panel())])
        assert [(path, held) for path, held in other.asked] == [("/elsewhere", "")]
    finally:
        other.stop()
    assert status == 0
    assert TOKEN not in out + error + (tmp_path / "out/snapshot.json").read_text()
    assert {held for _, held in grafana.asked} == {f"Bearer {TOKEN}"}
    assert not [path for path, _ in grafana.asked if TOKEN in path]


def test_a_token_that_is_not_known_is_no_finding(run, grafana, monkeypatch):
    grafana.token = TOKEN
    monkeypatch.setenv("GRAFANA_TOKEN", "another")
    status, _, error = run([dashboard(panel())])
    message = f"{grafana.url}: does not know our token (401). Give a valid one."
    assert (status, error.splitlines()[-1]) == (3, message)


@pytest.mark.parametrize(("kind", "ending", "head"), [
    ("png", "png", b"\x89PNG"), ("jpeg", "jpg", b"\xff\xd8\xff"), ("webp", "webp", b"RIFF"),
])  # fmt: skip
def test_kinds_of_pictures(run, tmp_path, kind, ending, head):
    assert run([dashboard(panel())], "--image", kind)[0] == 0
    assert (tmp_path / f"out/logs/board.{ending}").read_bytes().startswith(head)


def test_a_picture_is_made_small_enough_or_that_is_said(run, tmp_path):
    status, out, _ = run([dashboard(panel())], "--image", "webp", "--max-bytes", "20")
    assert status == 0
    assert ", more than 20: take a smaller --scale" in out
    run([dashboard(panel())], "--scale", "0.5", out="half")
    assert pixels(tmp_path / "half/logs/board.png")[0] == 400
    assert index(tmp_path, "half")["shots"][0]["panels"][0]["box"]["width"] == 400


def test_before_and_after(run, grafana, tmp_path, opened):
    grafana.content[1] = "<p style='background:#fff;height:200px'>old</p>"
    run([dashboard(panel(), panel(2, "Second"), uid="a"), dashboard(panel(), uid="b")], out="old")
    grafana.content[1] = "<p style='background:#000;height:200px'>new</p>"
    changed = dashboard(panel(1, "Now <b>"), panel(2, "Second"), uid="a")
    status, _, error = run([changed], "--before", str(tmp_path / "old"), out="new")
    assert status == 0
    assert error.endswith("before-after.html: 2 pictures: 1 changed, 1 gone.\n")
    shares, issues = looked_at(opened, tmp_path / "new/before-after.html")
    assert issues == []
    assert 0.2 < shares["logs/a"] < 0.6
    assert "logs/b" not in shares


def looked_at(opened: Any, file: Path) -> tuple[dict[str, float], list[str]]:
    """What the page reckons, and what it complains of."""
    issues: list[str] = []
    shown = opened.new_page()
    shown.on("console", lambda message: issues.append(message.text))
    shown.on("pageerror", lambda error: issues.append(str(error)))
    shown.goto(file.as_uri())
    shown.wait_for_selector("body[data-done]", timeout=20_000)
    found = shown.eval_on_selector_all(
        "[data-pair] .pixels[data-share]",
        "all => all.map(e => [e.closest('[data-pair]').dataset.pair, +e.dataset.share])",
    )
    shown.close()
    return dict(found), issues


def test_two_folders_are_compared_without_a_server(run, tmp_path, capsys):
    run([dashboard(panel())], out="one")
    run([dashboard(panel())], out="two")
    folders = ["--out", str(tmp_path / "two"), "--before", str(tmp_path / "one")]
    assert main(["snapshot", "--no-take", *folders]) == 0
    assert capsys.readouterr().err.endswith("before-after.html: 1 pictures: 1 same.\n")
