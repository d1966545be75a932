"""What differs between two objects, said as a person would: by panel and setting, old and new."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from delivery.publish.model import Difference

#: What tells the items of a list apart, the first that all of them have: a panel that moved up
#: is the same panel.
_IDENTITIES = ("id", "uid", "refId", "alert", "record", "name", "title", "key")


def differences(old: Any, new: Any) -> tuple[Difference, ...]:
    """Each setting that differs, in the order of the new one."""
    return tuple(_walk("", old, new))


def _walk(where: str, old: Any, new: Any) -> Iterator[Difference]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*new, *(key for key in old if key not in new)]:
            inner = f"{where}.{key}" if where else str(key)
            if key not in new:
                yield from _gone(inner, old[key])
            elif key not in old:
                yield from _added(inner, new[key])
            else:
                yield from _walk(inner, old[key], new[key])
    elif isinstance(old, list) and isinstance(new, list):
        yield from _lists(where, old, new)
    elif not _same(old, new):
        yield Difference(where, old, new)


def _lists(where: str, old: list[Any], new: list[Any]) -> Iterator[Difference]:
    identity = _identity(old, new)
    if identity is None:
        if len(old) == len(new):
            for index, (before, after) in enumerate(zip(old, new, strict=True)):
                yield from _walk(f"{where}[{index}]", before, after)
        elif old != new:
            yield Difference(where, old, new)
        return
    before = {item[identity]: item for item in old}
    after = {item[identity]: item for item in new}
    for key, item in after.items():
        place = f"{where}[{_name(item, key)}]"
        if key in before:
            yield from _walk(place, before[key], item)
        else:
            yield Difference(place, None, item)
    for key, item in before.items():
        if key not in after:
            yield Difference(f"{where}[{_name(item, key)}]", item, None)
    kept = [key for key in before if key in after]
    if kept != [key for key in after if key in before]:
        yield Difference(f"{where} (order)", kept, [key for key in after if key in before])


def _identity(*lists: list[Any]) -> str | None:
    """The key by which the items of all the lists are told apart, if there is one."""
    for name in _IDENTITIES:
        if all(_identifies(name, items) for items in lists):
            return name
    return None


def _identifies(name: str, items: list[Any]) -> bool:
    if not all(isinstance(item, dict) and isinstance(item.get(name), str | int) for item in items):
        return False
    return len({item[name] for item in items}) == len(items)


def _name(item: dict[str, Any], key: Any) -> str:
    title = item.get("title")
    return f"{key} '{title}'" if isinstance(title, str) and title and title != key else str(key)


def _gone(where: str, value: Any) -> Iterator[Difference]:
    if not _is_nothing(value):
        yield Difference(where, value, None)


def _added(where: str, value: Any) -> Iterator[Difference]:
    if not _is_nothing(value):
        yield Difference(where, None, value)


def _is_nothing(value: Any) -> bool:
    """A server leaves out what is empty, or fills it in; neither is a difference."""
    return value is None or value in ("", [], {})


def _same(old: Any, new: Any) -> bool:
    if _is_nothing(old) and _is_nothing(new):
        return True
    # True == 1 in Python, and not in JSON.
    return bool(old == new) and isinstance(old, bool) == isinstance(new, bool)
