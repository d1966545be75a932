"""The manifests as they ship: read back from their bytes, as kubectl reads them."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

import pipeline.deploy.registry
from catalog.load import load_catalog
from catalog.model import Catalog
from delivery.render import encode

Json = dict[str, Any]

ROOT = Path(__file__).resolve().parents[3]
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: The trees of the committed catalog, by the name of their agent's pods.
TREES = {"k8s": "promtail", "k8s-current": "alloy"}


@cache
def shipped() -> Catalog:
    """The committed catalog."""
    return load_catalog(ROOT / "catalog")


def files(catalog: Catalog) -> dict[str, list[Json]]:
    """Every YAML file that this package makes, with its documents; the caller's own to spoil."""
    return copy.deepcopy(_shipped_files()) if catalog is shipped() else _read(catalog)


@cache
def _shipped_files() -> dict[str, list[Json]]:
    return _read(shipped())


def _read(catalog: Catalog) -> dict[str, list[Json]]:
    return {
        artifact.path: list(yaml.load_all(encode(artifact), Loader=_LOADER))
        for artifact in pipeline.deploy.registry.generate(catalog)
    }


def objects(catalog: Catalog, tree: str) -> list[Json]:
    """Every object of a tree."""
    return [
        document
        for path, documents in files(catalog).items()
        if path.startswith(f"deploy/{tree}/")
        for document in documents
    ]


def one(found: list[Json], kind: str, name: str) -> Json:
    """The object of that kind and name."""
    [wanted] = [each for each in found if each["kind"] == kind and each["metadata"]["name"] == name]
    return wanted
