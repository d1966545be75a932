"""What mounts the dashboards and rules holds just what ships, and no more than an object may."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog.artifact import Artifact
from catalog.errors import CatalogError
from catalog.load import load_catalog
from catalog.model import Catalog
from delivery.mounts import MOST_BYTES, with_mounts
from delivery.render import encode, rendered
from tests.catalog.deployed import deployed

Json = dict[str, Any]
TREES = ("k8s", "k8s-current")


@pytest.fixture(scope="module")
def files(root: Path) -> dict[str, bytes]:
    return {artifact.path: data for artifact, data in rendered(load_catalog(root / "catalog"))}


def parsed(data: bytes) -> Json:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: Json = yaml.load(data, Loader=loader)  # noqa: S506 - a safe loader
    return found


@pytest.mark.parametrize("tree", TREES)
def test_every_dashboard_is_mounted_as_it_ships(files: dict[str, bytes], tree: str) -> None:
    shipped = {
        path.rpartition("/")[2]: json.loads(data)
        for path, data in files.items()
        if path.startswith("grafana/dashboards/")
    }
    maps = [
        parsed(data)
        for path, data in files.items()
        if path.startswith(f"deploy/{tree}/dashboards/")
    ]
    held = {name: text for each in maps for name, text in each["data"].items()}
    assert {name: json.loads(text) for name, text in held.items()} == shipped
    assert len(shipped) == len(maps) > 10
    for each in maps:
        meta = each["metadata"]
        assert meta["labels"]["grafana_dashboard"] == "1"
        assert meta["annotations"]["k8s-sidecar-target-directory"].startswith("NEURECTOMY")
        # What `kubectl apply` itself writes beside it has room for a quarter of an object.
        assert sum(map(len, each["data"].values())) < 2**18
    names = [each["metadata"]["name"] for each in maps]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("tree", TREES)
def test_every_rule_is_mounted_as_it_ships(files: dict[str, bytes], tree: str) -> None:
    shipped = {
        path.rpartition("/")[2]: parsed(data)
        for path, data in files.items()
        if path.startswith("prometheus/rules/")
    }
    mounted = {
        path.rpartition("/")[2]: parsed(data)
        for path, data in files.items()
        if path.startswith(f"deploy/{tree}/prometheus-rules/")
    }
    assert {name: each["spec"] for name, each in mounted.items()} == shipped
    for each in mounted.values():
        assert (each["apiVersion"], each["kind"]) == ("monitoring.coreos.com/v1", "PrometheusRule")
        assert each["metadata"]["labels"]["role"] == "alert-rules"
        assert each["metadata"]["namespace"] == "monitoring"


@pytest.fixture
def market(tmp_path: Path) -> Catalog:
    return deployed(tmp_path).load()


def dashboard(description: str) -> Artifact:
    content = {"uid": "Big_One", "description": description}
    return Artifact("grafana/dashboards/logs/Big_One.json", content, "dashboard", "me")


def test_names_are_those_that_kubernetes_takes(market: Catalog) -> None:
    _, mounted = with_mounts(market, [dashboard("")])
    assert mounted.path == "deploy/current/dashboards/Big_One.yaml"
    meta = parsed(encode(mounted))["metadata"]
    assert meta["name"] == "dashboard-big-one"
    assert meta["annotations"] == {"in": "Logs"}


def test_a_dashboard_that_no_object_holds_is_refused(market: Catalog) -> None:
    with pytest.raises(CatalogError) as caught:
        list(with_mounts(market, [dashboard("x" * MOST_BYTES)]))
    size = MOST_BYTES + len('{\n  "description": "",\n  "uid": "Big_One"\n}\n')
    assert str(caught.value) == (
        f"grafana/dashboards/logs/Big_One.json: it has {size} bytes, and a ConfigMap holds "
        f"{MOST_BYTES}. Make two dashboards of it."
    )


def test_nothing_is_mounted_where_nothing_is_deployed(root: Path) -> None:
    minimal = load_catalog(root / "tests/fixtures/minimal")
    assert list(with_mounts(minimal, [dashboard("")])) == [dashboard("")]
