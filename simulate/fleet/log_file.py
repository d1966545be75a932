"""A pod's log file: lines reach the disk soon, and the file is put aside when it is large."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Final, TextIO

#: As logrotate does it, by renaming: an agent that follows the file reads the old one to its end.
_LARGEST_BYTES: Final = 64 * 1024 * 1024


class LogFile(logging.Handler):
    """Writes what the pod logs. ``written`` counts the records that are in the file."""

    def __init__(self, path: Path, largest: int = _LARGEST_BYTES) -> None:
        super().__init__()
        self._path, self._largest = path, largest
        self._waiting: list[str] = []
        self._writing = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: TextIO = path.open("a", encoding="utf-8")
        self.written = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Take the line; it is written at the next flush."""
        self._waiting.append(self.format(record) + "\n")

    def flush(self) -> None:
        """Write every line that waits."""
        with self._writing:
            if self._file.closed:
                return
            with self.lock or threading.RLock():
                lines, self._waiting = self._waiting, []
            if not lines:
                return
            self._file.write("".join(lines))
            self._file.flush()
            self.written += len(lines)
            if self._file.tell() > self._largest:
                self._put_aside()

    def close(self) -> None:
        """Write what waits and let go of the file."""
        self.flush()
        self._file.close()
        super().close()

    def _put_aside(self) -> None:
        self._file.close()
        # The ending keeps it from what an agent looks for; the one before it is gone.
        self._path.rename(self._path.with_name(self._path.name + ".1"))
        self._file = self._path.open("a", encoding="utf-8")
