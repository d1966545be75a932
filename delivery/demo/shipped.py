"""What ships, generated for this machine."""

from __future__ import annotations

from pathlib import Path

from catalog.model import Catalog
from delivery.demo.servers import Server
from delivery.render import rendered
from delivery.write import write_tree


def build(catalog: Catalog, folder: Path) -> None:
    """Write everything that the catalog generates, with its manifest, as a build does."""
    write_tree(folder, rendered(catalog))


def loki_file(catalog: Catalog, generated: Path, server: Server) -> Path:
    """The configuration of the declared release that is nearest to the one that is here."""
    releases = catalog.platform.components["loki"].releases
    release = nearest(releases, server)
    return generated / f"deploy/{catalog.default_environment.id}/loki-{release}.yaml"


def nearest(releases: tuple[str, ...], server: Server) -> str:
    """The newest declared release that is no newer than the server's, or the oldest."""
    numbered = sorted(releases, key=numbers)
    older = [each for each in numbered if numbers(each) <= server.version[: len(numbers(each))]]
    return older[-1] if older else numbered[0]


def numbers(release: str) -> tuple[int, ...]:
    """``2.9.4`` as (2, 9, 4)."""
    return tuple(int(part) for part in release.split(".") if part.isdigit())
