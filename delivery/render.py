"""From the catalog to bytes, one artifact at a time.

Everything is an iterator: a thousand services' artifacts are never in memory together,
because the writer is done with each one before the next is made.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from catalog.artifact import Artifact
from catalog.errors import CatalogError, Problem, UserError
from delivery.paths import PathLedger, shown

if TYPE_CHECKING:
    from catalog.model import Catalog

_YAML_HEADER = (
    "# Generated from catalog/ by build.py. Do not edit: change the catalog or the generator,"
    " then run python build.py.\n"
)


def generators() -> tuple[Callable[[Catalog], Iterator[Artifact]], ...]:
    """Every generator, in the order in which they run.

    Imported on call: a command that reads only the files never loads grafanalib.
    """
    import alerts.registry
    import dashboards.registry
    import datasources.registry
    import pipeline.registry
    import queries.library.artifact
    from delivery.mounts import mounting

    return (
        mounting(dashboards.registry.generate),
        mounting(alerts.registry.generate),
        datasources.registry.generate,
        pipeline.registry.generate,
        queries.library.artifact.generate,
    )


def artifacts(catalog: Catalog) -> Iterator[Artifact]:
    """Everything that ``catalog`` generates, each at a path of its own."""
    return distinct(artifact for generate in generators() for artifact in generate(catalog))


def rendered(catalog: Catalog) -> Iterator[tuple[Artifact, bytes]]:
    """Each artifact of ``catalog`` with its bytes, as the writer and the drift check take them."""
    return ((artifact, encode(artifact)) for artifact in artifacts(catalog))


def distinct(produced: Iterable[Artifact]) -> Iterator[Artifact]:
    """``produced``, until one has a path that another has or that leaves the folder."""
    ledger = PathLedger()
    for artifact in produced:
        if fault := ledger.admit(artifact.path):
            raise CatalogError(
                Problem(
                    shown(artifact.path),
                    fault,
                    "Rename what it is named after in the catalog, or mend its generator",
                )
            )
        yield artifact


def encode(artifact: Artifact) -> bytes:
    """The bytes of ``artifact``: UTF-8, LF, the same on every machine."""
    suffix = PurePosixPath(artifact.path).suffix
    write = {".json": json_text, ".yaml": _yaml_text, ".yml": _yaml_text}.get(suffix, _plain_text)
    try:
        return write(artifact.content).encode()
    # RecursionError: data that contains itself. UnicodeEncodeError is a ValueError.
    except (TypeError, ValueError, RecursionError) as error:
        fault = f"the content cannot be written: {error}"
        remedy = "Mend the generator that makes it"
        raise UserError(Problem(artifact.path, fault, remedy)) from error


def json_text(content: object) -> str:
    """``content`` as JSON with one key a line and in order, so that a diff shows what changed."""
    text = json.dumps(content, allow_nan=False, ensure_ascii=False, indent=2, sort_keys=True)
    return text + "\n"


def _yaml_text(content: object) -> str:
    from delivery import yaml_text

    return _YAML_HEADER + yaml_text.dump(content)


def _plain_text(content: object) -> str:
    if not isinstance(content, str):
        raise TypeError(f"it is a {type(content).__name__}, and only .json and .yaml hold data")
    return content.replace("\r\n", "\n").rstrip("\n") + "\n"
