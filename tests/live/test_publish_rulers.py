"""Rulers as they are: a Loki that takes rules, one that reads files, and a Prometheus."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from delivery.cli import main
from tests.live.bucket import Bucket
from tests.live.servers import Process, Server, find, free_port, missing
from tests.live.stack import ROOT, loki_config

Json = dict[str, Any]
#: The environment whose Loki knows its tenants by a header.
TENANTS = ("--environment", "cluster")


@dataclass
class Loki:
    """One that runs, and its rules of our tenant."""

    url: str

    def rules(self) -> dict[str, list[Json]]:
        answer = requests.get(
            f"{self.url}/loki/api/v1/rules", headers={"X-Scope-OrgID": "neurectomy"}, timeout=30
        )
        return yaml.safe_load(answer.text) if answer.ok else {}


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("rulers") / "generated"
    assert main(["build", "--catalog", str(ROOT / "catalog"), "--out", str(out)]) == 0
    return out


@pytest.fixture(autouse=True)
def _no_other_server(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GRAFANA", "LOKI", "MIMIR", "PROMETHEUS"):
        monkeypatch.delenv(f"{name}_URL", raising=False)


def run(generated: Path, command: str, *arguments: str) -> int:
    where = ["--catalog", str(ROOT / "catalog"), "--generated", str(generated)]
    return main([command, *where, *arguments])


@contextmanager
def loki(server: Server, folder: Path, rules: Json, limits: Json) -> Iterator[Loki]:
    """One that asks for a tenant."""
    port = free_port()
    file = loki_config(folder, server, port=port, rules=rules)
    config = yaml.safe_load(file.read_text(encoding="utf-8"))
    config["auth_enabled"] = True
    config["limits_config"] |= limits
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    process = Process("loki", [server.path, f"-config.file={file}"], folder)
    try:
        process.ready(f"http://127.0.0.1:{port}/ready")
        yield Loki(f"http://127.0.0.1:{port}")
    finally:
        process.stop()


def _bucket(bucket: Bucket) -> Json:
    return {
        "type": "s3",
        "s3": {
            "endpoint": bucket.address,
            "bucketnames": bucket.name,
            "access_key_id": "any",
            "secret_access_key": "any",
            "region": "none",
            "insecure": True,
            "s3forcepathstyle": True,
        },
    }


@pytest.fixture(params=find("loki") or [None], ids=str)
def server(request: pytest.FixtureRequest) -> Server:
    if request.param is None:
        pytest.skip(missing("loki"))
    found: Server = request.param
    return found


def test_a_ruler_is_made_to_match(
    server: Server, generated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket = Bucket()
    groups = sum(
        len(yaml.safe_load(path.read_text(encoding="utf-8"))["groups"])
        for path in (generated / "loki/rules/neurectomy").glob("*.yaml")
    )
    limits = {"ruler_max_rule_groups_per_tenant": groups + 1}
    try:
        with loki(server, tmp_path, _bucket(bucket), limits) as ruler:
            where = (*TENANTS, "--loki-url", ruler.url)
            assert run(generated, "publish", *where) == 0
            assert run(generated, "plan", *where, "--exit-code") == 0
            whole = ruler.rules()
            assert sum(map(len, whole.values())) == groups

            space, kept = next(iter(whole.items()))
            _send(ruler, space, {**kept[0], "interval": "7m"})
            _send(ruler, space, {**kept[0], "name": "old"})
            capsys.readouterr()
            assert run(generated, "plan", *where) == 0
            told = capsys.readouterr().out
            assert "interval: 420.0 ->" in told
            assert f"- log rules {space}/old" in told
            # Now the tenant has as many as it may.
            assert run(generated, "publish", *where) in {3, 4}
            assert "the tenant has as many as it may" in capsys.readouterr().out
            _remove(ruler, space, "old")
            assert run(generated, "publish", *where) == 0
            _send(ruler, space, {**kept[0], "name": "old"})
            assert run(generated, "publish", *where, "--prune") == 0
            assert ruler.rules() == whole
    finally:
        bucket.stop()


def _send(ruler: Loki, space: str, group: Json) -> None:
    answer = requests.post(
        f"{ruler.url}/loki/api/v1/rules/{space}",
        data=yaml.safe_dump(group).encode(),
        headers={"Content-Type": "application/yaml", "X-Scope-OrgID": "neurectomy"},
        timeout=30,
    )
    assert answer.status_code == requests.codes.accepted, answer.text


def _remove(ruler: Loki, space: str, group: str) -> None:
    answer = requests.delete(
        f"{ruler.url}/loki/api/v1/rules/{space}/{group}",
        headers={"X-Scope-OrgID": "neurectomy"},
        timeout=30,
    )
    assert answer.status_code == requests.codes.accepted, answer.text


def test_a_ruler_that_reads_files_is_left_alone(
    server: Server, generated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = tmp_path / "mounted"
    shutil.copytree(generated / "loki/rules/neurectomy", files / "neurectomy")
    storage = {"type": "local", "local": {"directory": str(files)}}
    with loki(server, tmp_path / "loki", storage, {}) as ruler:
        where = (*TENANTS, "--loki-url", ruler.url)
        assert run(generated, "plan", *where, "--exit-code") == 0
        assert "left alone" not in capsys.readouterr().out
        next((files / "neurectomy").glob("*.yaml")).unlink()
        assert run(generated, "publish", *where) == 0
        capsys.readouterr()
        assert run(generated, "plan", *where, "--exit-code") == 0
        told = capsys.readouterr().out
        assert "left alone" in told
        assert "mount generated/loki/rules/neurectomy/" in told


def test_prometheus_reads_its_files_again(
    generated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = next(iter(find("prometheus")), None)
    if server is None:
        pytest.skip(missing("prometheus"))
    rules = tmp_path / "rules"
    shutil.copytree(generated / "prometheus/rules", rules)
    away = min(rules.glob("*.yaml"))
    text = away.read_text(encoding="utf-8")
    away.unlink()
    (tmp_path / "prometheus.yml").write_text(f"rule_files: ['{rules}/*.yaml']\n", encoding="utf-8")
    address = f"127.0.0.1:{free_port()}"
    command = [
        server.path,
        f"--config.file={tmp_path / 'prometheus.yml'}",
        f"--storage.tsdb.path={tmp_path / 'tsdb'}",
        f"--web.listen-address={address}",
        "--web.enable-lifecycle",
    ]
    process = Process("prometheus", command, tmp_path)
    where = ("--prometheus-url", f"http://{address}")
    try:
        process.ready(f"http://{address}/-/ready")
        assert run(generated, "publish", *where) == 3
        assert "they are not those of generated/prometheus/rules" in capsys.readouterr().out
        away.write_text(text, encoding="utf-8")
        assert run(generated, "plan", *where, "--exit-code") == 1
        assert run(generated, "publish", *where) == 0
        assert run(generated, "plan", *where, "--exit-code") == 0
        away.write_text("groups: [", encoding="utf-8")
        assert run(generated, "plan", *where, "--exit-code") == 0
    finally:
        process.stop()
