"""What a draft leaves open: a value that begins with TODO is a question, and no fact.

``build.py discover`` writes drafts and marks so what no server can tell. A draft that is put
into the catalog as it is must not build: a page for the team "TODO" reaches nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog.yaml_file import Location

_MARK = re.compile(r"TODO(?::\s*(.*)|$)", re.DOTALL)
REMEDY = "Write it, or let python build.py new-service --from FILE ask for it"


def open_question(text: str) -> str:
    """The value that stands for an answer that nobody has given yet."""
    return f"TODO: {text}"


def is_open(value: object) -> bool:
    """Whether the value is a question."""
    return isinstance(value, str) and _MARK.match(value) is not None


def question(value: object) -> str:
    """What is asked for; empty where the mark stands alone."""
    match = _MARK.match(value) if isinstance(value, str) else None
    return (match[1] or "").strip() if match else ""


def unfinished(value: object, location: Location = ()) -> Iterator[tuple[Location, str]]:
    """Each open question below a value: where it stands, and what it asks for.

    A list or mapping is looked through without recursion limits mattering: the reader of the
    files has bounded its depth already.
    """
    if is_open(value):
        yield location, question(value)
    elif isinstance(value, dict):
        for key, below in value.items():
            if is_open(key):
                yield (*location, key), question(key)
            yield from unfinished(below, (*location, key))
    elif isinstance(value, list | tuple):
        for index, below in enumerate(value):
            yield from unfinished(below, (*location, index))


def named(location: Location) -> str:
    """``metrics[2].unit``: the way to a value, as one would read it aloud."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")
