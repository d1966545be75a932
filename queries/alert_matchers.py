"""Alertmanager's matchers: what they say of an alert's labels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal, cast

from queries.text import Matcher, Matchers

_WRITTEN: Final = re.compile(
    r"\s*([a-zA-Z_:][\w:]*)\s*(=~|!~|!=|=)\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\"\s]*))\s*"
)
_ESCAPED: Final = re.compile(r"\\(.)")
_PLAIN: Final = {"n": "\n"}


def parsed(text: str) -> Matcher | None:
    """A matcher as alertmanager.yml has it; None if it is none."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    quoted, bare = found[3], found[4]
    value = bare or ""
    if quoted is not None:
        value = _ESCAPED.sub(lambda each: _PLAIN.get(each[1], each[1]), quoted)
    return Matcher(found[1], value, cast("Literal['=', '!=', '=~', '!~']", found[2]))


def fits(matchers: Matchers, labels: Mapping[str, str]) -> bool:
    """Whether all hold of the labels; a label that is not there is empty."""
    return all(holds(each, labels.get(each.label, "")) for each in matchers)


def holds(matcher: Matcher, value: str) -> bool:
    """Whether a matcher holds of a value: an expression has to match all of it."""
    if matcher.operator in {"=", "!="}:
        found = value == matcher.value
    else:
        found = re.fullmatch(matcher.value, value) is not None
    return found is (matcher.operator in {"=", "=~"})
