"""Lines to Loki without an agent, with the labels and the metadata that it would have set."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Final

import requests

from simulate import log_lines
from simulate.feed import Sinks
from simulate.fleet.agent_meters import AgentMeters
from simulate.fleet.formatter import ServiceFormatter
from simulate.fleet.replica import log_path
from simulate.log_lines import LogLine, LogLines
from simulate.traces import Traces
from simulate.world import World

_TICK_SECONDS: Final = 1.0
#: Kept while Loki is away; more are given up, the oldest first, as an agent's limits would have it.
_KEPT: Final = 200_000
_BATCH: Final = 2000


class Pusher(logging.Handler):
    """Takes every line of one service and hands it on, in the order in which they were written."""

    def __init__(self, world: World, sinks: Sinks, meters: AgentMeters, logs: Path) -> None:
        super().__init__()
        self._sinks, self._meters, self._logs = sinks, meters, logs
        self._as_sent = LogLines(world, Traces(world), sinks.release).sent
        self._waiting: list[LogLine] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)
        self._session = requests.Session()

    def emit(self, record: logging.LogRecord) -> None:
        """Take the line, and count it as an agent does."""
        formatter = self.formatter
        assert isinstance(formatter, ServiceFormatter)  # noqa: S101 - the replica gives it
        values, kind = formatter.values(record), record.__dict__["line"].kind
        line = self._as_sent(kind, values, record.created)
        self._meters.line(kind, values, str(log_path(self._logs, kind.pod)), len(line.text))
        self._waiting.append(line)

    def start(self) -> None:
        """Push from now on."""
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Push what waits, if Loki takes it at once."""
        self._stopping.set()
        self._thread.join(seconds)
        self._push()

    def _go_on(self) -> None:
        while not self._stopping.wait(_TICK_SECONDS):
            self._push()

    def _push(self) -> None:
        while portion := self._waiting[:_BATCH]:
            outcome = self._try(portion)
            if outcome == "later":
                break
            with self._locked():
                del self._waiting[: len(portion)]
            if outcome == "sent":
                self._meters.sent(len(portion))
            else:
                self._meters.dropped("ingester_error", len(portion))
        with self._locked():
            surplus = len(self._waiting) - _KEPT
            if surplus > 0:
                del self._waiting[:surplus]
                self._meters.dropped("rate_limited", surplus)

    def _try(self, portion: list[LogLine]) -> str:
        body = log_lines.push_body(portion, self._sinks.release)
        try:
            log_lines.push(self._session, self._sinks.loki or "", body, self._sinks.tenant)
        except requests.RequestException as error:
            # What is wrong with the lines will be wrong again; a server in trouble recovers.
            status = error.response.status_code if error.response is not None else 0
            again = not 400 <= status < 500 or status == requests.codes.too_many_requests
            return "later" if again else "refused"
        return "sent"

    def _locked(self) -> threading.RLock:
        return self.lock or threading.RLock()
