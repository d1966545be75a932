"""What the integration guide says a Loki answers, each fault planted on a real one.

The tables of the page are read, not copied: a row that nobody provokes fails, and so does a fault
that no row tells of.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests

from catalog.load import load_catalog
from tests.live.deployed_loki import HOST, ROOT, Place, here, moto, push, rendered, running
from tests.live.servers import Process, Server, free_port, until

Json = dict[str, Any]
PAGE = (ROOT / "docs/integration.md").read_text(encoding="utf-8")
DAY = 86400
#: A rate that 400 lines of 900 bytes are above, and 40 of one stream above the stream's.
LIMITS = {
    "ingestion_rate_mb": 0.05,
    "ingestion_burst_size_mb": 0.1,
    "per_stream_rate_limit": "20000B",
    "per_stream_rate_limit_burst": "30000B",
    "max_global_streams_per_user": 3,
    "max_line_size": "1KB",
    "max_line_size_truncate": False,
}


def table(title: str) -> list[list[str]]:
    """The rows of the first table below that title that says what to do."""
    part = PAGE.split(f"{title}\n")[1]
    lines = part.split("| Do |")[1].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def now(ago: float = 0) -> float:
    return time.time() - ago


def flood(lines: int) -> list[tuple[float, str]]:
    """So many lines of 900 bytes, none of them another's double."""
    begun = now()
    return [(begun + each / 1e5, "x" * 900) for each in range(lines)]


def _too_many_streams(url: str) -> requests.Response:
    answers = [push(url, {"service": f"s{each}"}, [(now(), "x")]) for each in range(4)]
    return next(each for each in answers if each.status_code != 204)


#: What is sent for each reason, and the answer that refuses it.
PROVOKED: Mapping[str, Callable[[str], requests.Response]] = {
    "missing_labels": lambda url: push(url, {}, [(now(), "x")]),
    "max_label_names_per_series": lambda url: push(
        url, {f"l{each}": "v" for each in range(20)}, [(now(), "x")]
    ),
    "greater_than_max_sample_age": lambda url: push(url, {"service": "a"}, [(now(8 * DAY), "x")]),
    "too_far_behind": lambda url: push(url, {"service": "a"}, [(now(3600), "x")]),
    "too_far_in_future": lambda url: push(url, {"service": "a"}, [(now(-3600), "x")]),
    "line_too_long": lambda url: push(url, {"service": "a"}, [(now(), "x" * 2000)]),
    "per_stream_rate_limit": lambda url: push(url, {"service": "a"}, flood(40)),
    "rate_limited": lambda url: push(url, {"service": "a"}, flood(400)),
    "stream_limit": _too_many_streams,
    "disallowed_structured_metadata": lambda url: push(
        url, {"service": "a"}, [(now(), "x")], trace="1"
    ),
}


def refusals() -> dict[str, tuple[str, str]]:
    """Of each reason that is counted: the status, and what the answer has."""
    found = {}
    for first, answer, _ in table("### What Loki answers to lines that it refuses"):
        counted = re.fullmatch(r"(\d+) `(\w+)`", first)
        if counted:
            found[counted[2]] = (counted[1], answer.strip("`").partition("…")[0])
    return found


def test_each_refusal_is_what_the_guide_says(loki: Server, place: Place) -> None:
    said = refusals()
    assert said.keys() == PROVOKED.keys()
    config = here(rendered(load_catalog(ROOT / "catalog"), loki.release), place)
    config["limits_config"] |= LIMITS
    newer = loki.release.startswith("3")
    with running(loki, config, place):
        # Lines that are too old are so beside a newer one of their stream.
        assert push(place.url, {"service": "a"}, [(now(), "first")]).status_code == 204
        for reason, provoke in PROVOKED.items():
            if reason == "disallowed_structured_metadata" and newer:
                continue
            # Each has a second's allowance to itself.
            time.sleep(2)
            answer = provoke(place.url)
            status, text = said[reason]
            assert str(answer.status_code) == status, (reason, answer.text)
            assert text.lower().lstrip("… ") in answer.text.lower(), (reason, answer.text)
            metrics = requests.get(f"{place.url}/metrics", timeout=10).text
            counted = rf'^loki_discarded_samples_total\{{.*reason="{reason}".*\}} [1-9]'
            assert re.search(counted, metrics, re.MULTILINE), reason


def test_what_is_not_counted_is_answered_so(loki: Server, place: Place) -> None:
    config = here(rendered(load_catalog(ROOT / "catalog"), loki.release), place)
    with running(loki, config, place):
        dash = push(place.url, {"a-b": "x"}, [(now(), "x")])
        body: Json = {"streams": []}
        nobody = requests.post(f"{place.url}/loki/api/v1/push", json=body, timeout=10)
    assert f"| 400, not counted | `{dash.text.partition(':')[0]}` |" in PAGE
    assert (dash.status_code, nobody.status_code) == (400, 401)
    assert f"| 401, not counted | `{nobody.text.strip()}` |" in PAGE


def _unreachable(place: Place, tmp_path: Path) -> str:
    return f"http://{HOST}:1"


def _unnamed(place: Place, tmp_path: Path) -> str:
    return "http://store.nowhere.invalid:80"


STORES: Mapping[str, Callable[[Place, Path], str]] = {
    "connect: connection refused": _unreachable,
    "no such host": _unnamed,
}


@pytest.mark.parametrize("fault", ["connect: connection refused", "no such host"])
def test_a_loki_without_its_store_ends_and_says_why(
    loki: Server, place: Place, tmp_path: Path, fault: str
) -> None:
    place.store = STORES[fault](place, tmp_path)
    _ends(loki, place, fault)


@pytest.mark.parametrize("fault", ["NoSuchBucket", "InvalidAccessKeyId"])
def test_a_store_that_refuses_ends_it_too(
    loki: Server, place: Place, tmp_path: Path, fault: str
) -> None:
    """A store without buckets; and one that lets nobody in who is unknown to it."""
    port = free_port()
    guarded = {"INITIAL_NO_AUTH_ACTION_COUNT": "0"} if fault == "InvalidAccessKeyId" else {}
    program = moto()
    assert program
    command = [program, "-H", HOST, "-p", str(port)]
    empty = Process("moto", command, tmp_path / "empty", guarded)
    try:
        empty.ready(f"http://{HOST}:{port}/moto-api/", 120)
        place.store = f"http://{HOST}:{port}"
        _ends(loki, place, fault)
    finally:
        empty.stop()


def _ends(loki: Server, place: Place, fault: str) -> None:
    """Its log names the fault, in a word that the guide's table has."""
    rows = table("### 3 The object store refuses")
    assert any(f"`{fault}`" in row[0] for row in rows)
    config = here(rendered(load_catalog(ROOT / "catalog"), loki.release), place)
    with running(loki, config, place, wait=False) as process:
        until(process.died, 120, "its end", process.tail)
        log = process.log.read_text(errors="replace")
    assert "failed to get s3 object" in log
    assert fault in log
