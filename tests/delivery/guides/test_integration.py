"""What the integration guide says of the catalog is what the manifests have."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

from catalog.load import load_catalog
from catalog.model import Catalog
from delivery.guides import integration_storage
from delivery.guides.blocks import Page
from delivery.guides.integration import MAKERS
from tests.catalog.deployed import deployed

ROOT = Path(__file__).parents[3]
CATALOG = load_catalog(ROOT / "catalog")
Json = dict[str, Any]


def made(name: str, catalog: Catalog = CATALOG) -> str:
    return MAKERS[f"integration-{name}"](Page(catalog, PurePosixPath("docs/integration.md")))


def rows(name: str, catalog: Catalog = CATALOG) -> dict[str, list[str]]:
    """The cells of a table's rows by the first of them."""
    found = {}
    for line in made(name, catalog).splitlines():
        if line.startswith("|") and not line.startswith("| ---"):
            first, *others = [cell.strip() for cell in line.strip("|").split("|")]
            found[first] = others
    return found


@cache
def objects(tree: str = "k8s-current") -> tuple[Json, ...]:
    return tuple(
        document
        for path in sorted((ROOT / "generated/deploy" / tree).glob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))
    )


def loki_yaml() -> Json:
    [config] = [each for each in objects() if each["metadata"]["name"] == "loki-config"]
    found: Json = yaml.safe_load(config["data"]["loki.yaml"])
    return found


def test_ports_are_those_of_the_services() -> None:
    table = rows("components")
    for title, service in (("Loki", "loki"), ("Memcached", "memcached")):
        [found] = [
            each
            for each in objects()
            if each["kind"] == "Service" and each["metadata"]["name"] == service
        ]
        ports = {str(port["port"]) for port in found["spec"]["ports"]}
        assert set(re.findall(r"\d+", table[title][2])) == ports


def test_replicas_are_those_of_the_workloads_and_the_manifests_are_there() -> None:
    table = rows("components")
    sets = {
        each["metadata"]["name"]: each["spec"]["replicas"]
        for each in objects()
        if each["kind"] == "StatefulSet"
    }
    assert {name: int(table[name.capitalize()][1]) for name in sets} == sets
    files = {path.name for path in (ROOT / "generated/deploy").glob("k8s*/*.yaml")}
    named = {name for row in table.values() for name in re.findall(r"`(18-[^`]+)`", row[-1])}
    assert named == files - {"18-loki-secrets.yaml"}


def test_what_is_ready_is_what_the_trees_have() -> None:
    text = made("workloads")
    for tree in ("k8s", "k8s-current"):
        for each in objects(tree):
            if each["kind"] in {"StatefulSet", "DaemonSet"}:
                name = each["metadata"]["name"]
                assert f"| `{tree}` | {each['kind']} `{name}` |" in text


def test_buckets_and_secrets_are_those_of_the_manifests() -> None:
    table, config = rows("places"), loki_yaml()
    bucket = config["storage_config"]["aws"]
    assert table["Bucket for chunks and index"] == [
        f"`{bucket['bucketnames']}`",
        f"region `{bucket['region']}`",
    ]
    secrets = {
        each["spec"]["target"]["name"] for each in objects() if each["kind"] == "ExternalSecret"
    }
    named = {row[0].strip("`") for title, row in table.items() if title.startswith("Secret")}
    assert named == secrets


def test_retention_is_what_loki_does() -> None:
    """Loki takes the rule of the highest priority that a stream matches."""
    config = loki_yaml()["limits_config"]
    table = rows("retention")
    levels = [each.strip("`") for each in table["Service"]]
    for service in CATALOG.services:
        for level, said in zip(levels, table[service.name], strict=True):
            labels = {"service": service.id, "level": level}
            fitting = [
                rule
                for rule in config["retention_stream"]
                if dict(re.findall(r'(\w+)="([^"]*)"', rule["selector"])).items() <= labels.items()
            ]
            best = max(fitting, key=lambda rule: rule["priority"], default=None)
            hours = int((best["period"] if best else config["retention_period"]).removesuffix("h"))
            assert said == f"{hours / 24:g} d", (service.id, level)


