"""A Loki that is started elsewhere from a copy of its files answers as the first one did."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from tests.live.bucket import Bucket
from tests.live.servers import Process, Server, find, free_port, missing, until
from tests.live.stack import loki_config

Json = dict[str, Any]
LINES = 300


@pytest.fixture(params=find("loki") or [None], ids=str)
def server(request: pytest.FixtureRequest) -> Server:
    if request.param is None:
        pytest.skip(missing("loki"))
    return request.param  # type: ignore[no-any-return]


@contextmanager
def loki(server: Server, folder: Path) -> Iterator[str]:
    """One with all that it has in the folder, its write-ahead log as well."""
    port = free_port()
    rules = {"type": "local", "local": {"directory": str(folder / "rules")}}
    file = loki_config(folder, server, port=port, rules=rules)
    config = yaml.safe_load(file.read_text(encoding="utf-8"))
    config["ingester"] = {"wal": {"enabled": True, "dir": str(folder / "wal")}}
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    process = Process("loki", [server.path, f"-config.file={file}"], folder / "log")
    try:
        process.ready(f"http://127.0.0.1:{port}/ready")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.stop()


def push(url: str, began: float, first: int, last: int) -> None:
    streams = [
        {
            "stream": {"service": "kept", "level": level},
            "values": [
                [str(int((began + number) * 1e9)), json.dumps({"number": number})]
                for number in range(first, last)
                if (number % 3 == 0) == (level == "error")
            ],
        }
        for level in ("info", "error")
    ]
    answer = requests.post(f"{url}/loki/api/v1/push", json={"streams": streams}, timeout=30)
    assert answer.ok, answer.text


def answers(url: str, began: float) -> Json:
    """All lines in order, and what two queries of different kinds count."""
    window: Json = {
        "start": str(int((began - 10) * 1e9)),
        "end": str(int((began + LINES + 10) * 1e9)),
    }

    def ask(query: str, **more: str) -> Any:
        where = f"{url}/loki/api/v1/query_range"
        answer = requests.get(where, params={"query": query, **window, **more}, timeout=60)
        assert answer.ok, answer.text
        return answer.json()["data"]["result"]

    lines = ask('{service="kept"}', limit="1000", direction="forward")
    values = sorted(
        (stamp, each["stream"]["level"], text)
        for each in lines
        for stamp, text, *_ in each["values"]
    )
    return {
        "lines": values,
        "by level": sorted(
            (each["metric"]["level"], each["values"])
            for each in ask('sum by (level) (count_over_time({service="kept"}[5m]))', step="60s")
        ),
        "of a field": ask(
            'sum(sum_over_time({service="kept"} | json | unwrap number [5m]))', step="60s"
        ),
    }


def flushed(url: str) -> None:
    """What is in memory is written to the store."""
    assert requests.post(f"{url}/flush", timeout=60).status_code == 204


def _kept(server: Server, folder: Path) -> tuple[float, Json]:
    """A Loki that ran and was stopped, half of its lines in chunks and half in its log."""
    began = float(int(time.time()) - 2 * LINES)
    with loki(server, folder) as url:
        push(url, began, 0, LINES // 2)
        flushed(url)
        chunks = folder / "chunks"
        until(lambda: any(each.is_file() for each in chunks.rglob("*")), 60, "the first chunk")
        push(url, began, LINES // 2, LINES)
        before = answers(url, began)
    assert len(before["lines"]) == LINES
    assert before["by level"]
    assert before["of a field"]
    return began, before


def test_a_copy_of_all_files_answers_alike(server: Server, tmp_path: Path) -> None:
    began, before = _kept(server, tmp_path / "first")
    shutil.copytree(tmp_path / "first", tmp_path / "second")
    shutil.rmtree(tmp_path / "first")
    with loki(server, tmp_path / "second") as url:
        until(lambda: len(answers(url, began)["lines"]) >= LINES, 60, "the lines")
        assert answers(url, began) == before
        # It is a Loki like any other: it takes lines on.
        push(url, began, LINES, LINES + 1)
        assert len(answers(url, began)["lines"]) == LINES + 1


def test_a_copy_without_the_log_lacks_what_was_not_flushed(server: Server, tmp_path: Path) -> None:
    began, _ = _kept(server, tmp_path / "first")
    left_out = shutil.ignore_patterns("wal")
    shutil.copytree(tmp_path / "first", tmp_path / "second", ignore=left_out)
    with loki(server, tmp_path / "second") as url:
        assert len(answers(url, began)["lines"]) < LINES


@contextmanager
def loki_on(server: Server, folder: Path, bucket: Bucket) -> Iterator[str]:
    """One that keeps chunks and index in a bucket, and the rest in the folder."""
    port = free_port()
    rules = {"type": "local", "local": {"directory": str(folder / "rules")}}
    file = loki_config(folder, server, port=port, rules=rules)
    config = yaml.safe_load(file.read_text(encoding="utf-8"))
    config["ingester"] = {"wal": {"enabled": True, "dir": str(folder / "wal")}}
    config["common"]["storage"] = {"s3": bucket.settings}
    config["schema_config"]["configs"][0]["object_store"] = "s3"
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    process = Process("loki", [server.path, f"-config.file={file}"], folder / "log")
    try:
        process.ready(f"http://127.0.0.1:{port}/ready")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.stop()


def test_a_copy_of_the_bucket_is_whole_after_a_flushing_shutdown(
    server: Server, tmp_path: Path
) -> None:
    began = float(int(time.time()) - 2 * LINES)
    first, second = Bucket(), Bucket()
    try:
        with loki_on(server, tmp_path / "first", first) as url:
            push(url, began, 0, LINES)
            before = answers(url, began)
            down = {"flush": "true", "terminate": "true", "delete_ring_tokens": "false"}
            where = f"{url}/ingester/shutdown"
            assert requests.post(where, params=down, timeout=120).status_code == 204
            until(lambda: not _listens(url), 60, "the end of the first")
        assert len(before["lines"]) == LINES
        second.fill(first)
        with loki_on(server, tmp_path / "second", second) as url:
            until(lambda: len(answers(url, began)["lines"]) >= LINES, 60, "the lines")
            assert answers(url, began) == before
    finally:
        first.stop()
        second.stop()


def _listens(url: str) -> bool:
    try:
        requests.get(f"{url}/ready", timeout=5)
    except requests.RequestException:
        return False
    return True
