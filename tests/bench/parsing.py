"""What parsing costs, as ratios within one run: queries a second for both languages.

Each text is parsed once a round and never twice in one; nothing is kept between rounds but the
grammar's table. JSON decoding of the same dashboards, by C code, is what it is set against.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence

import re2

from queries.logql_parser import regexes
from queries.logql_parser.grammar import table
from queries.logql_parser.parse import parse as parse_logql
from queries.promql_parser import parse as parse_promql
from tests.queries.shipped import GENERATED, shipped

ROUNDS = 9


def measure_parsing() -> None:
    """Part (c): the shipped queries, uncached."""
    dashboards = [
        path.read_text(encoding="utf-8")
        for path in sorted((GENERATED / "grafana" / "dashboards").rglob("*.json"))
    ]
    logql = sorted({query for _, query in shipped("logql")})
    promql = sorted({query for _, query in shipped("promql")})
    start = time.perf_counter()
    table()
    loading = time.perf_counter() - start
    decoding, of_logql, of_promql = [], [], []
    for _ in range(ROUNDS):
        regexes.fault.cache_clear()
        re2.purge()
        decoding.append(_seconds(json.loads, dashboards) / sum(map(len, dashboards)))
        of_logql.append(_seconds(parse_logql, logql))
        of_promql.append(_seconds(parse_promql, promql))
    base = min(decoding)
    print()
    print(
        f"Parsing the shipped queries, best of {ROUNDS} rounds; aim: 5,000 LogQL queries a second"
    )
    print("             queries   characters   queries/s   a character, in those of json.loads")
    for name, queries, seconds in (
        ("LogQL", logql, min(of_logql)),
        ("PromQL", promql, min(of_promql)),
    ):
        characters = sum(map(len, queries))
        print(
            f"  {name:8s}  {len(queries):8d} {characters:12d} {len(queries) / seconds:11.0f}"
            f" {seconds / characters / base:37.1f}"
        )
    print(f"  the grammar's table: {loading / base / 1e6:.1f} million characters, once a process")


def _seconds(parse: Callable[[str], object], texts: Sequence[str]) -> float:
    start = time.perf_counter()
    for text in texts:
        parse(text)
    return time.perf_counter() - start
