"""The files that ship, as publishing reads them: never the objects that made them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from catalog.errors import Problem, TreeError
from delivery.manifest import Entry
from delivery.places import display
from delivery.tree import read_regular
from delivery.verify import verify_tree

Json = dict[str, Any]

#: Written in C where the machine has it: hundreds of rules take the other one seconds.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Shipped:
    """A generated folder whose every file is what its manifest says."""

    root: Path
    entries: tuple[Entry, ...]

    @classmethod
    def read(cls, root: Path) -> Shipped:
        """The folder, verified; raises TreeError if a build did not finish it."""
        return cls(root, verify_tree(root))

    def of_kind(self, kind: str, under: str = "") -> Iterator[Entry]:
        """The files of one kind, in order, below a folder."""
        return (each for each in self.entries if each.kind == kind and each.path.startswith(under))

    def load(self, path: str) -> Any:
        """A file's data."""
        data = read_regular(self.root / path)
        if data is None:
            fault = "the file was there a moment ago and is gone"
            raise TreeError(Problem(display(self.root / path), fault, "Run python build.py"))
        if path.endswith(".json"):
            return json.loads(data)
        return yaml.load(data, Loader=_LOADER)  # noqa: S506 - a safe loader


def unescaped(value: Any) -> Any:
    """A provisioning file's value as Grafana holds it: ``$$`` is one ``$``."""
    if isinstance(value, str):
        return value.replace("$$", "$")
    if isinstance(value, dict):
        return {key: unescaped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [unescaped(item) for item in value]
    return value