def test_an_override_of_a_label_that_the_service_has_only_once_holds(tmp_path: Path) -> None:
    """The first rule in order, whatever it matches by; none matches what it does not name."""
    catalog = deployed(tmp_path).load()
    service = catalog.services[0]
    retention = catalog.platform.retention
    fixed = next(
        (label, values[0])
        for label, values in service.stream_labels.items()
        if values is not None and len(values) == 1
    )
    rule = type(CATALOG.platform.retention.log_overrides[0])
    changed = catalog.model_copy(
        update={
            "platform": catalog.platform.model_copy(
                update={
                    "retention": retention.model_copy(
                        update={
                            "log_overrides": (
                                rule(match={fixed[0]: fixed[1], "level": "nothing"}, keep="1h"),
                                rule(match={fixed[0]: fixed[1]}, keep="2h"),
                                rule(match={"level": catalog.platform.levels[0]}, keep="3h"),
                            )
                        }
                    )
                }
            )
        }
    )
    assert integration_storage.kept(changed, service, catalog.platform.levels[0]) == 7200


def test_what_is_stored_reckoned_by_hand() -> None:
    """Of 1.1 GB a day, 60 days, at 3.6 to 1: 18.3 GB."""
    for service in CATALOG.services:
        days = integration_storage.longest(CATALOG, service) / 86400
        by_hand = service.volume.bytes_per_day * days / 3.6
        assert integration_storage.stored(CATALOG, service) == pytest.approx(by_hand)
    total = re.search(r"\| All \| 6.0 GB \|  \| (\d+) GB \|", made("disk"))
    assert total
    assert int(total[1]) == 59


@pytest.mark.parametrize(
    ("size", "said"), [(6.0e9, "6.0 GB"), (117e9, "117 GB"), (45e6, "0.045 GB"), (0, "0 GB")]
)
def test_gigabytes_have_two_digits(size: float, said: str) -> None:
    assert integration_storage.gigabytes(size) == said


def test_limits_are_those_that_ship() -> None:
    config = loki_yaml()["limits_config"]
    table = rows("limits")
    for row in list(table)[1:]:
        value = config[row.strip("`")]
        assert table[row][0].replace(",", "") == str(value), row


def test_parts_are_those_of_the_helm_values() -> None:
    path = ROOT / "generated/deploy/helm/loki-distributed.yaml"
    values = yaml.safe_load(path.read_text(encoding="utf-8"))
    table = rows("parts")
    names = [row.strip("`") for row in table if row.startswith("`")]
    assert len(names) == 8
    for name in names:
        assert int(table[f"`{name}`"][0]) == values[name]["replicas"], name


def test_the_index_of_each_tree_is_its_schema() -> None:
    table = rows("storage")
    for tree in ("k8s", "k8s-current"):
        [config] = [each for each in objects(tree) if each["metadata"]["name"] == "loki-config"]
        periods = yaml.safe_load(config["data"]["loki.yaml"])["schema_config"]["configs"]
        said = "; ".join(
            f"{each['store']}, schema {each['schema']}, from {each['from']}" for each in periods
        )
        assert table[f"`{tree}`"][1] == said


def test_steps_are_in_the_order_of_the_agent_s_file() -> None:
    """Secrets before labels, labels before counts, and what only one service has is marked."""
    titles = [row[0] for number, row in rows("steps").items() if number]
    wanted = ["Join the lines of a record", "Replace secrets", "Keep the stream's labels alone"]
    assert [titles.index(each) for each in [*wanted, "Count"]] == sorted(
        titles.index(each) for each in [*wanted, "Count"]
    )
    joined = [each.name for each in CATALOG.services if each.logs.multiline]
    [row] = [row for row in rows("steps").values() if row[0] == wanted[0]]
    assert row[-1] == ", ".join(joined)


def test_the_diagram_has_every_service_and_no_loose_end() -> None:
    text = made("architecture")
    for service in CATALOG.services:
        assert f"{service.name}, metrics {service.workload.metrics_port}" in text
    nodes = set(re.findall(r"^ +(\w+)\[", text, re.MULTILINE)) | {"services"}
    ends = re.findall(r"^  (\w+) -- \"[^\"]+\" --> (\w+)$", text, re.MULTILINE)
    assert len(ends) > 10
    assert {end for pair in ends for end in pair} <= nodes


def test_a_catalog_without_deployment_says_so() -> None:
    minimal = load_catalog(ROOT / "tests/fixtures/minimal")
    assert "deploys nothing" in made("storage", minimal)
    assert "deploys nothing" in made("places", minimal)
    assert "store[(" not in made("architecture", minimal)
