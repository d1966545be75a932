"""Reads somebody's JSON without trusting its shape: what is not of the type is not there."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def mapping(data: Any, *keys: str) -> Json:
    """The object at the end of the way; an empty one if there is none."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def listing(data: Any, *keys: str) -> list[Any]:
    """The list at the end of the way; an empty one if there is none."""
    *way, last = keys
    found = mapping(data, *way).get(last)
    return found if isinstance(found, list) else []


def objects(data: Any, *keys: str) -> list[Json]:
    """The objects in that list."""
    return [each for each in listing(data, *keys) if isinstance(each, dict)]


def text(data: Any, *keys: str) -> str:
    """The text at the end of the way; an empty one if there is none."""
    *way, last = keys
    found = mapping(data, *way).get(last)
    return found if isinstance(found, str) else ""


def number(value: Any) -> float | None:
    """A number, which old panels also kept as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    try:
        found = float(str(value).strip())
    except ValueError:
        return None
    return int(found) if found.is_integer() else found


def nothing(value: Any) -> bool:
    """A server leaves out what is empty, or fills it in: neither says anything."""
    return value is None or value in ("", [], {})


def words(listed: str) -> frozenset[str]:
    """Names of settings, written with blanks between them."""
    return frozenset(listed.split())
