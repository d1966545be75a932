"""Loki as it is deployed takes its configuration, and does what the catalog says.

The configurations are those that ship, with other addresses and folders; where a test needs
more, a shorter time for instance, it changes that one setting itself.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

import alerts.registry
import pipeline.deploy.registry
from catalog.load import load_catalog
from delivery.render import encode
from tests.live.deployed_loki import (
    HOST,
    ROOT,
    TENANT,
    Place,
    catalog_with,
    flush,
    here,
    lines_of,
    objects,
    push,
    rendered,
    running,
    stats,
    verdict,
)
from tests.live.servers import Process, Server, find, free_port, until

Json = dict[str, Any]

CHUNKS, RULES = "neurectomy-loki-chunks", "neurectomy-loki-ruler"
HOUR, DAY = 3600, 86400
LOKIS = find("loki")


def of_generation(release: str) -> Server:
    """A Loki that the configuration of a release is for: of the same major version."""
    fitting = [each for each in LOKIS if each.release[0] == release[0]]
    if not fitting:
        pytest.skip(f"no Loki {release[0]}.x: LOKI_BIN names none")
    return fitting[-1]


CATALOGS = ("catalog", "tests/fixtures/minimal", "tests/fixtures/second")


@pytest.mark.parametrize("source", CATALOGS)
def test_every_configuration_is_valid(source: str, tmp_path: Path) -> None:
    catalog = load_catalog(ROOT / source)
    tried = 0
    for artifact in pipeline.deploy.registry.generate(catalog):
        text, path = encode(artifact), tmp_path / artifact.path.replace("/", "_")
        if artifact.kind == "loki-config":
            release = artifact.path.rpartition("loki-")[2]
        elif artifact.path.endswith("18-loki-configmap.yaml"):
            text = yaml.safe_load(text)["data"]["loki.yaml"].encode()
            release = "3" if b"allow_structured_metadata" in text else "2"
        else:
            continue
        path.write_bytes(text)
        code, said = verdict(of_generation(release), path)
        assert (code, "config is valid" in said) == (0, True), f"{path}: {said}"
        tried += 1
    assert tried == {"catalog": 6}.get(source, 1)


def test_a_misspelt_setting_is_not(loki: Server, tmp_path: Path) -> None:
    config = rendered(load_catalog(ROOT / "catalog"), loki.release)
    config["limits_config"]["ingestion_rate_mib"] = 1
    path = tmp_path / "loki.yaml"
    path.write_text(yaml.safe_dump(config))
    code, said = verdict(loki, path)
    assert code != 0
    assert "ingestion_rate_mib not found" in said


def test_on_one_machine_it_reads_the_rules_that_ship(loki: Server, tmp_path: Path) -> None:
    """The host's file as it ships, but for the ports; only its own tenant's rules."""
    catalog = load_catalog(ROOT / "catalog")
    for artifact in alerts.registry.rule_files(catalog):
        path = tmp_path / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(artifact))
    release = next(
        each for each in catalog.platform.components["loki"].releases if each[0] == loki.release[0]
    )
    [artifact] = [
        each
        for each in pipeline.deploy.registry.generate(catalog)
        if each.path == f"deploy/host/loki-{release}.yaml"
    ]
    http, grpc = free_port(), free_port()
    config = tmp_path / "loki.yaml"
    text = encode(artifact).decode()
    config.write_text(text.replace(": 3100", f": {http}").replace(": 9096", f": {grpc}"))
    command = [loki.path, "-config.expand-env=true", f"-config.file={config}"]
    env = {"LOKI_DATA": str(tmp_path / "data"), "LOKI_RULES": str(tmp_path / "loki/rules")}
    process = Process("loki", command, tmp_path / "log", env)
    url = f"http://{HOST}:{http}"
    try:
        process.ready(f"{url}/ready", 120)
        now = time.time()
        assert push(url, {"service": "ryot", "level": "info"}, [(now, "a line")]).status_code == 204
        assert lines_of(url, '{service="ryot"}', now - 60, now + 60) == ["a line"]
        rules = yaml.safe_load(requests.get(f"{url}/loki/api/v1/rules", timeout=10).text)
        assert {Path(name).stem for name in rules} == {
            path.stem for path in (tmp_path / "loki/rules/fake").iterdir()
        }
        until(lambda: bool(_evaluating(url)), 90, "the ruler's first evaluation", process.tail)
        assert _evaluating(url) == {"fake"}
        refused = requests.post(
            f"{url}/loki/api/v1/rules/mine",
            data="name: g\nrules: []\n",
            headers={"Content-Type": "application/yaml"},
            timeout=10,
        )
        assert refused.status_code >= 400
    finally:
        process.stop()


def _evaluating(url: str) -> set[str]:
    """The tenants whose rules are evaluated."""
    import re

    page = requests.get(f"{url}/metrics", timeout=10).text
    return set(re.findall(r'_prometheus_rule_evaluations_total\{.*?user="([^"]+)"', page))


RULE = 'name: g\ninterval: 1m\nrules:\n- record: x:y\n  expr: sum(rate({service="ryot"}[1m]))\n'


def test_the_ruler_is_written_over_the_api(loki: Server, place: Place) -> None:
    config = here(rendered(load_catalog(ROOT / "catalog"), loki.release), place)
    kind = {**TENANT, "Content-Type": "application/yaml"}
    with running(loki, config, place):
        address = f"{place.url}/loki/api/v1/rules"
        assert requests.get(address, headers=TENANT, timeout=10).status_code == 404
        assert requests.post(f"{address}/n", RULE, headers=kind, timeout=10).status_code == 202
        assert (
            yaml.safe_load(requests.get(address, headers=TENANT, timeout=10).text)["n"][0]["name"]
            == "g"
        )
        assert len(objects(place.store, RULES)) == 1
        assert requests.delete(f"{address}/n/g", headers=TENANT, timeout=10).status_code == 202
        assert objects(place.store, RULES) == []
        # The probe of a container that lives needs no tenant.
        assert requests.get(f"{place.url}/loki/api/v1/status/buildinfo", timeout=10).ok


def test_a_rate_above_the_limit_is_refused_and_then_taken(
    loki: Server, place: Place, tmp_path: Path
) -> None:
    """With limits of 100 lines a second and bursts of 200, in bytes of the catalog's mean line."""
    catalog = catalog_with(
        tmp_path / "catalog",
        ("platform.yaml", "lines_per_second: 100000", "lines_per_second: 100"),
        ("platform.yaml", "burst_lines: 200000", "burst_lines: 200"),
    )
    line = "x" * 960
    config = here(rendered(catalog, loki.release), place)
    with running(loki, config, place):

        def send() -> requests.Response:
            """190 lines of 38 streams: of fewer, a stream's own limit would be the first."""
            lines = [(time.time() + index / 1000, line) for index in range(5)]
            answers = [
                push(place.url, {"service": "ryot", "pod": str(pod)}, lines) for pod in range(38)
            ]
            return next((each for each in answers if not each.ok), answers[-1])

        assert send().status_code == 204
        refused = send()
        assert refused.status_code == 429
        assert "ngestion rate limit exceeded" in refused.text
        time.sleep(2.5)
        assert send().status_code == 204


