"""Docker compose is asked for what the servers would be told; no docker is needed to see it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from delivery.demo import containers
from delivery.demo.containers import Containers, compose, images, servers
from delivery.demo.plan import KINDS, found
from delivery.demo.servers import Server
from tests.delivery.demo import programs

#: The keys of a service that we write, as the Compose specification defines them.
_KEYS = {
    "image": str,
    "command": list,
    "network_mode": str,
    "user": str,
    "working_dir": str,
    "environment": dict,
    "volumes": list,
}

#: A docker whose `info` answers as it is told to, and that writes down what it is asked.
_DOCKER = """\
#!/bin/sh
echo "$*" >> "{said}"
case "$1" in
  info) exit {status} ;;
esac
exit 0
"""


def fake(folder: Path, status: int = 0) -> Path:
    return programs.script(folder / "docker", _DOCKER.format(said=folder / "said", status=status))


def test_a_docker_that_answers_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docker = fake(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert containers.docker() == str(docker)
    assert (tmp_path / "said").read_text().splitlines() == ["compose version", "info"]


def test_a_docker_whose_daemon_is_away_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(tmp_path, status=1)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert containers.docker() is None


def test_no_docker_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert containers.docker() is None


def test_every_kind_of_server_has_an_image_that_is_pinned() -> None:
    told = images()
    assert told.keys() == set(KINDS)
    for kind, image in told.items():
        assert any(each.isdigit() for each in image.rpartition(":")[2]), (kind, image)


def test_a_plan_of_containers_misses_nothing_and_knows_its_releases(tmp_path: Path) -> None:
    plan = found(**servers("/usr/bin/docker", tmp_path))
    assert plan.missing == []
    told = {kind: getattr(plan, kind) for kind in KINDS}
    assert str(told["agent"]).startswith("alloy 1.")
    assert told["prometheus"].version >= (2, 42)
    assert told["loki"].version[0] == 3
    assert all(each.image for each in told.values())


def test_a_compose_file_says_what_the_program_would_be_told(tmp_path: Path) -> None:
    server = Server("loki", "/usr/bin/docker", "3.7.6", None, "grafana/loki:3.7.6")
    words = ["-config.file=/x/loki.yaml", "-config.expand-env=true"]
    told = compose(tmp_path, "loki", words, {"LOKI_DATA": "/x/$data"}, server)
    assert told["name"].endswith("-loki")
    assert told["services"] == {
        "loki": {
            "image": "grafana/loki:3.7.6",
            "command": words,
            "network_mode": "host",
            "user": f"{os.getuid()}:{os.getgid()}",
            "working_dir": str(tmp_path),
            "environment": {"LOKI_DATA": "/x/$$data"},
            "volumes": [f"{tmp_path}:{tmp_path}"],
        }
    }


@pytest.mark.parametrize("kind", [each for each in KINDS if each != "promtool"])
def test_every_compose_file_keeps_to_the_specification(tmp_path: Path, kind: str) -> None:
    server = servers("docker", tmp_path)[kind]
    told = compose(tmp_path, kind, ["--a=b"], {"A": "b"}, server)
    assert told.keys() == {"name", "services"}
    # Project names: lower case, digits, dashes and underscores, a letter or digit first.
    assert told["name"].islower()
    assert told["name"][0].isalnum()
    [service] = told["services"].values()
    for key, value in service.items():
        assert isinstance(value, _KEYS[key]), key


def test_grafana_finds_its_dashboards_where_the_provisioning_says(tmp_path: Path) -> None:
    server = servers("docker", tmp_path)["grafana"]
    [service] = compose(tmp_path, "grafana", [], {}, server)["services"].values()
    mounted = f"{tmp_path}/generated/grafana/dashboards:/var/lib/grafana/dashboards:ro"
    assert service["volumes"] == [f"{tmp_path}:{tmp_path}", mounted]


def test_a_server_runs_in_the_foreground_and_leaves_nothing(tmp_path: Path) -> None:
    docker = fake(tmp_path)
    known = Containers(str(docker), tmp_path / "data")
    server = Server("jaeger", str(docker), "2.20.0", None, "jaegertracing/jaeger:2.20.0")
    command = known.command("jaeger", [server.path, "--config", "x.yaml"], {}, server)
    file = tmp_path / "data/containers/jaeger.yaml"
    assert command == [str(docker), "compose", "--file", str(file), "up", "--no-log-prefix"]
    [service] = yaml.safe_load(file.read_text())["services"].values()
    assert service["command"] == ["--config", "x.yaml"]
    known.remove("jaeger")
    assert (tmp_path / "said").read_text() == f"compose --file {file} down --timeout 20\n"


def test_promtool_runs_in_the_image_of_prometheus(tmp_path: Path) -> None:
    docker = fake(tmp_path)
    data = tmp_path / "data"
    promtool = servers(str(docker), data)["promtool"]
    Containers(str(docker), data).write_promtool()
    subprocess.run([promtool.path, "tsdb", "a b"], check=True)
    asked = (tmp_path / "said").read_text().strip()
    image = images()["prometheus"]
    assert asked.startswith("run --rm --network host --user ")
    assert asked.endswith(f"--volume {data}:{data} --entrypoint promtool {image} tsdb a b")


def test_the_images_are_those_of_our_compose_file() -> None:
    text = containers.COMPOSE_FILE.read_text(encoding="utf-8")
    assert json.dumps(images())
    assert all(f"image: {image}" in text for image in images().values())
