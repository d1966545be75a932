"""Reads a metrics page: Prometheus' text format, and OpenMetrics.

The parser is our own because of what others do to names. ``prometheus_client`` renames every
counter to end in ``_total`` and moves it into a family without it; whether a server writes
``_total`` is what a recording has to tell. Nor does a recording need the values: it keeps which
labels there are and a few of their values, so that a page of a million series stays small.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

#: More values than this are no list that a person would keep; one more shows that there are.
VALUES_KEPT = 13

#: Endings of the series of a family, by the family's type; ``_created`` is when it began.
_ENDINGS = {
    "counter": ("_total", "_created"),
    "gaugehistogram": ("_bucket", "_gcount", "_gsum", "_created"),
    "histogram": ("_bucket", "_count", "_sum", "_created"),
    "info": ("_info",),
    "summary": ("_count", "_sum", "_created"),
}
_PART_LABELS = {"gaugehistogram": "le", "histogram": "le", "summary": "quantile"}
_ESCAPED = r'"([^"\\]*+(?:\\.[^"\\]*+)*+)"'
_BARE = r"[a-zA-Z_:][a-zA-Z0-9_:]*+"
_META = re.compile(rf"#[ \t]+TYPE[ \t]+(?:{_ESCAPED}|(\S+))[ \t]+(\S+)[ \t]*")
_NAME = re.compile(_BARE)
_LABEL = re.compile(rf"[ \t]*(?:{_ESCAPED}|({_BARE}))[ \t]*(?:=[ \t]*{_ESCAPED})?[ \t]*(,|(?=\}}))")
_CLOSE = re.compile(r"[ \t]*\}")
#: The value, when it was read, and an exemplar.
_REST = re.compile(r"[ \t]*(\S++)(?:[ \t]+[-+0-9.eE]+)?[ \t]*(?:#[ \t].*)?")
_ESCAPES = re.compile(r"\\(.)")


class PageError(ValueError):
    """A line that no metrics page has."""

    def __init__(self, line: int, fault: str) -> None:
        super().__init__(fault)
        self.line, self.fault = line, fault


@dataclass(slots=True)
class Family:
    """What the page shows of one metric, under the name that a query asks for."""

    name: str
    type: str
    #: At most ``VALUES_KEPT`` of each label's values.
    labels: dict[str, set[str]] = field(default_factory=dict)
    always_one: bool = True


def read_page(lines: Iterable[str]) -> dict[str, Family]:
    """Every family of the page that has a series, by name.

    :raises PageError: at the first line that belongs to neither format.
    """
    types: dict[str, str] = {}
    families: dict[str, Family] = {}
    for number, line in enumerate(lines, start=1):
        text = line.strip(" \t\r\n")
        if not text:
            continue
        if text.startswith("#"):
            declared = _META.fullmatch(text)
            if declared is not None:
                types[_unescaped(declared[1]) or declared[2]] = declared[3].lower()
            continue
        _add(text, number, types, families)
    return families


def _add(text: str, number: int, types: dict[str, str], families: dict[str, Family]) -> None:
    name, labels, value = _sample(text, number)
    of, ending = _family_of(name, types)
    kind = types.get(of, "untyped")
    if ending == "_created":
        return
    if kind in {"counter", "info"}:
        of = name
    family = families.get(of)
    if family is None:
        family = families[of] = Family(of, kind)
    family.always_one &= value == 1
    for label, content in labels.items():
        if label == _PART_LABELS.get(kind):
            continue
        seen = family.labels.setdefault(label, set())
        # An empty label is the same as none.
        if content and len(seen) < VALUES_KEPT:
            seen.add(content)


def _family_of(name: str, types: dict[str, str]) -> tuple[str, str]:
    """The family of a series, and what the series' name has in addition."""
    if name in types:
        # A summary's own series have its bare name, and belong to it all the same.
        return name, ""
    for kind, endings in _ENDINGS.items():
        for ending in endings:
            base = name.removesuffix(ending)
            if base != name and types.get(base) == kind:
                return base, ending
    return name, ""


def _sample(text: str, number: int) -> tuple[str, dict[str, str], float]:
    found = _NAME.match(text)
    name, at = (found[0], found.end()) if found else ("", 0)
    while at < len(text) and text[at] in " \t":
        at += 1
    labels: dict[str, str] = {}
    if text[at : at + 1] == "{":
        at += 1
        while (label := _LABEL.match(text, at)) is not None:
            key = label[2] or _unescaped(label[1])
            if label[3] is not None:
                labels[key] = _unescaped(label[3])
            elif label[2] is None and not name:
                name = key  # A name that needs quotes stands within the braces.
            else:
                raise PageError(number, f"the label {key[:60]} has no value")
            at = label.end()
        close = _CLOSE.match(text, at)
        if close is None:
            raise PageError(number, "the labels are not closed")
        at = close.end()
    rest = _REST.fullmatch(text, at)
    if not name or rest is None:
        raise PageError(number, "it is no series with a value")
    try:
        return name, labels, float(rest[1])
    except ValueError:
        raise PageError(number, f"{rest[1][:40]} is no number") from None


def _unescaped(text: str | None) -> str:
    if text is None or "\\" not in text:
        return text or ""
    return _ESCAPES.sub(lambda match: "\n" if match[1] == "n" else match[1], text)