def test_a_stream_above_its_own_rate_is_refused(loki: Server, place: Place, tmp_path: Path) -> None:
    """A pod of the busiest service has 50 of 140 lines, from three pods: 12 of 100, 24 at once."""
    catalog = catalog_with(
        tmp_path / "catalog",
        ("platform.yaml", "lines_per_second: 100000", "lines_per_second: 100"),
        ("platform.yaml", "burst_lines: 200000", "burst_lines: 200"),
    )
    config = here(rendered(catalog, loki.release), place)
    with running(loki, config, place):
        now = time.time()
        lines = [(now + index / 1000, "x" * 960) for index in range(23)]
        assert push(place.url, {"service": "ryot"}, lines).status_code == 204
        more = [(now + 1 + index / 1000, "x" * 960) for index in range(20)]
        refused = push(place.url, {"service": "ryot"}, more)
        assert refused.status_code == 429
        assert "rate limit" in refused.text


def test_a_stream_too_many_is_refused(loki: Server, place: Place, tmp_path: Path) -> None:
    catalog = catalog_with(
        tmp_path / "catalog",
        ("platform.yaml", "  streams: 10000", "  streams: 20"),
        ("platform.yaml", "service_streams_maximum: 2500", "service_streams_maximum: 5"),
    )
    config = here(rendered(catalog, loki.release), place)
    with running(loki, config, place):
        answers = [
            push(place.url, {"service": "ryot", "pod": str(pod)}, [(time.time(), "a")])
            for pod in range(21)
        ]
        assert [each.status_code for each in answers[:20]] == [204] * 20
        assert answers[20].status_code == 429
        assert "aximum active stream limit exceeded" in answers[20].text


