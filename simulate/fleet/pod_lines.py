"""What a pod writes: lines of its requests within their spans, all others outside of any.

Which lines come is the world's affair. One that reports an event waits for a request to report it
of; a failed request takes one that reports a failure, ahead of its time if need be. A failure that
no failed request comes for is one that a request got over: it ended well all the same.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterable
from typing import Final

from catalog import names
from catalog.platform import Platform
from simulate import chance, log_lines
from simulate.fleet.arrivals import DueLine
from simulate.fleet.clock import Clock
from simulate.fleet.formatter import Line
from simulate.fleet.ids import Key
from simulate.fleet.incidents import Incidents
from simulate.world import LineKind

#: A line that no request comes for is written all the same, after so many seconds.
_PATIENCE: Final = 2.0
#: So long a failure waits for a failed request, in seconds; then any request takes it.
_FOR_A_FAILED_ONE: Final = 1.0
#: The measures that tell how long something took, and how many of them are a second.
_TIMES: Final = {"seconds": 1.0, "milliseconds": 1000.0}


class PodLines:
    """The lines of one pod; requests write in their own threads."""

    def __init__(
        self,
        name: str,
        platform: Platform,
        handlers: Iterable[logging.Handler],
        incidents: Incidents,
        clock: Clock,
    ) -> None:
        self._platform, self._incidents, self._clock = platform, incidents, clock
        self._levels = {level: 10 * place for place, level in enumerate(platform.levels, 1)}
        self._logger = logging.Logger(name, 1)  # noqa: LOG001 - it is this pod's alone
        for handler in handlers:
            self._logger.addHandler(handler)
        self._lock = threading.Lock()
        self._good: deque[DueLine] = deque()
        self._bad: deque[DueLine] = deque()
        self._ahead = 0

    def due(self, line: DueLine) -> None:
        """It is time for a line: one of an event waits for its request, and so does an error.

        A trace is what one wants of an error; the rest of what reports no event has none.
        """
        level = line.kind.values.get(names.LEVEL)
        if line.kind.event is None and level not in self._platform.error_levels:
            self._write(line.kind, line.number, line.copy, None)
            return
        with self._lock:
            if line.kind.bad and self._ahead and not line.copy:
                self._ahead -= 1  # a failed request has written it already
            else:
                (self._bad if line.kind.bad else self._good).append(line)

    def of_request(self, failed: bool, seconds: float) -> int:
        """Write what waits, within the span of a request that took so long; how many lines."""
        taken = self._take(failed)
        part = 1.0
        for line in taken:
            self._write(line.kind, line.number, line.copy, seconds * part)
            if _times(line.kind) is not None:
                # One line tells of the whole request; the others tell of parts of it.
                part = chance.uniform(line.kind.key, line.number, "part")
        return len(taken)

    def of_failure(self, kinds: list[LineKind], key: Key, seconds: float, *, extra: bool) -> None:
        """Write a line that reports a failure; an ``extra`` one comes on top of the world's."""
        bad = [kind for kind in kinds if kind.bad] or [
            kind for kind in kinds if kind.values.get(names.LEVEL) in self._platform.error_levels
        ]
        if not bad:
            return
        kind = chance.weighted(bad, [each.flow.rate for each in bad], *key, "line")
        number = int(chance.uniform(*key, "number") * 1e9)
        if not extra:
            with self._lock:
                self._ahead += 1
        self._write(kind, number, 0, seconds)

    def overdue(self) -> None:
        """Write what no request came for."""
        latest = self._clock.now() - _PATIENCE
        found: list[DueLine] = []
        with self._lock:
            for waiting in (self._good, self._bad):
                while waiting and waiting[0].moment < latest:
                    found.append(waiting.popleft())
        for line in found:
            self._write(line.kind, line.number, line.copy, None)

    def _take(self, failed: bool) -> list[DueLine]:
        with self._lock:
            if failed:
                return _some(self._bad)
            late = self._clock.now() - _FOR_A_FAILED_ONE
            got_over = _some(self._bad) if self._bad and self._bad[0].moment < late else []
            return [*_some(self._good), *got_over]

    def _write(self, kind: LineKind, number: int, copy: int, seconds: float | None) -> None:
        if self._incidents.active("silence"):
            return
        key: Key = (kind.key, number, copy) if copy else (kind.key, number)
        fields = self._fields(kind, key, seconds)
        message = log_lines.message(kind, number, self._platform.error_levels)
        level = self._levels.get(kind.values.get(names.LEVEL, ""), logging.INFO)
        self._logger.log(level, message, extra={"line": Line(kind, fields)})

    def _fields(self, kind: LineKind, key: Key, seconds: float | None) -> dict[str, object]:
        found: dict[str, object] = {}
        measured = kind.event.measures if kind.event else None
        for field in kind.pod.service.logs.fields:
            value: object | None = kind.values.get(field.name)
            if value is None and field.type in {"string", "integer", "number"}:
                unit = _times(kind) if field.name == measured else None
                if unit is not None and seconds is not None:
                    value = round(seconds * unit, 2)
                else:
                    value = log_lines.open_value(kind, field, key)
            if value is not None:
                found[field.name] = value
        return found


def _some(waiting: deque[DueLine]) -> list[DueLine]:
    """As many as keep what waits short when lines are many and requests few."""
    return [waiting.popleft() for _ in range(min(len(waiting), 1 + len(waiting) // 4))]


def _times(kind: LineKind) -> float | None:
    """How many of the unit that its lines measure time in are a second, if they measure time."""
    measured = kind.event.measures if kind.event else None
    field = kind.pod.service.logs.field(measured) if measured else None
    return _TIMES.get(field.unit) if field else None
