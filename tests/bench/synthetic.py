"""Catalogs of any size, to measure what an added service costs."""

from __future__ import annotations

import itertools
import re
import shutil
from pathlib import Path

#: What a dashboard of one service may cost at most.
BUDGET = {"samples": 50_000_000, "points": 250_000}


def synthetic_catalog(source: Path, target: Path, count: int) -> None:
    """Copies the catalog ``source`` to ``target`` with ``count`` services.

    A page of all services costs what they cost together, so that its budget grows with them.
    The services are the real ones in turn, under other ids and names, so an added service
    is an average one. Only what must differ is rewritten, and as text: the two keys, and the
    stream label ``service``, which repeats the id.
    """
    shutil.copytree(
        source, target, ignore=shutil.ignore_patterns("*.py", "__pycache__", "services")
    )
    with (target / "platform.yaml").open("a", encoding="utf-8") as platform:
        budget = ", ".join(f"{key}: {limit * count}" for key, limit in BUDGET.items())
        platform.write(f"\ncost: {{{budget}}}\n")
    services = target / "services"
    services.mkdir()
    originals = sorted((source / "services").glob("*.yaml"))
    for number, original in zip(range(count), itertools.cycle(originals), strict=False):
        text = original.read_text(encoding="utf-8")
        if number >= len(originals):
            text = _renamed(text, f"bench{number:04d}", f"Bench {number:04d}")
        identity = _key(text, "id")
        (services / f"{identity}.yaml").write_text(text, encoding="utf-8")


def _renamed(text: str, identity: str, name: str) -> str:
    old = _key(text, "id")
    text = re.sub(rf"\bservice: \[{old}\]", f"service: [{identity}]", text)
    for key, value in (("id", identity), ("name", name)):
        text, found = re.subn(rf"^{key}: .*$", f"{key}: {value}", text, count=1, flags=re.MULTILINE)
        if not found:
            raise ValueError(f"a service file has no key {key!r} at the start of a line")
    return text


def _key(text: str, key: str) -> str:
    found = re.search(rf"^{key}: *['\"]?([\w-]+)", text, re.MULTILINE)
    if not found:
        raise ValueError(f"a service file has no key {key!r} at the start of a line")
    return found[1]
