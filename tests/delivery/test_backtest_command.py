"""The command ``backtest``: what it refuses, what it prints and draws."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from delivery import cli
from delivery.render import rendered
from delivery.write import write_tree

NeedBinary = Callable[[str], str]
MINE = """incidents:
  - id: mine
    title: Mine
    help: Everything fails for ten minutes.
    rate: 20
    before: 30m
    course: [{lasts: 10m, errors: {ratio: 1}}]
    after: 15m
"""


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from catalog.load import load_catalog

    folder = tmp_path_factory.mktemp("generated") / "out"
    write_tree(folder, rendered(load_catalog(Path("catalog"))))
    return folder


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--objective", "ryot/availabilty"],
            "--objective: there is no 'ryot/availabilty'. Did you mean 'ryot/availability'?",
        ),
        (
            ["--incident", "outrage"],
            "--incident: there is no 'outrage'. Did you mean 'outage'?",
        ),
        (
            ["--objective", "ryot/availability", "--incident", "latency-drift"],
            "--incident: concerns none of these objectives. Name another one of the two.",
        ),
        (
            ["--incidents", "nowhere.yaml"],
            "nowhere.yaml: there is no such file. Create it.",
        ),
    ],
)
def test_what_there_is_not_is_refused(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["backtest", *arguments]) == 2
    assert capsys.readouterr().err == message + "\n"


def test_without_promtool_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert cli.main(["backtest"]) == 1
    assert capsys.readouterr().err == (
        "promtool: not found on the PATH. Install Prometheus, which it comes with.\n"
    )


def test_a_table_json_and_a_picture(
    generated: Path, tmp_path: Path, need_binary: NeedBinary, capsys: pytest.CaptureFixture[str]
) -> None:
    need_binary("promtool")
    mine = tmp_path / "mine.yaml"
    mine.write_text(MINE, encoding="utf-8")
    arguments = ["backtest", "--generated", str(generated), "--incidents", str(mine)]
    arguments += ["--objective", "ryot/availability"]
    assert cli.main([*arguments, "--out", str(tmp_path / "drawn")]) == 0
    table = capsys.readouterr().out.splitlines()
    assert table[0] == "ryot/availability: 99.9 % of 30d, Requests answered without a server error"
    assert table[2].split() == (
        "mine page 1h/5m 26 s 71 s 30 s 300 s 1.2 % ok".split()  # 0.0144 of half an hour
    )
    drawn = tmp_path / "drawn" / "ryot-availability.svg"
    first = drawn.read_text(encoding="utf-8")
    assert ET.fromstring(first).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 - our own
    assert cli.main([*arguments, "--format", "json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["incident"], found["detected"], found["false_alarms"]) == ("mine", True, 0)
    page = found["alerts"][0]
    assert (page["window"], page["measured_seconds"], page["reset_seconds"]) == ("1h", 30, 300)
    assert cli.main([*arguments, "--out", str(tmp_path / "drawn")]) == 0
    assert drawn.read_text(encoding="utf-8") == first


def test_worse_than_promised_is_a_failure(
    generated: Path, tmp_path: Path, need_binary: NeedBinary, capsys: pytest.CaptureFixture[str]
) -> None:
    need_binary("promtool")
    mine = tmp_path / "mine.yaml"
    mine.write_text(MINE, encoding="utf-8")
    rules = tmp_path / "prometheus" / "rules"
    rules.mkdir(parents=True)
    name = "slo-ryot.availability.yaml"
    text = (generated / "prometheus/rules" / name).read_text(encoding="utf-8")
    (rules / name).write_text(text.replace("> 14.4 ", "> 1440 "), encoding="utf-8")
    arguments = ["backtest", "--generated", str(tmp_path), "--incidents", str(mine)]
    assert cli.main([*arguments, "--objective", "ryot/availability"]) == 1
    assert capsys.readouterr().err == (
        "ryot/availability, mine, 1h/5m: missed: it should have fired by 71 s\n"
    )
