"""The two trees that faults are put into, and a copy on disk with one in it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from catalog.load import load_catalog
from delivery.manifest import sha256
from delivery.render import json_text, rendered
from delivery.write import write_tree
from delivery.yaml_text import dump
from tests.delivery.checks.mutations.mutant import Mutant, edited
from tests.delivery.checks.mutations.shipped import Shipped

ROOT = Path(__file__).resolve().parents[4]


def both(work: Path) -> tuple[Shipped, Shipped]:
    """What is committed, and what is built here from the second catalog."""
    second = ROOT / "tests" / "fixtures" / "second"
    write_tree(work / "second", rendered(load_catalog(second)))
    return (
        Shipped("first", ROOT / "catalog", ROOT / "generated"),
        Shipped("second", second, work / "second"),
    )


def written(tree: Shipped, mutant: Mutant, target: Path) -> Path:
    """The tree on disk with the fault in it, and a manifest that knows of no change."""
    shutil.copytree(tree.root, target)
    content = edited(tree.contents[mutant.path], mutant.edits)
    text = json_text(content) if mutant.path.endswith(".json") else dump(content)
    data = text.encode()
    (target / mutant.path).write_bytes(data)
    listed = target / "manifest.json"
    manifest = json.loads(listed.read_text(encoding="utf-8"))
    for entry in manifest["files"]:
        if entry["path"] == mutant.path:
            entry["sha256"] = sha256(data)
    listed.write_text(json_text(manifest), encoding="utf-8")
    return target
