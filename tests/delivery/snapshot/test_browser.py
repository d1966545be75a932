"""Which browser is used, and what is said where there is none."""

from __future__ import annotations

import sys

import pytest

from catalog.errors import UserError
from delivery.cli import main
from delivery.snapshot import browser
from delivery.snapshot.wish import Film


def program(folder, name):
    file = folder / name
    file.write_text("#!/bin/sh\nexit 1\n")
    file.chmod(0o755)
    return str(file)


def test_the_one_that_is_named_is_taken(tmp_path):
    named = program(tmp_path, "mine")
    assert browser.chromium({"CHROMIUM_BIN": named}) == named


@pytest.mark.parametrize("name", browser.PROGRAMS)
def test_else_the_first_on_the_path(tmp_path, monkeypatch, name):
    monkeypatch.setenv("PATH", str(tmp_path))
    found = program(tmp_path, name)
    assert browser.chromium({}) == found


def test_none_is_one_line_with_its_remedy(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM_BIN", raising=False)
    assert main(["snapshot", "--grafana-url", "http://127.0.0.1:9"]) == 1
    assert capsys.readouterr().err == (
        "snapshot: no Chromium is on the PATH (looked for chromium, chromium-browser, "
        "google-chrome, google-chrome-stable). Install one, such as Debian's package chromium, or "
        "name it in CHROMIUM_BIN.\n"
    )


def test_a_name_that_is_no_program_is_not_passed_over(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "note").write_text("")
    with pytest.raises(UserError) as error:
        browser.chromium({"CHROMIUM_BIN": str(tmp_path / "note")})
    assert str(error.value) == "CHROMIUM_BIN (note): is no program that can be run. Correct it."


def test_playwright_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    with pytest.raises(UserError) as error, browser.launched("/bin/true"):
        pass
    said = "snapshot: playwright is not installed. Run make venv, or pip install '.[demo]'."
    assert str(error.value) == said


def test_a_browser_that_ends_at_once_is_one_line(tmp_path, monkeypatch):
    pytest.importorskip("playwright", reason="playwright is not installed")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError) as error, browser.launched(program(tmp_path, "broken")):
        pass
    text = str(error.value)
    assert text.startswith("broken: does not start: ")
    assert text.endswith(". Start it by hand to see why, or name another in CHROMIUM_BIN.")
    assert "\n" not in text


def test_where_grafana_is_has_to_be_said(monkeypatch, capsys):
    monkeypatch.setenv("CHROMIUM_BIN", "/bin/true")
    monkeypatch.delenv("GRAFANA_URL", raising=False)
    assert main(["snapshot"]) == 2
    said = "grafana: nothing says where it is. Set GRAFANA_URL, or add --grafana-url.\n"
    assert capsys.readouterr().err == said


def test_comparing_needs_something_to_compare_with(capsys):
    assert main(["snapshot", "--no-take"]) == 2
    said = "--no-take: needs --before. Name the earlier pictures.\n"
    assert capsys.readouterr().err == said


def test_qualities_are_tried_only_where_there_is_a_limit():
    assert len(Film("png", 1.0, 10).qualities) == 1
    assert len(Film("webp", 1.0, 0).qualities) == 1
    found = Film("webp", 1.0, 10).qualities
    assert found == tuple(sorted(found, reverse=True))
    assert len(found) > 3
