"""A small valid catalog in a folder of its own, to be spoilt by one edit at a time."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from catalog.errors import CatalogError
from catalog.load import load_catalog
from catalog.model import Catalog

MINIMAL = Path(__file__).parents[1] / "fixtures" / "minimal"
SHOP = "services/shop.yaml"
TILL = "services/till.yaml"
PLATFORM = "platform.yaml"
WINDOWS = "windows.yaml"


class EditableCatalog:
    def __init__(self, folder: Path) -> None:
        self.folder = folder / "catalog"
        shutil.copytree(MINIMAL, self.folder)

    def path(self, name: str) -> Path:
        return self.folder / name

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a text that stands in the file exactly once."""
        text = self.path(name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        self.write(name, text.replace(old, new))

    def write(self, name: str, content: str | bytes) -> None:
        data = content.encode("utf-8") if isinstance(content, str) else content
        self.path(name).write_bytes(data)

    def load(self) -> Catalog:
        return load_catalog(self.folder)

    def complaints(self) -> list[str]:
        """The lines a user would read, with places relative to the catalog's folder."""
        with pytest.raises(CatalogError) as caught:
            self.load()
        assert caught.value.exit_status == 2
        return [
            line.removeprefix(f"{self.folder}/").replace(f" {self.folder}/", " ")
            for line in str(caught.value).split("\n")
        ]

    def line(self, name: str, snippet: str) -> int:
        """The line on which a text ends that stands in the file exactly once."""
        text = self.path(name).read_text(encoding="utf-8")
        assert text.count(snippet) == 1, f"{snippet!r} stands {text.count(snippet)} times in {name}"
        return text.count("\n", 0, text.index(snippet) + len(snippet)) + 1


class Spoilt:
    """One edit, and each complaint it must bring: a file, a text of its line, the message."""

    def __init__(
        self, name: str, file: str, old: str, new: str, *complaints: tuple[str, str, str]
    ) -> None:
        self.name, self.file, self.old, self.new = name, file, old, new
        self.complaints = complaints

    def __repr__(self) -> str:
        return self.name

    def check(self, catalog: EditableCatalog) -> None:
        catalog.edit(self.file, self.old, self.new)
        expected = [
            f"{file}:{catalog.line(file, at)}: {message}" for file, at, message in self.complaints
        ]
        assert catalog.complaints() == expected
