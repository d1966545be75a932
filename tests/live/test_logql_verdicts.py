"""The parser's verdict on every query of the corpus is the one that the real Loki gives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import yaml

from queries.logql_parser.errors import LogQLError
from queries.logql_parser.parse import parse
from queries.logql_parser.releases import lacking
from tests.live.servers import Process, Server, find, free_port, missing
from tests.queries.logql_parser.corpus_files import recorded
from tests.queries.shipped import shipped

SERVERS = find("loki")


@pytest.fixture(scope="module", params=SERVERS or [None], ids=str)
def loki(request, tmp_path_factory) -> Iterator[tuple[Server, str]]:
    """A Loki of each release that is found, and its address."""
    server = request.param
    if server is None:
        pytest.skip(missing("loki"))
    folder = tmp_path_factory.mktemp("loki")
    port = free_port()
    config = folder / "loki.yaml"
    config.write_text(yaml.safe_dump(configuration(folder, port)), encoding="utf-8")
    process = Process("loki", [server.path, f"-config.file={config}"], folder)
    url = f"http://127.0.0.1:{port}"
    try:
        process.ready(f"{url}/loki/api/v1/status/buildinfo")
        yield server, url
    finally:
        process.stop()


def configuration(folder: Path, port: int) -> dict:
    """The least that a Loki needs that is only asked about queries."""
    storage = {"chunks_directory": f"{folder}/chunks", "rules_directory": f"{folder}/rules"}
    return {
        "auth_enabled": False,
        "analytics": {"reporting_enabled": False},
        "server": {
            "http_listen_address": "127.0.0.1",
            "http_listen_port": port,
            "grpc_listen_address": "127.0.0.1",
            "grpc_listen_port": free_port(),
            "log_level": "error",
        },
        "common": {
            "instance_addr": "127.0.0.1",
            "path_prefix": str(folder),
            "replication_factor": 1,
            "storage": {"filesystem": storage},
            "ring": {"kvstore": {"store": "inmemory"}},
        },
        "schema_config": {
            "configs": [
                {
                    "from": "2024-01-01",
                    "store": "tsdb",
                    "object_store": "filesystem",
                    "schema": "v12",
                    "index": {"prefix": "index_", "period": "24h"},
                }
            ]
        },
        "limits_config": {"allow_structured_metadata": False},
    }


def verdicts(url: str, queries: list[str]) -> list[bool]:
    """Does the server take them? It answers 500 where its printer fails on what it parsed."""
    with requests.Session() as session:
        answers = [
            session.post(f"{url}/loki/api/v1/format_query", data={"query": query}, timeout=30)
            for query in queries
        ]
    assert {answer.status_code for answer in answers} <= {200, 400, 500}
    return [answer.status_code == 200 for answer in answers]


def ours(query: str, *, old: bool) -> bool:
    try:
        expression = parse(query)
    except LogQLError:
        return False
    return not (old and lacking(query, expression, "2.9.4"))


@pytest.mark.live
def test_the_corpus_holds_what_this_loki_says(loki):
    server, url = loki
    old = server.version < (3,)
    cases = recorded()
    found = verdicts(url, [case.query for case in cases])
    release = "2.9.4" if old else "3.7.6"
    wrong = [
        (case.query, taken)
        for case, taken in zip(cases, found, strict=True)
        if taken is not (release in case.accepted_by)
    ]
    assert wrong == []
    # 2.9 takes some names that became words later: the parser stands for the newest.
    differing = [
        case.query
        for case, taken in zip(cases, found, strict=True)
        if taken is not ours(case.query, old=old) and case.accepted_by != ("2.9.4",)
    ]
    assert differing == []


@pytest.mark.live
def test_every_shipped_query_is_taken(loki):
    _, url = loki
    queries = [query for _, query in shipped("logql")]
    assert [
        query for query, taken in zip(queries, verdicts(url, queries), strict=True) if not taken
    ] == []
