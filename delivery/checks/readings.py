"""What each query says, read once: dashboards, tenants and annotations repeat each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from delivery.checks.documents import Language
from delivery.checks.labels import Known
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


#: A running total is read in three universes of one tree (context.py): with nothing known of
#: itself, with what was found then, and in the end.
_OF_ONE_TREE = 3


class Readings:
    """What is the same for every tree of a catalog, and the queries that were read so far.

    LogQL is remembered, since each tenant has the same rules; of PromQL no more than ``most``.
    """

    def __init__(self, streams: Streams, emitted: Iterable[Signal], most: int = 512) -> None:
        self.streams = streams
        self.emitted = Universe(emitted)
        self._most = most
        self._read: dict[Language, dict[str, list[Reading]]] = {"logql": {}, "promql": {}}
        self._alike: dict[object, Known] = {}

    def of(self, text: str, language: Language, universe: Universe) -> Reading:
        """The query as it reads in a universe."""
        read = self._read[language]
        known = read.get(text, [])
        for reading in known:
            if _still_holds(reading, universe):
                return reading
        if language == "promql" and len(read) >= self._most:
            read.clear()
        reading = self._reading(text, language, universe)
        # The first are of the tree that others differ from, and stay.
        read[text] = [*known[:_OF_ONE_TREE], reading]
        return reading

    def _shared(self, shape: Shape | None) -> Shape | None:
        """The same shape, its labels those of an earlier one if they are alike."""
        if shape is None or shape.known.anything:
            return shape
        key = tuple(shape.known.labels.items()), shape.known.sure
        return shape._replace(known=self._alike.setdefault(key, shape.known))

    def _reading(self, text: str, language: Language, universe: Universe) -> Reading:
        faults: list[Fault] = []
        bare: list[Fault] = []

        def report(check: str, reason: str, remedy: str, start: int, end: int) -> None:
            faults.append((check, reason, remedy, start, end))

        def report_bare(check: str, reason: str, remedy: str, start: int, end: int) -> None:
            bare.append((check, reason, remedy, start, end))

        if language == "logql":
            shape = read_logql(text, self.streams, report)
            return Reading(self._shared(shape), tuple(faults), (), ())
        with universe.listening() as asked:
            shape = read_promql(text, universe, report)
        if shape is not None and shape.raw:
            raw_counter(report_bare, text, shape.raw)
        return Reading(self._shared(shape), tuple(faults), tuple(bare), tuple(asked))


def _still_holds(reading: Reading, universe: Universe) -> bool:
    for name, service, signal in reading.asked:
        now = universe.signal(name, service)
        # What to write instead of an unknown name depends on all names there are.
        if now is None or (now is not signal and now != signal):
            return False
    return True
