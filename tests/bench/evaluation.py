"""What the objectives' rules read: samples for one evaluation, counted by a real Prometheus.

Each rule's expression is asked once, as the server would evaluate it, of blocks that hold what
it reads: raw series as the catalog declares them, and recorded ones where the rules look for
them. ``SLOTH_BIN`` puts Sloth's rules for the same objectives beside ours.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from alerts import slo
from alerts.present import rule_file
from catalog import names
from catalog.load import load_catalog
from catalog.model import Catalog
from catalog.scalars import parse_duration
from simulate.backtest.incident import Incident
from simulate.backtest.run import Task, story_of
from simulate.backtest.telemetry import telemetry
from tests.bench.sloth import sloth_groups
from tests.bench.synthetic import synthetic_catalog

Json = dict[str, Any]
#: When the rules are evaluated; any full hour will do.
NOW = 1_767_268_800
_SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)\{([^}]*)\}(?:\[(\w+)\])?(?: offset (\w+))?")


def own_groups(catalog: Catalog) -> list[Json]:
    """The groups of all objectives, as they ship."""
    found: list[Json] = []
    for service in catalog.services:
        for objective in service.objectives:
            made = rule_file(slo.groups(catalog, service, objective), catalog)
            found += json.loads(json.dumps(made))["groups"]
    return found


class Blocks:
    """Samples to come, by their series."""

    def __init__(self) -> None:
        self.wanted: dict[str, set[int]] = defaultdict(set)

    def add(self, series: str, since: int, until: int, step: int) -> None:
        """A sample every ``step`` seconds, both ends included, counted back from now."""
        self.wanted[series].update(range(NOW - since, NOW - until + 1, step))

    def write(self, folder: Path) -> None:
        """All of them as blocks that Prometheus opens."""
        write_blocks(
            (
                f"{series} {at - NOW + 10**8} {at}\n"
                for series in sorted(self.wanted)
                for at in sorted(self.wanted[series])
            ),
            folder,
        )


def write_blocks(lines: Iterable[str], folder: Path) -> None:
    """OpenMetrics as blocks; promtool reads all of it for each, so they are long ones."""
    text = folder.parent / "samples.om"
    with text.open("w", encoding="utf-8") as file:
        file.writelines(lines)
        file.write("# EOF\n")
    subprocess.run(
        [
            *("promtool", "tsdb", "create-blocks-from", "--max-block-duration=720h"),
            *("openmetrics", str(text), str(folder)),
        ],
        check=True,
        capture_output=True,
    )


def add_raw(blocks: Blocks, catalog: Catalog, seconds: int) -> int:
    """What the pods of every service show, for so long; and how many series that are."""
    step = catalog.platform.scrape.interval
    story = Incident.model_validate(
        {
            "id": "bench",
            "title": "Bench",
            "help": "Bench.",
            "rate": 1.0,
            "before": "1m",
            "course": ({"lasts": "1m"},),
            "after": "1m",
        }
    )
    known: set[str] = set()
    for service in catalog.services:
        for objective in service.objectives:
            task = Task(service, objective, story)
            known.update(telemetry(catalog, service, objective, story_of(catalog, task)).series)
    for series in known:
        minutes = series.startswith("slo:")
        blocks.add(series, seconds, 0, 60 if minutes else step)
    return len(known)


def add_recorded(blocks: Blocks, groups: Iterable[Json], scope: Json, *, dense: int) -> int:
    """Recorded series where expressions look for them: now, and at each offset."""
    rules = [rule for group in groups for rule in group["rules"]]
    lookups: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for rule in rules:
        for name, _, range_, offset in _SELECTOR.findall(rule["expr"]):
            back = parse_duration(offset) if offset else 0
            lookups[name].add((back + (parse_duration(range_) if _plain(range_) else 300), back))
    count = 0
    for rule in rules:
        if "record" in rule:
            labels = {**scope, **rule["labels"]}
            inside = ",".join(f'{key}="{value}"' for key, value in labels.items())
            series = f"{rule['record']}{{{inside}}}"
            count += 1
            # An hour's sum is one sample.
            hourly = rule["record"] in {names.HOURLY_EVENTS, names.HOURLY_ERRORS}
            for since, until in lookups[rule["record"]]:
                reach = since if hourly else min(since, dense)
                blocks.add(series, reach, until, 3600 if hourly else 30)
    return count


def _plain(duration: str) -> bool:
    return re.fullmatch(r"\d+[smhdwy]", duration) is not None


def ask(address: str, expr: str) -> Json:
    """The data of an instant query at :data:`NOW`, with what it cost."""
    query = urllib.parse.urlencode({"query": expr, "time": NOW, "stats": "all"})
    with urllib.request.urlopen(f"{address}/api/v1/query?{query}") as answer:  # noqa: S310
        data: Json = json.load(answer)["data"]
        return data


def samples(address: str, expr: str) -> int:
    """How many samples one evaluation of an expression reads."""
    return int(ask(address, expr)["stats"]["samples"]["totalQueryableSamples"])


def serve(folder: Path) -> Iterator[str]:
    """A Prometheus over the blocks, for as long as the caller iterates."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    configuration = folder.parent / "prometheus.yml"
    configuration.write_text("{}\n", encoding="utf-8")
    process = subprocess.Popen(
        [
            "prometheus", f"--config.file={configuration}", f"--storage.tsdb.path={folder}",
            f"--web.listen-address=127.0.0.1:{port}", "--storage.tsdb.retention.time=100y",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"{address}/-/ready"):  # noqa: S310
                    break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()


def read_by(address: str, groups: Iterable[Json], default: int) -> tuple[int, float]:
    """Samples that all the rules read once, and those that they read in a minute."""
    once, minute = 0, 0.0
    for group in groups:
        interval = parse_duration(group["interval"]) if "interval" in group else default
        read = sum(samples(address, rule["expr"]) for rule in group["rules"])
        once += read
        minute += read * 60 / interval
    return once, minute


def measure(catalog: Catalog, label: str, binary: str | None) -> None:
    """Prints a line for our rules, and one for Sloth's if it is there."""
    evaluation = catalog.platform.scrape.evaluation
    environment = catalog.default_environment
    scope = {names.CLUSTER: environment.cluster, names.ENVIRONMENT: environment.environment}
    objectives = sum(len(service.objectives) for service in catalog.services)
    ours = own_groups(catalog)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        blocks = Blocks()
        add_raw(blocks, catalog, 3600 if binary is None else 3 * 86400)
        kinds = [("ours", ours, objectives, add_recorded(blocks, ours, scope, dense=31 * 86400))]
        if binary is not None:
            theirs = [
                group
                for service in catalog.services
                for group in sloth_groups(binary, service, work)
            ]
            count = add_recorded(blocks, theirs, {}, dense=30 * 86400)
            told = sum(1 for group in theirs if "-slo-alerts-" in group["name"])
            kinds.append(("Sloth", theirs, told, count))
        data = work / "data"
        data.mkdir()
        blocks.write(data)
        for address in serve(data):
            for who, groups, told, series in kinds:
                rules = sum(len(group["rules"]) for group in groups)
                once, minute = read_by(address, groups, evaluation)
                print(
                    f"  {label:>12}  {who:<6}  {told:4d}  {rules:6d}  {series:6d}  "
                    f"{once / told:14.0f}  {minute / told:14.0f}",
                    flush=True,
                )


def measure_evaluation(root: Path) -> None:
    """The part of ``make bench`` about rules that are evaluated."""
    print("\nWhat an evaluation of the objectives' rules reads, in samples an objective")
    missing = [name for name in ("prometheus", "promtool") if shutil.which(name) is None]
    if missing:
        print(f"  skipped: {' and '.join(missing)} not found on the PATH")
        return
    print("      services  whose   objectives  rules  series  for one round  in one minute")
    binary = os.environ.get("SLOTH_BIN") or None
    measure(load_catalog(root / "catalog"), "4", binary)
    with tempfile.TemporaryDirectory() as name:
        synthetic_catalog(root / "catalog", Path(name) / "catalog", 100)
        measure(load_catalog(Path(name) / "catalog"), "100", None)
    if binary is None:
        print("  SLOTH_BIN is missing: Sloth's rules are not beside them")


def measure_rules(root: Path) -> None:
    """Rules that are generated in a second, from a catalog that is loaded."""
    from alerts.registry import generate

    catalog = load_catalog(root / "catalog")
    count, begin = 0, time.perf_counter()
    while time.perf_counter() - begin < 2:
        for artifact in generate(catalog):
            if artifact.kind in {"prometheus-rules", "loki-rules"}:
                content: Any = artifact.content
                count += sum(len(group["rules"]) for group in content["groups"])
    print(f"\nRules generated a second: {count / (time.perf_counter() - begin):.0f}")
