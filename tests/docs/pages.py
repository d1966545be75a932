"""The written pages, and the blocks of code in them."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [
    path.relative_to(ROOT).as_posix()
    for path in (
        ROOT / "README.md",
        *sorted(DOCS.rglob("*.md")),
        *sorted((ROOT / "examples").rglob("*.md")),
    )
]
SHELLS = ("sh", "bash", "shell")
_BLOCK = re.compile(
    r"(?P<above>[^\n]*)\n(?P<indent> *)(?P<fence>`{3,})(?P<language>\w*)\n"
    r"(?P<text>.*?)^ *(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A fenced block: what it is in, and the line above it, which may say how it is tried.

    ``said`` is the last line of words above it.
    """

    page: str
    line: int
    language: str
    above: str
    said: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, *languages: str) -> Iterator[Block]:
    text = f"\n{text_of(page)}"
    for found in _BLOCK.finditer(text):
        if found["language"] in languages:
            line = text.count("\n", 0, found.start("fence"))
            inner = re.sub(rf"^{found['indent']}", "", found["text"], flags=re.MULTILINE)
            said = text[: found.start("fence")].rstrip().rpartition("\n")[2]
            yield Block(page, line, found["language"], found["above"].strip(), said, inner)


def every(*languages: str) -> list[Block]:
    return [block for page in PAGES for block in blocks(page, *languages)]


def fresh_copy(folder: Path) -> Path:
    """What a clone would hold, with what is not committed yet."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder
