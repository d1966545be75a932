"""A service's document as the YAML that people edit, in the style of the catalog's other files.

``delivery.yaml_text`` writes what programs read. This is what a team goes on with: short facts in
braces on one line, lists in brackets, a comment where something is to be confirmed. Whatever text
is given comes back from the catalog's reader as it was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from catalog.yaml_file import Location

_WIDTH = 100
_COMMENT = 240
#: Characters that no reader of YAML takes for anything but text, within a line that begins with a
#: letter; in braces and brackets, commas and brackets end a value.
_PLAIN = re.compile(r"[^\W\d_](?: ?[\w.,;()/%+'-])*")
_PLAIN_IN_FLOW = re.compile(r"[^\W\d_](?: ?[\w./%+-])*|[0-9]+[A-Za-z]{1,3}|/(?:[\w./-])*")
_MEASURE = re.compile(r"[0-9]+(?:\.[0-9]+)?[A-Za-z]{1,3}")
_RESERVED = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})
#: What YAML forbids, or what the catalog's reader refuses, as it stands.
_STRAY = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
#: Mappings that read best on one line, wherever they stand.
_ON_ONE_LINE = frozenset(
    {"bad", "good", "lives", "match", "multiline", "outcome", "owner", "sli", "workload"}
)
#: The order in which the catalog's other files tell of a service; a blank line before some.
_ORDER = (
    *("id", "name", "description", "owner", "workload", "folder", "depends_on"),
    *("volume", "stream_labels", "logs", "metrics", "objectives"),
)
_APART = frozenset({"owner", "volume", "stream_labels", "logs", "metrics", "objectives"})

Comments = Mapping[Location, Sequence[str]]


def to_yaml(document: Mapping[str, object], comments: Comments) -> str:
    """The file. ``comments`` stand above what they are about; those of ``()`` on top."""
    known = [key for key in _ORDER if key in document]
    lines = [_comment(each) for each in comments.get((), ())]
    for key in (*known, *(key for key in document if key not in _ORDER)):
        if key in _APART:
            lines.append("")
        lines += _entry(key, document[key], 0, (key,), comments)
    return "\n".join(lines) + "\n"


def _entry(key: str, value: object, indent: int, at: Location, comments: Comments) -> Iterator[str]:
    space = " " * indent
    for comment in comments.get(at, ()):
        yield f"{space}{_comment(comment)}"
    head = f"{space}{_key(key)}:"
    if isinstance(value, Mapping) and value and key not in _ON_ONE_LINE:
        yield head
        for name, below in value.items():
            yield from _entry(str(name), below, indent + 2, (*at, str(name)), comments)
    elif _is_list(value) and any(isinstance(each, Mapping) for each in _items(value)):
        yield head
        for index, item in enumerate(_items(value)):
            yield from _item(item, indent + 2, (*at, index), comments)
    elif isinstance(value, Mapping) or _is_list(value):
        yield from _wrapped(head, _flow(value), _pieces(value), indent)
    else:
        yield f"{head} {_scalar(value, _PLAIN)}"


def _item(item: object, indent: int, at: Location, comments: Comments) -> Iterator[str]:
    """One of a list of mappings; a short one without comments, such as a field, on one line."""
    space = " " * indent
    for comment in comments.get(at, ()):
        yield f"{space}{_comment(comment)}"
    if not isinstance(item, Mapping) or not item:
        yield f"{space}- {_flow(item)}"
        return
    first = True
    for key, value in item.items():
        for line in _entry(str(key), value, indent + 2, (*at, str(key)), comments):
            yield f"{space}- {line[indent + 2 :]}" if first else line
            first = False


def _wrapped(head: str, whole: str, pieces: list[str], indent: int) -> Iterator[str]:
    """In one line if it fits; else one piece after another below it."""
    if len(f"{head} {whole}") <= _WIDTH or len(pieces) < 2:
        yield f"{head} {whole}"
        return
    yield f"{head}"
    line = f"{' ' * (indent + 2)}{whole[0]}{pieces[0]}"
    for piece in pieces[1:]:
        if len(f"{line}, {piece},") <= _WIDTH:
            line += f", {piece}"
        else:
            yield f"{line},"
            line = f"{' ' * (indent + 3)}{piece}"
    yield f"{line}{whole[-1]}"


def _comment(text: str) -> str:
    """One line, whatever was seen: a server's words must not become facts of the file."""
    line = _STRAY.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return f"# {line if len(line) <= _COMMENT else f'{line[: _COMMENT - 3]}...'}".rstrip()


def _pieces(value: object) -> list[str]:
    if isinstance(value, Mapping):
        return [f"{_key(str(key))}: {_flow(below)}" for key, below in value.items()]
    return [_flow(each) for each in _items(value)]


def _flow(value: object) -> str:
    if isinstance(value, Mapping):
        return f"{{{', '.join(_pieces(value))}}}"
    if _is_list(value):
        return f"[{', '.join(_pieces(value))}]"
    return _scalar(value, _PLAIN_IN_FLOW)


def _scalar(value: object, plain: re.Pattern[str]) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if isinstance(value, int):
        return str(value)
    text = str(value)
    safe = plain.fullmatch(text) or _MEASURE.fullmatch(text)
    misread = text.casefold() in _RESERVED or _reads_as_number(text)
    return text if safe and not misread else quoted(text)


def _reads_as_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def quoted(text: str) -> str:
    """In double quotes, where JSON's escapes mean the same in YAML."""
    return _STRAY.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))


def _key(key: str) -> str:
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", key) and key.casefold() not in _RESERVED
    return key if plain else quoted(key)


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple)


def _items(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()