def test_retention_by_moving_time(loki: Server, place: Place, tmp_path: Path) -> None:
    """What is older than its rule says is gone from the store, and nothing else.

    Time is moved by lines of the past: 4 days, 31 days. Loki would refuse those of more than a
    week, compacts every ten minutes and deletes two hours later; the test shortens that.
    """
    config = rendered(load_catalog(ROOT / "catalog"), loki.release)
    config["limits_config"]["reject_old_samples"] = False
    config["compactor"] |= {"compaction_interval": "5s", "retention_delete_delay": "5s"}
    # Or each line would be back in memory, from the log, once it has been started again.
    config["ingester"]["wal"]["enabled"] = False
    now = time.time()
    kept = {
        ("ryot", "debug", 1): True,
        ("ryot", "debug", 4): False,
        ("ryot", "info", 4): True,
        ("ryot", "info", 31): False,
        ("agents", "debug", 4): False,
        ("agents", "info", 4): True,
        ("agents", "info", 31): True,
    }
    names = {case: f"{case[0]}-{case[1]}-{case[2]}" for case in kept}
    with running(loki, here(config, place), place):
        # The oldest first: a stream takes nothing that is much older than its newest line.
        for service, level, days in sorted(kept, key=lambda case: -case[2]):
            line = names[service, level, days]
            labels = {"service": service, "level": level}
            answer = push(place.url, labels, [(now - days * DAY, line)])
            assert answer.status_code == 204, answer.text
            # Each a chunk of its own: a chunk goes when its last line may.
            flush(place.url)
    assert len(_chunks(place)) == len(kept)
    # It hands its index over when it ends, and every quarter of an hour.
    with running(loki, here(config, place), place):
        stay = sum(kept.values())
        until(lambda: len(_chunks(place)) == stay, 240, "deletion", lambda: str(_chunks(place)))
    # One that remembers nothing: caches know what is gone for up to an hour.
    fresh = Place(tmp_path / "fresh", place.store, "127.0.0.1:1")
    with running(loki, here(config, fresh), fresh):
        found = [
            line
            for days in (1, 4, 31)
            for line in lines_of(
                fresh.url,
                '{service=~".+"}',
                now - days * DAY - HOUR,
                now - days * DAY + HOUR,
            )
        ]
        assert sorted(found) == sorted(names[case] for case, stays in kept.items() if stays)


def _chunks(place: Place) -> list[str]:
    return objects(place.store, CHUNKS, "neurectomy/")


def test_repeated_dashboards_are_answered_from_memcached(loki: Server, place: Place) -> None:
    """More than half of what is asked of it, as the seed demands; told by Memcached itself."""
    config = here(rendered(load_catalog(ROOT / "catalog"), loki.release), place)
    # 2.9 looks for what is older than this in its store alone, and remembers what is not there yet.
    since = time.time() - 80 * 60
    with running(loki, config, place):
        for level in ("info", "error"):
            lines = [(since + second, f"line {second}") for second in range(0, HOUR, 10)]
            labels = {"service": "ryot", "level": level}
            assert push(place.url, labels, lines).status_code == 204
        flush(place.url)
        before = stats(place.memcached)
        for _ in range(10):
            for query in (
                'sum by (level) (rate({service="ryot"}[1m]))',
                'sum(count_over_time({service="ryot", level="error"}[1m]))',
                'sum(bytes_over_time({service="ryot"}[1m]))',
            ):
                answer = requests.get(
                    f"{place.url}/loki/api/v1/query_range",
                    params={
                        "query": query,
                        "start": int(since),
                        "end": int(since + HOUR),
                        "step": 60,
                    },
                    headers=TENANT,
                    timeout=30,
                )
                assert answer.json()["data"]["result"]
            # Results of a log query are cached by what is not there; its chunks are.
            found = lines_of(place.url, '{service="ryot"}', since, since + HOUR)
            assert len(found) == 720
        after = stats(place.memcached)
        hits, misses = (after[key] - before[key] for key in ("get_hits", "get_misses"))
        print(f"{loki}: {hits} hits and {misses} misses, {hits / (hits + misses):.0%}")
        assert hits / (hits + misses) > 0.5
        assert after["curr_items"] > 0


def test_what_the_older_release_stored_is_found_by_the_newer_one(
    place: Place, tmp_path: Path
) -> None:
    """The day of the new index was yesterday: docs/deployment.md, Moving on."""
    old, new = of_generation("2"), of_generation("3")
    today = datetime.now(UTC)
    since = (today - timedelta(days=1)).date().isoformat()
    catalog = catalog_with(
        tmp_path / "catalog",
        ("deployment.yaml", 'tsdb_since: "2025-01-01"', f'tsdb_since: "{since}"'),
        ("deployment.yaml", "migrating: false", "migrating: true"),
    )
    now = time.time()
    with running(old, here(rendered(catalog, old.release), place), place):
        for when, line in ((now - 3 * DAY, "before"), (now - 60, "after")):
            assert push(place.url, {"service": "ryot"}, [(when, line)]).status_code == 204
            flush(place.url)
    stored = objects(place.store, CHUNKS, "index/")
    assert {each.split("/")[1].split("_")[0] for each in stored} >= {"boltdb", "tsdb"}
    again = Place(tmp_path / "newer", place.store, place.memcached)
    with running(new, here(rendered(catalog, new.release), again), again):
        answer = push(again.url, {"service": "ryot"}, [(now, "newest")], trace_id="abc")
        assert answer.status_code == 204, answer.text
        assert lines_of(again.url, '{service="ryot"}', now - 4 * DAY, now + 60) == [
            *("after", "before", "newest"),
        ]
        assert lines_of(again.url, '{service="ryot"} | trace_id="abc"', now - DAY, now + 60) == [
            "newest"
        ]
