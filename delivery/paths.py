"""Which relative paths may stand in the output folder.

The rules hold for paths from generators, from manifest.json and from the journal
alike: the last two are files that anybody can edit, and following them blindly would
let an edited manifest delete a file elsewhere.
"""

from __future__ import annotations

import unicodedata

MANIFEST = "manifest.json"
STAGING = ".staging"
JOURNAL = ".journal"

_RESERVED = frozenset({MANIFEST, STAGING, JOURNAL})
# Control characters, unpaired surrogates, line and paragraph separators: what cannot
# be shown on one line or written as UTF-8.
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
# The limit of a file name on ext4, XFS, APFS and NTFS alike (in bytes on the first two).
_SEGMENT_BYTES = 255


def path_fault(path: str) -> str | None:
    """Why ``path`` must not be written under the output folder; None if it may be."""
    if not path:
        return "the path is empty"
    if any(unicodedata.category(character) in _UNPRINTABLE for character in path):
        return "the path contains a control character"
    if path.startswith("/"):
        return "the path is absolute"
    if "\\" in path:
        return "the path contains a backslash"
    segments = path.split("/")
    if any(segment in {"", ".", ".."} for segment in segments):
        return "the path contains an empty, '.' or '..' segment"
    if any(len(segment.encode()) > _SEGMENT_BYTES for segment in segments):
        return f"the path contains a segment of more than {_SEGMENT_BYTES} bytes"
    if fold(segments[0]) in _RESERVED:
        return f"the name {segments[0]} is kept for the writer's own use"
    return None


def fold(path: str) -> str:
    """``path`` as a file system that ignores case and Unicode composition compares it."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def parents(path: str) -> list[str]:
    """The folders above ``path``, the outermost first: ``a/b/c`` gives ``a`` and ``a/b``."""
    segments = path.split("/")
    return ["/".join(segments[:depth]) for depth in range(1, len(segments))]


def shown(path: str) -> str:
    """``path`` on one line and encodable, whatever a file name found on the disk contains."""
    return "".join(
        character.encode("unicode_escape", "backslashreplace").decode("ascii")
        if unicodedata.category(character) in _UNPRINTABLE
        else character
        for character in path
    )


class PathLedger:
    """Refuses a second artifact at one place, and a file where a folder must be.

    Case and composition are ignored: on a Mac or on Windows two names that differ only
    by them are one file, and a tree that is right here would be wrong in a checkout there.
    """

    def __init__(self) -> None:
        self._files: dict[str, str] = {}
        self._folders: dict[str, str] = {}

    def admit(self, path: str) -> str | None:
        """Why ``path`` cannot join those admitted before; None if it now has."""
        if fault := path_fault(path):
            return fault
        folded = fold(path)
        if other := self._files.get(folded):
            same = "" if other == path else f", but for case, with {other}"
            return f"two artifacts share the path{same}"
        if inside := self._folders.get(folded):
            return f"the path is a file here and a folder of {inside}"
        for parent in parents(folded):
            if other := self._files.get(parent):
                return f"the path lies under {other}, which is a file"
            self._folders.setdefault(parent, path)
        self._files[folded] = path
        return None
