"""Finds credentials that are written out: what is called like one, and what looks like one.

A file is looked through only if a word in it is suspicious: nearly none is, and a walk through
every value of every dashboard would take longer than all other reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from delivery.checks.documents import Documents, Written

Json = dict[str, Any]

_SUSPECT = re.compile(
    r"passw|passphrase|secret|token|credential|api_?-?key|access_?-?key|private_?-?key|bearer|authorization"
    r"|PRIVATE KEY|AKIA|ASIA|xox[abprs]-|gh[opsu]_|glsa_|eyJ|://[^/\s\"'@]+@|hooks\.slack\.com",
    re.IGNORECASE,
)
#: The last words of a name that holds a credential; ``…_file`` holds the way to one.
_NAME = re.compile(
    r"(?:^|_)(?:passw(?:or)?d|passphrase|secret|token|credentials?|api_?key|secret_?key"
    r"|(?:secret_)?access_?key(?:_id)?|private_?key|authorization)$"
)
#: Values that look like a credential whatever they are called, and what they are.
_LOOKS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a key of Amazon's": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a token of Slack's": re.compile(r"\bxox[abprs]-[0-9A-Za-z-]{10,}"),
    "a token of GitHub's": re.compile(r"\bgh[opsu]_[0-9A-Za-z]{36}\b"),
    "a token of Grafana's": re.compile(r"\bglsa_[0-9A-Za-z]{32}_[0-9a-f]{8}\b"),
    "a signed token": re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"),
    "an address with a password": re.compile(r"://[^/\s\"'@:]+:[^/\s\"'@$]+@"),
    "an address that is a secret": re.compile(r"https://hooks\.slack\.com/services/\w"),
    "a bearer token": re.compile(r"\b[Bb]earer [\w.~+/-]{16,}"),
}
#: ``password: hunter2``, ``"token" = "x"``, at the beginning of a line of an embedded file.
_LINE = re.compile(r"\s*(?:- )?[\"']?([A-Za-z][\w-]*)[\"']?\s*[:=]\s*[\"']?([^\s\"',}]+)")
#: What stands for a value that is elsewhere.
_REFERENCE = re.compile(r"\$|\{\{|<|\*+$|true$|false$|null$|\||>|\[|\{|&|!")


def suspects(text: str) -> bool:
    """Whether a file is worth looking through."""
    return _SUSPECT.search(text) is not None


def read(path: str, content: Any, documents: Documents) -> None:
    """Adds the credentials in what a file holds: a mapping, or text."""
    documents.secrets += [Written(path, way, what) for way, what in _of(content, "", "")]


def _of(value: Any, way: str, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield from _of_text(value, way.lstrip("."), name)
    elif isinstance(value, dict):
        yield from _of_mapping(value, way)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            named = item.get("name") if isinstance(item, dict) else None
            yield from _of(item, f"{way}[{named or index}]", name)


def _of_mapping(value: Json, way: str) -> Iterator[tuple[str, str]]:
    is_secret = value.get("kind") == "Secret"
    variable = value.get("name") if "value" in value else None
    for key, item in value.items():
        inner = f"{way}.{key}"
        if is_secret and key in {"data", "stringData"} and isinstance(item, dict):
            for entry, held in item.items():
                if held:
                    yield f"{inner}.{entry}".lstrip("."), f"'{entry}' of a Secret"
        elif key == "secretKey" and "remoteRef" in value:
            continue  # The name of a key of the Secret that an ExternalSecret makes.
        elif key == "value" and isinstance(variable, str):
            yield from _of(item, inner, variable)
        else:
            yield from _of(item, inner, str(key))


def _of_text(text: str, way: str, name: str) -> Iterator[tuple[str, str]]:
    if _is_secret(name, text):
        yield way, f"'{name}'"
        return
    for number, line in enumerate(text.split("\n"), 1):
        where = f"{way}, line {number}".lstrip(", ") if "\n" in text else way
        told = next((what for what, looks in _LOOKS.items() if looks.search(line)), None)
        found = _LINE.match(line) if "\n" in text else None
        if told is None and found is not None and _is_secret(found[1], found[2]):
            told = f"'{found[1]}'"
        if told is not None:
            yield where, told


def _is_secret(name: str, value: str) -> bool:
    """Whether that name holds a credential, and the value is one and no reference."""
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").lower()
    if _NAME.search(plain) is None or not value.strip():
        return False
    return "\n" in value or _REFERENCE.match(value.strip()) is None
