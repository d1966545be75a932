"""Rules replayed by promtool: series that are told to it, and what it has to find."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml

Json = dict[str, Any]


def check(folder: Path, test: Json, promtool: str) -> str:
    """Run one test file; promtool's complaint, or nothing.

    The groups are evaluated as they stand in the files: left to itself promtool shuffles them.
    """
    order = [name for each in test["rule_files"] for name in group_names(folder / each)]
    test = {**test, "group_eval_order": order}
    path = folder / "test.yaml"
    path.write_text(yaml.safe_dump(test, allow_unicode=True), encoding="utf-8")
    return replay(promtool, [path])


def replay(promtool: str, files: list[Path]) -> str:
    """Run test files, on as many cores as there are; promtool's complaints, or nothing."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        # The largest first, so that no core waits for one that began last.
        largest = sorted(files, key=lambda path: path.stat().st_size, reverse=True)
        done = list(pool.map(lambda path: _run(promtool, [path]), largest))
    if all(each.returncode == 0 for each in done):
        return ""
    return "".join(each.stdout for each in done)


def _run(promtool: str, files: list[Path]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [promtool, "test", "rules", *(str(path) for path in files)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,  # each complaint beneath the file that it is about
        text=True,
        check=False,
    )


def group_names(path: Path) -> list[str]:
    groups = yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
    return [group["name"] for group in groups]


def series(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"series": name, "values": shown} for name, shown in values.items()]
