"""Hand-made artifacts: the writer is tested apart from what the generators make."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catalog.artifact import Artifact
from tests.delivery.page_server import PageServer

Pair = tuple[Artifact, bytes]


@pytest.fixture
def pair() -> Callable[..., Pair]:
    """``pair("a/b.txt", "text")`` as write_tree takes it."""

    def make(path: str, text: str = "content\n", owner: str = "platform") -> Pair:
        return Artifact(path, text, "provisioning", owner), text.encode()

    return make


@pytest.fixture
def snapshot() -> Callable[[Path], dict[str, bytes | None]]:
    """Everything under a folder: files with their bytes, folders with None."""

    def take(root: Path) -> dict[str, bytes | None]:
        found: dict[str, bytes | None] = {}
        for path in sorted(root.rglob("*")):
            is_folder = path.is_dir() and not path.is_symlink()
            found[path.relative_to(root).as_posix()] = None if is_folder else path.read_bytes()
        return found

    return take


@pytest.fixture
def modes() -> Callable[[Path], dict[str, str]]:
    """The permissions of everything under a folder, in octal."""

    def take(root: Path) -> dict[str, str]:
        paths = (root, *sorted(root.rglob("*")))
        return {
            str(path.relative_to(root)): oct(stat.S_IMODE(path.stat().st_mode)) for path in paths
        }

    return take


@pytest.fixture
def unprivileged(tmp_path: Path) -> Iterator[Path]:
    """A folder of our own, used as somebody whom permissions stop: root they do not."""
    if os.geteuid() != 0:
        yield tmp_path
        return
    nobody = 65534
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, nobody, nobody)
        os.seteuid(nobody)
        try:
            yield Path(folder)
        finally:
            os.seteuid(0)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[PageServer]:
    """A metrics page; neither a proxy nor a netrc of the machine's user has a say in it."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("NETRC", os.devnull)
    running = PageServer()
    yield running
    running.stop()
