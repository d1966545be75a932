"""Rulers take every group, and each Loki runs every query that ships."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from catalog import names
from catalog.load import load_catalog
from catalog.model import Catalog
from simulate.feed import Feed, Sinks
from simulate.world import World
from tests.live.ask import defaults, filled, panels
from tests.live.bucket import Bucket
from tests.live.conftest import dashboard_files
from tests.live.servers import Process, Server, find, free_port, missing
from tests.live.stack import ROOT, build, loki_config

Json = dict[str, Any]


@dataclass
class Generated:
    """What the shipped catalog generates."""

    catalog: Catalog
    folder: Path


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    catalog = load_catalog(ROOT / "catalog")
    folder = tmp_path_factory.mktemp("generated")
    build(catalog, folder)
    return Generated(catalog, folder)


@dataclass
class Ruler:
    """A Loki whose rules can be written over its API."""

    server: Server
    url: str


@pytest.fixture(
    scope="module", params=find("loki") or [None], ids=lambda each: str(each).replace(" ", "_")
)
def loki(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    generated: Generated,
) -> Iterator[Ruler]:
    """Each Loki, with a writable ruler and half an hour of lines."""
    server = request.param
    if server is None:
        pytest.skip(missing("loki"))
    folder = tmp_path_factory.mktemp("loki")
    port, bucket = free_port(), Bucket()
    rules = {
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
    config = loki_config(folder, server, port=port, rules=rules)
    process = Process("loki", [server.path, f"-config.file={config}"], folder)
    url = f"http://127.0.0.1:{port}"
    try:
        process.ready(f"{url}/ready")
        catalog = generated.catalog
        now = time.time()
        world = World(catalog, catalog.default_environment, now - 3600, scale=0.1)
        release = "loki_3" if server.version >= (3,) else "loki_2_9"
        Feed(world, Sinks(url, None, release)).backfill(now - 1800, now)
        yield Ruler(server, url)
    finally:
        process.stop()
        bucket.stop()


def groups(generated: Generated) -> Iterator[tuple[str, Json]]:
    """Every rule group of the default environment's tenant, with its file's name."""
    tenant = generated.catalog.default_environment.tenant
    for path in sorted((generated.folder / "loki/rules" / tenant).glob("*.yaml")):
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]:
            yield path.stem, group


def test_the_ruler_takes_every_group(loki: Ruler, generated: Generated) -> None:
    wrong: list[str] = []
    sent: dict[str, list[str]] = {}
    for namespace, group in groups(generated):
        answer = requests.post(
            f"{loki.url}/loki/api/v1/rules/{namespace}",
            data=yaml.safe_dump(group, allow_unicode=True).encode(),
            headers={"Content-Type": "application/yaml"},
            timeout=30,
        )
        if answer.status_code != requests.codes.accepted:
            wrong.append(f"{namespace}/{group['name']}: {answer.status_code} {answer.text[:300]}")
        sent.setdefault(namespace, []).append(group["name"])
    assert not wrong, "\n".join(wrong)
    answer = requests.get(f"{loki.url}/loki/api/v1/rules", timeout=30)
    kept = {
        namespace: sorted(group["name"] for group in found)
        for namespace, found in yaml.safe_load(answer.text).items()
    }
    assert kept == {namespace: sorted(names) for namespace, names in sent.items()}


def test_every_rule_can_be_evaluated(loki: Ruler, generated: Generated) -> None:
    """As the ruler does: an instant query."""
    wrong: list[str] = []
    for namespace, group in groups(generated):
        for rule in group["rules"]:
            name = rule.get("alert") or rule["record"]
            answer = requests.get(
                f"{loki.url}/loki/api/v1/query", params={"query": rule["expr"]}, timeout=60
            )
            if not answer.ok:
                wrong.append(f"{namespace}/{name}: {rule['expr']}: {answer.text[:300]}")
            elif answer.json()["data"]["resultType"] not in {"vector", "scalar"}:
                wrong.append(f"{namespace}/{name}: {answer.json()['data']['resultType']}")
    assert not wrong, "\n".join(wrong)


def test_recorded_rates_have_values(loki: Ruler, generated: Generated) -> None:
    empty: list[str] = []
    for namespace, group in groups(generated):
        for rule in group["rules"]:
            if "record" in rule:
                answer = requests.get(
                    f"{loki.url}/loki/api/v1/query", params={"query": rule["expr"]}, timeout=60
                )
                # In a minute nothing needs to fail, what is counted then is the events; and a
                # canary that is well writes no message that stable does not.
                rare = rule["record"] in {names.LOG_SLI_ERRORS, names.CANARY_NEW_PATTERNS}
                if answer.ok and not rare and not answer.json()["data"]["result"]:
                    empty.append(f"{namespace}/{rule['record']}: {rule['expr']}")
    assert not empty, "\n".join(empty)


class _Values:
    """What ``defaults`` reads of a stack."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog


def test_every_query_of_a_dashboard_runs(loki: Ruler, generated: Generated) -> None:
    wrong: list[str] = []
    now = time.time()
    own = {"__interval": "1m", "__range": "30m", "__auto": "1m", "__rate_interval": "1m"}
    for dashboard in dashboard_files(generated.folder).values():
        services = [each.id for each in generated.catalog.services]
        for service in services:
            values = defaults(dashboard, _Values(generated.catalog), service) | own
            for panel in panels(dashboard):
                for target in panel.get("targets", ()):
                    if target["datasource"]["type"] != "loki":
                        continue
                    query = filled(target["expr"], values)
                    instant = target["queryType"] == "instant"
                    answer = requests.get(
                        f"{loki.url}/loki/api/v1/query{'' if instant else '_range'}",
                        params={
                            "query": query,
                            "start": int((now - 1800) * 1e9),
                            "end": int(now * 1e9),
                            "step": "60s",
                            "limit": 20,
                        },
                        timeout=60,
                    )
                    if not answer.ok:
                        wrong.append(
                            f"{dashboard['uid']}: {panel['title']}: {query}: {answer.text[:300]}"
                        )
            if not any(each["name"] == "service" for each in dashboard["templating"]["list"]):
                break
    assert not wrong, "\n".join(sorted(set(wrong)))


def _promtool(*arguments: str, cwd: Path) -> None:
    promtool = next(iter(find("promtool")), None)
    if promtool is None:
        pytest.skip(missing("promtool"))
    done = subprocess.run(
        [promtool.path, *arguments], check=False, cwd=cwd, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_takes_the_rules(generated: Generated) -> None:
    folder = generated.folder / "prometheus/rules"
    files = [path.name for path in sorted(folder.glob("*.yaml"))]
    _promtool("check", "rules", "--lint=all", "--lint-fatal", *files, cwd=folder)


def test_promtool_takes_the_configuration(generated: Generated) -> None:
    _promtool("check", "config", "prometheus.yml", cwd=generated.folder / "prometheus")
