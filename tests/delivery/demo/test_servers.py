from __future__ import annotations

from pathlib import Path

import pytest

from delivery.demo.plan import KINDS, found
from delivery.demo.servers import BINARIES, LEFT_OUT, Server, find, first, missing
from tests.delivery.demo import programs


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any server: its folder of programs."""
    for variable, _ in BINARIES.values():
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.delenv("GRAFANA_HOME", raising=False)
    programs_folder = tmp_path / "bin"
    programs_folder.mkdir()
    monkeypatch.setenv("PATH", str(programs_folder))
    return programs_folder


def test_a_server_on_the_path_is_found_with_its_release(machine: Path) -> None:
    path = programs.write(machine, "loki", release="3.7.6")
    assert find("loki") == [Server("loki", str(path), "3.7.6")]
    assert find("loki")[0].version == (3, 7, 6)


def test_a_variable_names_several_and_comes_before_the_path(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs.write(machine, "loki", release="1.0.0")
    old = programs.write(machine / "old", "loki-old", release="2.9.4")
    new = programs.write(machine / "new", "loki-new", release="3.7.6")
    monkeypatch.setenv("LOKI_BIN", f"{old}:{new}")
    assert [str(each) for each in find("loki")] == ["loki 2.9.4", "loki 3.7.6"]


def test_a_grafana_is_found_by_its_home_and_asked_for_nothing(
    machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "grafana"
    programs.script(home / "bin/grafana", "#!/bin/sh\nexit 1\n")
    (home / "VERSION").write_text("11.0.0\n")
    monkeypatch.setenv("GRAFANA_HOME", str(home))
    [server] = find("grafana")
    assert (server.release, server.home) == ("11.0.0", home)


def test_alloy_is_the_agent_and_promtail_where_only_that_is(machine: Path) -> None:
    programs.write(machine, "promtail", release="2.9.4")
    assert str(first("agent")) == "promtail 2.9.4"
    programs.write(machine, "alloy", release="1.18.1")
    assert str(first("agent")) == "alloy 1.18.1"


def test_what_is_missing_is_named_with_what_is_left_out(machine: Path) -> None:
    for kind in KINDS:
        if kind not in {"agent", "jaeger"}:
            programs.write(machine, BINARIES[kind][1])
    agent, jaeger = found().missing
    assert agent == (
        "no alloy: alloy is not on the PATH, and ALLOY_BIN names none and "
        "no promtail: promtail is not on the PATH, and PROMTAIL_BIN names none: "
        "lines are pushed to Loki with the labels that the agent would have set"
    )
    assert jaeger == (
        "no jaeger: jaeger is not on the PATH, and JAEGER_BIN names none: "
        "there are no traces, and links to traces lead nowhere"
    )


def test_a_machine_without_anything_lacks_every_kind(machine: Path) -> None:
    plan = found()
    assert plan.found == []
    assert len(plan.missing) == len(KINDS) == len(LEFT_OUT)


def test_what_is_chosen_is_not_looked_for(machine: Path) -> None:
    chosen = Server("loki", "/somewhere/loki", "2.9.4")
    assert found(loki=chosen, scale=0.5).found == [chosen]


def test_a_missing_grafana_is_looked_for_at_two_places() -> None:
    assert missing("grafana") == (
        "no grafana: grafana is not on the PATH, and GRAFANA_BIN or GRAFANA_HOME names none"
    )
