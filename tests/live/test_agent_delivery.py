"""What agents accept, what they do while Loki refuses lines, and how one follows the other."""

from __future__ import annotations

import json
import re
import subprocess
import time
from pathlib import Path

import pytest
import requests
import yaml

from catalog.load import load_catalog
from delivery.render import encode
from pipeline.agent import artifacts
from tests.live import agents
from tests.live.agent_samples import SHIPPED, altered, written
from tests.live.servers import find, free_port, missing
from tests.live.stack import ROOT


@pytest.mark.parametrize("catalog", ["catalog", "tests/fixtures/second", "tests/fixtures/minimal"])
def test_the_agents_accept_the_files_of_every_catalog(catalog: str, tmp_path: Path) -> None:
    """Every file that is built: promtail -check-syntax, alloy validate; and alloy fmt agrees."""
    programs = {name: next(iter(find(name)), None) for name in ("promtail", "alloy")}
    if None in programs.values():
        pytest.skip(" ".join(missing(name) for name in programs if programs[name] is None))
    checked = 0
    for number, artifact in enumerate(artifacts.generate(load_catalog(ROOT / catalog))):
        texts = {Path(artifact.path).name: encode(artifact).decode()}
        if artifact.path.endswith("configmap.yaml"):
            texts = yaml.safe_load(encode(artifact))["data"]
        for name, text in texts.items():
            path = tmp_path / str(number) / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            if name == "promtail.yaml":
                _accepts([programs["promtail"].path, "-check-syntax", f"-config.file={path}"])
            elif name == "config.alloy":
                _accepts([programs["alloy"].path, "validate", str(path)])
                assert _accepts([programs["alloy"].path, "fmt", str(path)]) == text
            checked += name in {"promtail.yaml", "config.alloy"}
    assert checked


def _accepts(command: list[str]) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("kind", ["promtail", "alloy"])
def test_nothing_is_lost_while_loki_refuses_lines_as_too_many(kind: str, tmp_path: Path) -> None:
    """Some 4 MB at once, of which Loki takes 0.3 MB a second: 429, and in the end all of it."""
    server = next(iter(find(kind)), None)
    lokis = sorted(find("loki"), key=lambda each: each.version)
    if server is None or not lokis:
        pytest.skip(missing(kind) if server is None else missing("loki"))
    loki = lokis[-1] if kind == "alloy" else lokis[0]
    now, number = time.time(), 4000
    first = written(SHIPPED, "host", loki.version >= (3,), now)[0]
    lines = [altered(first, at / 1000, message="m" * 900, number=at) for at in range(number)]
    agents.write(tmp_path / "logs", lines)
    limits = {"ingestion_rate_mb": 0.3, "ingestion_burst_size_mb": 1.5}
    with agents.running_loki(loki, tmp_path / "loki", limits) as url:
        at = agents.Address(tmp_path / "logs", tmp_path / "state", free_port(), free_port(), url)
        config = agents.configuration(kind, server, SHIPPED, at, tmp_path / "config")
        process = agents.start(server, config, at)
        try:
            since, end = int((now - 1000) * 1e9), int((now + 600) * 1e9)
            agents.wait_for(url, '{service=~".+"}', since, end, number, process)
            told = agents.stored(url, '{service=~".+"}', since, end)
            page = requests.get(f"http://{agents.HOST}:{at.http}/metrics", timeout=20).text
        finally:
            process.stop()
        refused = requests.get(f"{url}/metrics", timeout=20).text
    assert sum(_values(refused, r"loki_discarded_samples_total\{.*rate_limited.*\}")) > 0
    assert sum(_values(page, r"(?:promtail|loki_write)_dropped_entries_total\{.*\}")) == 0
    assert [json.loads(each.text)["number"] for each in told] == list(range(number))


def _values(page: str, series: str) -> list[float]:
    return [float(value) for value in re.findall(rf"^{series} (\S+)$", page, re.MULTILINE)]


def test_alloy_goes_on_where_promtail_stopped(tmp_path: Path) -> None:
    """The positions are taken over: no line is read a second time, and none is left out."""
    programs = [next(iter(find(kind)), None) for kind in ("promtail", "alloy")]
    lokis = sorted(find("loki"), key=lambda each: each.version)
    if None in programs or not lokis or lokis[-1].version < (3,):
        pytest.skip("needs Promtail, Alloy and a Loki 3")
    now = time.time()
    lines = written(SHIPPED, "host", True, now)[:200]
    agents.write(tmp_path / "logs", lines)
    since, end = int((now - 1000) * 1e9), int((now + 600) * 1e9)
    with agents.running_loki(lokis[-1], tmp_path / "loki") as url:
        at = agents.Address(tmp_path / "logs", tmp_path / "state", free_port(), free_port(), url)
        for server in programs:
            assert server
            config = agents.configuration(server.kind, server, SHIPPED, at, tmp_path / server.kind)
            process = agents.start(server, config, at)
            try:
                agents.wait_for(url, '{service=~".+"}', since, end, len(lines), process)
                if server.kind == "alloy":
                    page = requests.get(f"http://{agents.HOST}:{at.http}/metrics", timeout=20).text
            finally:
                process.stop()
            if server.kind == "promtail":
                more = [altered(lines[-1], second, message=f"no. {second}") for second in (1, 2)]
                agents.write(tmp_path / "logs", more)
                lines += more
        assert sum(_values(page, r"loki_process_custom_log_lines_total\{.*\}")) == len(more)
        assert agents.counted(url, '{service=~".+"}', end, 1600) == len(lines)
