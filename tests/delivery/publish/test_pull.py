"""What was edited in the UI comes back as something that a person can put into the sources."""

from __future__ import annotations

import copy
import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from delivery.places import ROOT
from delivery.publish.pull.compare import compare
from delivery.publish.pull.terms import number, steps, unit
from tests.delivery.publish.conftest import CATALOG, Run
from tests.delivery.publish.fake_grafana import FakeGrafana

UID = "market-platform"
Json = dict[str, Any]


def panel(dashboard: Json, title: str) -> Json:
    return next(each for each in dashboard["panels"] if each["title"] == title)


def edited(grafana: FakeGrafana) -> Json:
    """Somebody changes what can be said in the sources, and what cannot."""
    dashboard = copy.deepcopy(grafana.state.dashboards[UID]["dashboard"])
    first = panel(dashboard, "Lines received")
    first.update(title="Lines that Loki takes", interval="30s", pluginVersion="11.0.0")
    first["fieldConfig"]["defaults"]["unit"] = "iops"
    first["fieldConfig"]["defaults"]["custom"]["lineWidth"] = 3
    first["targets"][0]["expr"] = "sum(up)"
    up = panel(dashboard, "Targets that answer, by component")
    up["fieldConfig"]["defaults"]["thresholds"]["steps"][1]["value"] = 0.75
    up["gridPos"]["h"] = 6
    gone = panel(dashboard, "Query latency")
    dashboard["panels"].remove(gone)
    second = panel(dashboard, "Bytes received")
    first["gridPos"]["x"], second["gridPos"]["x"] = second["gridPos"]["x"], first["gridPos"]["x"]
    dashboard["panels"].append(
        {
            "id": 900,
            "type": "timeseries",
            "title": "Up, all",
            "gridPos": {"x": 0, "y": 500, "w": 12, "h": 8},
            "datasource": {"type": "prometheus", "uid": "market-prometheus"},
            "targets": [
                {
                    "refId": "A",
                    "datasource": {"type": "prometheus", "uid": "market-prometheus"},
                    "expr": "sum by (job) (up)",
                    "legendFormat": "{{job}}",
                }
            ],
            "fieldConfig": {
                "defaults": {"unit": "percentunit", "custom": {"lineWidth": 5}},
                "overrides": [],
            },
        }
    )
    settings = {key: dashboard[key] for key in ("panels",)}
    grafana.edit(UID, "alice", "tried | out", refresh="5m", **settings)
    return dashboard


