"""What each query says, read once: dashboards, tenants and annotations repeat each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from delivery.checks.documents import Language
from delivery.checks.languages import raw_counter, read_logql, read_promql
from delivery.checks.logql_fields import Streams
from delivery.checks.promql_shape import Shape
from delivery.checks.universe import Asked, Signal, Universe

#: id, reason, remedy, and the code points at fault (equal: the whole query).
Fault = tuple[str, str, str, int, int]


@dataclass(frozen=True, slots=True)
class Reading:
    """A query's shape, and every fault in it; ``bare`` is one only where the answer is shown.

    ``asked`` are the signals it was read by: with others it would read otherwise.
    """

    shape: Shape | None
    faults: tuple[Fault, ...]
    bare: tuple[Fault, ...]
    asked: tuple[Asked, ...]


class Readings:
    """What is the same for every tree of a catalog, and the queries that were read so far."""

    def __init__(self, streams: Streams, emitted: Iterable[Signal]) -> None:
        self.streams = streams
        self.emitted = Universe(emitted)
        self._read: dict[tuple[Language, str], Reading] = {}

    def of(self, text: str, language: Language, universe: Universe) -> Reading:
        """The query as it reads in a universe."""
        known = self._read.get((language, text))
        if known is None or not _still_holds(known, universe):
            known = self._read[language, text] = self._reading(text, language, universe)
        return known

    def _reading(self, text: str, language: Language, universe: Universe) -> Reading:
        faults: list[Fault] = []
        bare: list[Fault] = []

        def report(check: str, reason: str, remedy: str, start: int, end: int) -> None:
            faults.append((check, reason, remedy, start, end))

        def report_bare(check: str, reason: str, remedy: str, start: int, end: int) -> None:
            bare.append((check, reason, remedy, start, end))

        if language == "logql":
            shape = read_logql(text, self.streams, report)
            return Reading(shape, tuple(faults), (), ())
        with universe.listening() as asked:
            shape = read_promql(text, universe, report)
        if shape is not None and shape.raw:
            raw_counter(report_bare, text, shape.raw)
        return Reading(shape, tuple(faults), tuple(bare), tuple(asked))


def _still_holds(reading: Reading, universe: Universe) -> bool:
    for name, service, signal in reading.asked:
        now = universe.signal(name, service)
        # What to write instead of an unknown name depends on all names there are.
        if now is None or (now is not signal and now != signal):
            return False
    return True
