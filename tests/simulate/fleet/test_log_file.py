"""Lines reach the file whole, are counted as they do, and the file does not grow for ever."""

from __future__ import annotations

import logging
from pathlib import Path

from simulate.fleet.log_file import LogFile


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord("a", logging.INFO, "", 0, text, None, None)


def test_a_line_counts_when_it_is_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a/b/pod.log"
    log = LogFile(path)
    log.handle(record("first"))
    assert (log.written, path.read_text()) == (0, "")
    log.flush()
    assert (log.written, path.read_text()) == (1, "first\n")
    log.handle(record("second"))
    log.close()
    log.flush()
    assert (log.written, path.read_text()) == (2, "first\nsecond\n")


def test_what_was_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "pod.log"
    path.write_text("before\n")
    log = LogFile(path)
    log.handle(record("after"))
    log.close()
    assert path.read_text() == "before\nafter\n"


def test_a_large_file_is_put_aside_under_a_name_that_no_agent_looks_for(tmp_path: Path) -> None:
    path = tmp_path / "pod.log"
    log = LogFile(path, largest=10)
    for number in range(4):
        log.handle(record(f"line {number} is long"))
        log.flush()
    log.handle(record("short"))
    log.close()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["pod.log", "pod.log.1"]
    assert (tmp_path / "pod.log.1").read_text() == "line 3 is long\n"
    assert path.read_text() == "short\n"
    assert log.written == 5
