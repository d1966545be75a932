"""What the recording rules would have recorded of the past, had they been there.

promtool evaluates them against a Prometheus that has the services' own series. It does not show
a rule what another one of the same run has recorded, so it runs once for each step.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from catalog import names
from simulate.backfill import LONG_BLOCK

Json = dict[str, Any]
Series = tuple[str | None, ...]

_SELECTOR = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\{([^}]*)\}")
_MATCHER = re.compile(r'(\w+)="([^"]*)"')
_TIMEOUT_SECONDS = 900
#: A window of a rule needs something in it before its first moment.
_FIRST_SECONDS, _LAST_SECONDS = 900, 60
#: Of what is reckoned from the hours' means, as much as its dashboard shows.
_SHOWN_DAYS = 3


@dataclass(frozen=True)
class Told:
    """From when on there are series, from when on volumes, and when it ends; in seconds."""

    start: float
    volumes: float
    end: float

    def since(self, groups: list[Json]) -> float:
        """From when on these rules have something to read."""
        hourly = any(rule["record"] == names.ANOMALY_HOUR for rule in groups[0]["rules"])
        shown = self.volumes if hourly else max(self.volumes, self.end - _SHOWN_DAYS * 86_400)
        return min(self.start, shown)


@dataclass(frozen=True)
class Recorder:
    """promtool, the Prometheus that it asks, and the data folder of that Prometheus.

    ``reopen`` restarts it, since it would look for new blocks once a minute only.
    """

    promtool: str
    prometheus: str
    data: Path
    reopen: Callable[[], None]

    def record(self, rules: Path, told: Told) -> str:
        """Blocks of everything recorded; why there are none, if there are none."""
        work = self.data.parent / "recorded"
        for groups in stages(rules):
            # One name for all: by it and the group's promtool chooses the moments it evaluates
            # at, and a rule is to find what another recorded at the same ones.
            file = self.data.parent / "rules.yaml"
            file.write_text(yaml.safe_dump({"groups": groups}), encoding="utf-8")
            work.mkdir(exist_ok=True)
            failed = self._evaluate(file, told.since(groups), told.end, work)
            if failed:
                return f"no recorded history: {failed}"
            for block in work.iterdir():
                shutil.move(str(block), self.data / block.name)
            self.reopen()
        return ""

    def _evaluate(self, file: Path, since: float, until: float, work: Path) -> str:
        done = subprocess.run(  # noqa: S603 - promtool as found on the PATH, our own file
            [
                self.promtool,
                "tsdb",
                "create-blocks-from",
                f"--max-block-duration={LONG_BLOCK}",
                "rules",
                f"--start={since + _FIRST_SECONDS:.0f}",
                f"--end={until - _LAST_SECONDS:.0f}",
                f"--url={self.prometheus}",
                "--eval-interval=5m",
                f"--output-dir={work}",
                str(file),
            ],
            check=False,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
        )
        return done.stderr[-300:] if done.returncode else ""


def stages(folder: Path) -> list[list[Json]]:
    """The objectives' and volumes' recording rules, each rule after all that it reads.

    The hours' means of the volumes come first and alone: they are recorded for all of the weeks.
    """
    rules = [
        (path.stem, rule)
        for path in sorted([*folder.glob("anomaly-*.yaml"), *folder.glob("slo-*.yaml")])
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
        for rule in group["rules"]
        # What the volumes were is told.
        if "record" in rule and rule["record"] != names.ANOMALY_VALUE
    ]
    reads = {
        _series(rule["record"], rule.get("labels", {})): set(_read(rule["expr"]))
        for _, rule in rules
    }

    @cache
    def stage(series: Series) -> int:
        if series[0] == names.ANOMALY_HOUR:
            return 0
        # What a rule records without labels of its own is known by its name.
        named = {(each[0], None, None, None) for each in reads[series]} | reads[series]
        earlier = (each for each in named - {series} if each in reads)
        return 1 + max(map(stage, earlier), default=0)

    found: dict[int, dict[str, Json]] = {}
    for file, rule in rules:
        groups = found.setdefault(stage(_series(rule["record"], rule.get("labels", {}))), {})
        groups.setdefault(file, {"name": file, "rules": []})["rules"].append(rule)
    return [list(found[number].values()) for number in sorted(found)]


def _series(name: str, labels: dict[str, str]) -> Series:
    """What tells a recorded series from others of its name: a long window is made of a shorter."""
    return name, *(labels.get(label) for label in ("service", "objective", "window"))


def _read(expr: str) -> Iterator[Series]:
    for name, matchers in _SELECTOR.findall(expr):
        yield _series(name, dict(_MATCHER.findall(matchers)))
