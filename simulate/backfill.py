"""Days of metrics at once, as blocks that Prometheus opens when it starts."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from simulate.exposition import Family, history

#: Up to here back from the end, samples are as dense as a scrape; before that, once a minute.
_DENSE_SECONDS = 2 * 3600
_DENSE_STEP, _SPARSE_STEP = 15, 60
_TIMEOUT_SECONDS = 900
#: Blocks of what has few samples: of weeks, two hours each would be hundreds.
LONG_BLOCK = "2000h"


def moments(since: float, until: float) -> list[float]:
    """When samples are taken: every minute, and near the end as often as a scrape."""
    dense = max(since, until - _DENSE_SECONDS)
    sparse = range(int(since), int(dense), _SPARSE_STEP)
    return [*map(float, sparse), *map(float, range(int(dense), int(until), _DENSE_STEP))]


def write_blocks(
    promtool: str,
    families: Iterable[tuple[Mapping[str, str], Family]],
    since: float,
    until: float,
    folder: Path,
) -> None:
    """Blocks of all the families between the two moments, in a Prometheus' data folder.

    promtool reads its whole input once for every block of two hours, so it gets one file for
    each.

    :raises subprocess.CalledProcessError: promtool refuses it.
    """
    found = list(families)
    block = 2 * 3600
    begin = since
    while begin < until:
        end = min((begin // block + 1) * block, until)
        taken = [moment for moment in moments(since, until) if begin <= moment < end]
        if taken:
            text = folder.parent / "history.om"
            with text.open("w", encoding="utf-8") as file:
                file.writelines(history(found, taken))
            subprocess.run(  # noqa: S603 - promtool as found on the PATH, our own file
                [promtool, "tsdb", "create-blocks-from", "openmetrics", str(text), str(folder)],
                check=True,
                capture_output=True,
                timeout=_TIMEOUT_SECONDS,
            )
            text.unlink()
        begin = end


def write_steps(
    promtool: str,
    families: Iterable[tuple[Mapping[str, str], Family]],
    taken: Iterable[float],
    folder: Path,
) -> None:
    """Blocks of a few series at some moments, as long as promtool makes them.

    :raises subprocess.CalledProcessError: promtool refuses it.
    """
    text = folder.parent / "steps.om"
    with text.open("w", encoding="utf-8") as file:
        file.writelines(history(families, list(taken)))
    subprocess.run(  # noqa: S603 - promtool as found on the PATH, our own file
        [
            promtool,
            "tsdb",
            "create-blocks-from",
            f"--max-block-duration={LONG_BLOCK}",
            "openmetrics",
            str(text),
            str(folder),
        ],
        check=True,
        capture_output=True,
        timeout=_TIMEOUT_SECONDS,
    )
    text.unlink()
