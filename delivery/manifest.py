"""manifest.json: which files are ours, and what is in them.

It is written last, so a tree whose files do not match it is a tree that a build did not
finish or that somebody edited. It says nothing of when, where or by which versions it
was made: the same sources give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import cast

from catalog.artifact import Artifact
from delivery.paths import path_fault
from delivery.render import json_text

_VERSION = 1
_SHA256 = re.compile(r"[0-9a-f]{64}")


class ManifestError(ValueError):
    """The text is not a manifest that this program wrote."""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One generated file."""

    path: str
    sha256: str
    kind: str
    uid: str | None
    owner: str


@dataclass(frozen=True, slots=True, order=True)
class Accepted:
    """A finding of ``check`` that is meant, in the file that it is about."""

    file: str
    check: str
    where: str
    reason: str


def accepted(artifact: Artifact) -> Iterator[Accepted]:
    """What the manifest keeps of an artifact's suppressions."""
    for each in artifact.suppressions:
        yield Accepted(artifact.path, each.check, each.where, each.reason)


def entry(artifact: Artifact, data: bytes) -> Entry:
    """What the manifest keeps of ``artifact``, whose bytes are ``data``."""
    return Entry(artifact.path, sha256(data), artifact.kind, artifact.uid, artifact.owner)


def sha256(data: bytes) -> str:
    """The digest as the manifest and the journal spell it."""
    return hashlib.sha256(data).hexdigest()


def encode(entries: Iterable[Entry], accepting: Iterable[Accepted] = ()) -> bytes:
    """The bytes of manifest.json."""
    files = [asdict(each) for each in sorted(entries, key=lambda each: each.path)]
    suppressions = [asdict(each) for each in sorted(accepting)]
    return json_text({"version": _VERSION, "files": files, "suppressions": suppressions}).encode()


def decode(data: bytes) -> tuple[Entry, ...]:
    """The entries of a manifest, none of them with a path that leads out of its folder."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ManifestError("it is not JSON") from error
    if not isinstance(document, dict) or not isinstance(document.get("files"), list):
        raise ManifestError("it has no list of files")
    if document.get("version") != _VERSION:
        raise ManifestError(f"its version is not {_VERSION}")
    return tuple(_entry(fields) for fields in document["files"])


def _entry(fields: object) -> Entry:
    names = ("path", "sha256", "kind", "uid", "owner")
    if not isinstance(fields, dict) or set(fields) != set(names):
        raise ManifestError(f"a file does not have the keys {', '.join(names)}")
    if not all(isinstance(fields[name], str) for name in names if name != "uid"):
        raise ManifestError("a file has a key that is not text")
    if not isinstance(fields["uid"], str | None):
        raise ManifestError("a file has a uid that is not text")
    found = Entry(**cast("dict[str, str]", fields))
    if fault := path_fault(found.path):
        raise ManifestError(f"it lists {found.path!a}: {fault}")
    if not _SHA256.fullmatch(found.sha256):
        raise ManifestError(f"it lists {found.path} without a sha256")
    return found