def test_nothing_edited_writes_nothing(
    grafana: FakeGrafana, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("publish")
    capsys.readouterr()
    assert run("pull", "--out", str(tmp_path / "pulled")) == 0
    assert capsys.readouterr().out == "nothing was edited since the last publish\n"
    assert not (tmp_path / "pulled").exists()


def test_each_setting_is_named_with_its_place(
    grafana: FakeGrafana, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("publish")
    edited(grafana)
    before = grafana.writes()
    capsys.readouterr()
    assert run("pull", "--out", str(tmp_path)) == 1
    assert capsys.readouterr().out == (
        f"{tmp_path}/{UID}.md: edited by alice at 2026-01-02T03:04:05Z, 'tried | out'\n1 edited\n"
    )
    assert grafana.writes() == before
    page = (tmp_path / f"{UID}.md").read_text("utf-8")
    assert page.startswith(
        "# Market: platform health (`market-platform`)\n\n"
        "Edited by alice at 2026-01-02T03:04:05Z, 'tried \\| out'. Below it is compared with the "
        "dashboard as it was last published, "
    )
    source = ROOT.joinpath("dashboards/platform.py").read_text("utf-8")

    def place(word: str) -> str:
        return f"dashboards/platform.py:{source.split(word)[0].count(chr(10)) + 1}"

    for row in (
        f'{place(chr(34) + "Lines received")}: `title="Lines that Loki takes"` instead of `',
        '`unit="iops"` instead of `units.LINES_PER_SECOND`',
        '`steps=(Step("red"), Step("yellow", 0.75), Step("green", 1))` instead of ',
        "`height=6` instead of `5`",
        '`refresh="5m"` added',
        "| `fieldConfig.defaults.custom.lineWidth` | `1` | `3` | the sources have no word for it |",
        "asks queries/platform_more.py:",
        "Grafana's editor wrote by itself: `pluginVersion`.",
        f"It was removed. To keep it so, take it out of {place(chr(34) + 'loki.queries')}.",
        "- row `loki`: `loki.lines`, `loki.bytes`, ",
        'queries=(Prom(ask.up_all(), "{{job}}"),),',
        '    return PromQL("sum by (job) (up)")',
        "- `fieldConfig.defaults.custom.lineWidth`: `5` instead of `1`",
        '-      "title": "Lines received"',
    ):
        assert row in page, row
    kept = json.loads((tmp_path / f"{UID}.json").read_text("utf-8"))
    assert kept["refresh"] == "5m"
    assert run("publish") == 1
    assert grafana.writes() == before


def test_the_patch_makes_the_sources_say_what_was_edited(
    grafana: FakeGrafana, run: Run, tmp_path: Path
) -> None:
    run("publish")
    edited(grafana)
    run("pull", "--out", str(tmp_path))
    wanted = grafana.state.dashboards[UID]["dashboard"]
    copied = tmp_path / "sources"
    for name in ("alerts", "catalog", "dashboards", "datasources", "delivery", "pipeline"):
        shutil.copytree(ROOT / name, copied / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("queries", "simulate"):
        shutil.copytree(ROOT / name, copied / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "build.py", copied)
    patch = tmp_path / f"{UID}.patch"
    subprocess.run(["git", "apply", str(patch)], cwd=copied, check=True)
    command = [
        sys.executable,
        "build.py",
        "--catalog",
        str(CATALOG),
        "--out",
        str(tmp_path / "out"),
    ]
    subprocess.run(command, cwd=copied, check=True)
    built = json.loads(
        (tmp_path / f"out/grafana/dashboards/platform/{UID}.json").read_text("utf-8")
    )
    assert built["refresh"] == "5m"
    for title in ("Lines that Loki takes", "Targets that answer, by component"):
        ours, theirs = panel(built, title), panel(wanted, title)
        assert ours["id"] == theirs["id"]
        for key in ("unit", "thresholds"):
            assert ours["fieldConfig"]["defaults"].get(key) == theirs["fieldConfig"][
                "defaults"
            ].get(key)
        assert ours["gridPos"]["h"] == theirs["gridPos"]["h"]
    # What other panels of the page would have shared, and the query, are left to a person.
    assert "interval" not in panel(built, "Lines that Loki takes")
    assert panel(built, "Lines that Loki takes")["targets"][0]["expr"] != "sum(up)"


def test_an_edit_is_told_from_what_the_sources_changed_since(
    grafana: FakeGrafana, run: Run, own_tree: Path, tmp_path: Path
) -> None:
    run("publish")
    grafana.edit(UID, "alice", "", description="of alice")
    file = own_tree / f"grafana/dashboards/platform/{UID}.json"
    newer = json.loads(file.read_text("utf-8"))
    newer["refresh"] = "10m"
    other = Path(shutil.copytree(own_tree, tmp_path / "newer"))
    rewritten(other, f"grafana/dashboards/platform/{UID}.json", newer)
    assert run("pull", "--out", str(tmp_path / "pulled"), generated=other) == 1
    page = (tmp_path / f"pulled/{UID}.md").read_text("utf-8")
    assert "compared with the dashboard as it was last published, in version 1." in page
    assert "`description`" in page
    assert "`refresh`" not in page


def rewritten(tree: Path, path: str, content: Json) -> None:
    """A tree in which one file is another, and the manifest says so."""
    data = json.dumps(content).encode()
    (tree / path).write_bytes(data)
    manifest = tree / "manifest.json"
    held = json.loads(manifest.read_text("utf-8"))
    for entry in held["files"]:
        if entry["path"] == path:
            entry["sha256"] = hashlib.sha256(data).hexdigest()
    manifest.write_text(json.dumps(held), "utf-8")


def test_named_ones_are_written_edited_or_not(
    grafana: FakeGrafana, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("publish")
    capsys.readouterr()
    assert run("pull", UID, "--out", str(tmp_path)) == 0
    assert capsys.readouterr().out == (
        f"{tmp_path}/{UID}.md: not edited since the last publish\n"
        "nothing was edited since the last publish\n"
    )
    assert run("pull", "market-platfrom", "--out", str(tmp_path)) == 2
    assert capsys.readouterr().err == (
        "market-platfrom: generated/ has no dashboard of this uid. "
        "Did you mean 'market-platform'?\n"
    )
    del grafana.state.dashboards[UID]
    assert run("pull", UID, "--out", str(tmp_path)) == 2
    assert capsys.readouterr().err == f"{UID}: is not on the server. Publish it first.\n"


def test_what_is_moved_or_written_by_others_breaks_no_page(
    grafana: FakeGrafana, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("publish")
    title = "a | `b` <img src=x>\n# c ```` d"
    panels = copy.deepcopy(grafana.state.dashboards[UID]["dashboard"]["panels"])
    panels[1]["title"] = title
    panels.append({"id": "x", "type": "row", "title": title, "panels": [{"title": title}]})
    grafana.edit(UID, "al\nice", "", panels=panels, title="Other", tags=["market", "mine"])
    grafana.state.dashboards[UID]["folderUid"] = ""
    assert run("pull", "--out", str(tmp_path)) == 1
    page = (tmp_path / f"{UID}.md").read_text("utf-8")
    told = page.partition("## Both documents")[0]
    assert "It was moved from the folder `market-folder-platform` to `General`." in told
    told = re.sub(r"^(`{3,}).*?^\1$", "", told, flags=re.MULTILINE | re.DOTALL)
    assert "<img" not in told
    assert "\n# c" not in told
    assert capsys.readouterr().out.endswith(
        f"{tmp_path}/{UID}.md: edited by al ice at 2026-01-02T03:04:05Z\n1 edited\n"
    )
    assert "`````diff" in page


def test_an_unchanged_dashboard_has_no_part() -> None:
    row = {"id": 1, "type": "row", "title": "r", "collapsed": True, "panels": [{"id": 2}]}
    opened = [{**row, "collapsed": False, "panels": []}, {"id": 2}]
    assert compare({"panels": [row]}, {"panels": [row]}).parts == ()
    (part,) = compare({"panels": [row]}, {"panels": opened}).parts
    assert [(each.where, each.new) for each in part.differences] == [("collapsed", False)]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (steps({"mode": "absolute", "steps": [{"color": "red", "value": None}]}), '(Step("red"),)'),
        (steps({"mode": "percentage", "steps": []}), None),
        (steps({"steps": [{"color": "#aabbcc", "value": 1}]}), None),
        (steps(None), "()"),
        (unit("s"), "units.SECONDS"),
        (unit("dBm"), '"dBm"'),
        (number(True), None),
        (number(None), "None"),
        (number(0.5), "0.5"),
    ],
)
def test_values_as_code(said: str | None, code: str | None) -> None:
    assert said == code
