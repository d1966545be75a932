"""Every block that a page may have, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

from delivery.guides import (
    catalog_tables,
    checklist,
    diagrams,
    integration,
    looks,
    maintenance,
    pods,
    runbooks,
    start,
    traces,
)
from delivery.guides.blocks import Maker

#: Modules of blocks, each with its ``MAKERS``.
AREAS: tuple[ModuleType, ...] = (
    catalog_tables,
    checklist,
    diagrams,
    integration,
    looks,
    maintenance,
    pods,
    runbooks,
    start,
    traces,
)


def makers() -> Mapping[str, Maker]:
    """Each block's maker, by its name.

    Raises:
        ValueError: Two modules make a block of one name.
    """
    found: dict[str, Maker] = {}
    for area in AREAS:
        for name, maker in area.MAKERS.items():
            if name in found:
                raise ValueError(f"{area.__name__}: block {name!r} has a maker already. Rename it.")
            found[name] = maker
    return found
