"""YAML that every reader reads alike.

Prometheus, Loki, Grafana and Kubernetes read it with Go's yaml (mostly YAML 1.2),
people and scripts with PyYAML (YAML 1.1): ``on``, ``1e3``, ``0o17`` or ``12:30:00`` are
text to one and not to the other. PyYAML quotes what *it* would misread; the representer
here decides each string's style itself and leaves unquoted only what no reader can take
for anything but text.

It also keeps the bytes the same with and without libyaml, whose emitter and PyYAML's
differ in the rare cases: characters beyond U+FFFF, trailing spaces and blank lines in
literal blocks, mapping keys that are empty, very long or hold a line break.
"""

from __future__ import annotations

import math
import re
from typing import Any

import yaml

from catalog.artifact import Documents, Embedded

_Base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

# Printable in every YAML reader, without the byte order mark and the line separators.
_PRINTABLE = "\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd"
_ONE_LINE = re.compile(f"[{_PRINTABLE}]+")
_LINES = re.compile(f"[{_PRINTABLE}\n]+")

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")

# Starts like a word, a path, a variable or a parenthesis, never like a number, a date,
# an indicator or a document marker; or is a duration, which no reader takes for a number.
_WORDLIKE = re.compile(r"[^\W\d]|[/$(]")
_DURATION = re.compile(r"(?:[0-9]+(?:ms|[smhdwy]))+")
_RESERVED = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})

# Emitters switch to the `? key` form at 128, counted in characters by one and in bytes
# by the other. No key of ours comes near.
_KEY_BYTES = 120

# PyYAML and libyaml fold longer lines; a folded expression is hard to search and to diff.
_NEVER_FOLD = 2**30


class YamlError(ValueError):
    """The data cannot be written so that every reader gets the same back."""


def dump(content: object, base: Any = _Base) -> str:
    """``content`` (a mapping or a list) as a YAML document in block style.

    :class:`~catalog.artifact.Documents` become one after another.
    """
    if isinstance(content, Documents):
        return "---\n".join(dump(document, base) for document in content.documents)
    if not isinstance(content, (dict, list, tuple)):
        raise YamlError(f"the document is {_a(content)}, not a mapping or a list")
    text: str = yaml.dump(
        content,
        Dumper=_dumper(base),
        allow_unicode=True,
        default_flow_style=False,
        sort_keys=False,
        width=_NEVER_FOLD,
    )
    return text


def _style(text: str) -> str | None:
    """The style ``text`` needs; None leaves it plain."""
    if _ONE_LINE.fullmatch(text):
        plain = _WORDLIKE.match(text) and text.casefold() not in _RESERVED
        return None if plain or _DURATION.fullmatch(text) else "'"
    return "|" if _suits_literal_block(text) else '"'


def _suits_literal_block(text: str) -> bool:
    return (
        "\n" in text
        and _LINES.fullmatch(text) is not None
        and not text[0].isspace()
        and not text.endswith("\n\n")
        and " \n" not in text
        and not text.endswith(" ")
    )


def _string(dumper: Any, text: str) -> Any:
    # str(): a StrEnum's value, not its class.
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style=_style(text))


def _mapping(dumper: Any, mapping: dict[object, object]) -> Any:
    for key in mapping:
        if not isinstance(key, str):
            raise YamlError(f"the mapping key {key!r} is {_a(key)}, not a string")
        if not key or len(key.encode()) > _KEY_BYTES or _CONTROL.search(key):
            fault = f"is empty, over {_KEY_BYTES} bytes long or has a control character"
            raise YamlError(f"the mapping key {key!r} {fault}")
    return dumper.represent_mapping("tag:yaml.org,2002:map", mapping)


def _sequence(dumper: Any, sequence: list[object] | tuple[object, ...]) -> Any:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", sequence)


def _number(dumper: Any, number: float) -> Any:
    if not math.isfinite(number):
        raise YamlError(f"the number {number} is not finite")
    return dumper.represent_float(float(number))


def _refuse(dumper: Any, value: object) -> Any:
    raise YamlError(f"the value {value!r} is {_a(value)}, which YAML readers do not agree on")


def _a(value: object) -> str:
    return f"a {type(value).__name__}"


_DUMPERS: dict[Any, Any] = {}


def _dumper(base: Any) -> Any:
    """``base`` with our representers; one class a base, as PyYAML registers on the class."""
    if base not in _DUMPERS:
        dumper: Any = type("Dumper", (base,), {"ignore_aliases": lambda self, data: True})
        dumper.yaml_representers = {
            type(None): base.represent_none,
            bool: base.represent_bool,
            None: _refuse,
        }
        # By isinstance, so that enums and ordered dicts are what they derive from.
        dumper.yaml_multi_representers = {
            str: _string,
            int: lambda dumper, number: dumper.represent_int(int(number)),
            float: _number,
            dict: _mapping,
            list: _sequence,
            tuple: _sequence,
            Embedded: lambda dumper, embedded: _string(dumper, dump(embedded.content, base)),
        }
        _DUMPERS[base] = dumper
    return _DUMPERS[base]
