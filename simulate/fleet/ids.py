"""Trace and span ids that repeat: they follow from what is being done, not from when."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import count

from opentelemetry.sdk.trace.id_generator import IdGenerator

from simulate import chance

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Doing:
    key: Key
    spans: Iterator[int] = field(default_factory=count)


_DOING: ContextVar[_Doing | None] = ContextVar("doing", default=None)


@contextmanager
def doing(key: Key) -> Iterator[None]:
    """The ids of spans that begin within follow from the key, one after the other."""
    token = _DOING.set(_Doing(key))
    try:
        yield
    finally:
        _DOING.reset(token)


class SeededIds(IdGenerator):
    """Gives the OpenTelemetry SDK its ids."""

    def generate_span_id(self) -> int:
        """16 hexadecimal digits, and never the invalid 0."""
        at = _doing()
        return int(chance.hexadecimal(16, *at.key, "span", next(at.spans)), 16) or 1

    def generate_trace_id(self) -> int:
        """32 hexadecimal digits, and never the invalid 0."""
        return int(chance.hexadecimal(32, *_doing().key, "trace"), 16) or 1


def _doing() -> _Doing:
    at = _DOING.get()
    if at is None:
        raise LookupError("a span begins outside of any request")
    return at
