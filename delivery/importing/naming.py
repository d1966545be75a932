"""Names of modules and functions after the titles of a dashboard and its panels."""

from __future__ import annotations

import keyword
import re
import unicodedata

_LONGEST = 40
_TAKEN = frozenset({"annotations", "ask", "build", "type", "match", "case"})


def slug(text: str, otherwise: str) -> str:
    """The text as an identifier in small letters."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
    if len(name) > _LONGEST:
        name = name[:_LONGEST].rpartition("_")[0] or name[:_LONGEST]
    if not name or name[0].isdigit():
        name = f"{otherwise}_{name}".strip("_")
    return name


class Names:
    """Names of one module, each given once."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def give(self, text: str, otherwise: str) -> str:
        """A name after the text that nothing else has."""
        name = slug(text, otherwise)
        if keyword.iskeyword(name) or name in _TAKEN:
            name += "_"
        unique, count = name, 1
        while unique in self._given:
            count += 1
            unique = f"{name.rstrip('_')}_{count}"
        self._given.add(unique)
        return unique


def plain(text: str, longest: int = 50) -> str:
    """A title as it may stand in a docstring."""
    ascii_ = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    line = re.sub(r"[\s\\\"`]+", " ", ascii_).strip()
    line = "".join(character for character in line if character.isprintable())
    return line if len(line) <= longest else f"{line[: longest - 3].rstrip()}..."
