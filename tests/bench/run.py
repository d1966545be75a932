"""`make bench`: what a build costs, as ratios within one run.

Seconds depend on the machine; a build as a multiple of importing the libraries it cannot
do without, measured turn by turn on the same machine, hardly does. Prints; asserts nothing.
"""

from __future__ import annotations

import itertools
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.bench.evaluation import (  # noqa: E402 (found through the line above)
    measure_evaluation,
    measure_rules,
)
from tests.bench.lines import measure_lines  # noqa: E402 (found through the line above)
from tests.bench.parsing import measure_parsing  # noqa: E402 (found through the line above)
from tests.bench.publishing import measure_publishing  # noqa: E402 (found through the line above)
from tests.bench.synthetic import synthetic_catalog  # noqa: E402 (found through the line above)

ROUNDS = 9
SIZES = (4, 100, 300, 1000)
IMPORTS = ["-c", "import grafanalib.core, pydantic, yaml"]
#: A build without its check.
GENERATE = """
import pathlib, sys
from catalog.load import load_catalog
from delivery.render import rendered
from delivery.write import write_tree
catalog, out = map(pathlib.Path, sys.argv[1:])
write_tree(out, rendered(load_catalog(catalog)))
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took."""

    seconds: float
    kilobytes: int


def run(*arguments: str | Path) -> Cost:
    """Runs Python with ``arguments`` and measures that process alone."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL)
    # wait4 tells this child's peak; getrusage only the highest of all children so far.
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if process.returncode:
        raise SystemExit(f"{' '.join(map(str, arguments))} failed")
    return Cost(seconds, usage.ru_maxrss)


def measure_four_services(work: Path) -> None:
    """Part (a): the build that a person waits for."""
    catalog = ROOT / "catalog"
    first, again, bare = [], [], []
    for number in range(ROUNDS):
        out = work / f"out{number}"
        bare.append(run(*IMPORTS))
        first.append(run("build.py", "--catalog", catalog, "--out", out))
        again.append(run("build.py", "--catalog", catalog, "--out", out))
        shutil.rmtree(out)
    base = _median(bare)
    print(f"The four services, medians of {ROUNDS} interleaved runs; aim: within 5 times")
    print(f"  importing grafanalib, pydantic and yaml    1.00   ({base * 1000:.0f} ms here)")
    print(f"  python build.py, into a new folder        {_median(first) / base:5.2f}")
    print(f"  python build.py again, nothing changed    {_median(again) / base:5.2f}")


def measure_growth(work: Path) -> None:
    """Part (b): what the next service costs to generate and to check, and whether that stays so."""
    generated: dict[int, Cost] = {}
    checked: dict[int, Cost] = {}
    for size in SIZES:
        catalog, out = work / f"catalog{size}", work / f"out{size}"
        synthetic_catalog(ROOT / "catalog", catalog, size)
        generated[size] = run("-c", GENERATE, catalog, out)
        checked[size] = run("build.py", "check", "--catalog", catalog, "--generated", out)
        shutil.rmtree(out)
    print()
    print("An added service, generated; aim: within 25 ms and 300 KB, the same at each size")
    _print_growth(generated)
    print()
    print("An added service, checked; aim: less than generating it, the same at each size")
    _print_growth(checked)
    for size in (SIZES[0], SIZES[-1]):
        seconds = checked[size].seconds / generated[size].seconds
        memory = checked[size].kilobytes / generated[size].kilobytes
        print(
            f"  check over generating, {size} services: {seconds:.2f} of the time, "
            f"{memory:.2f} of the memory"
        )


def _print_growth(costs: dict[int, Cost]) -> None:
    print("  services        wall      peak   ms/service   of the first step   KB/service")
    base = _step(costs, SIZES[0], SIZES[1])[0]
    print(f"  {SIZES[0]:8d}  {costs[SIZES[0]].seconds:8.2f} s {_megabytes(costs[SIZES[0]])}")
    for before, size in itertools.pairwise(SIZES):
        milliseconds, kilobytes = _step(costs, before, size)
        print(
            f"  {size:8d}  {costs[size].seconds:8.2f} s {_megabytes(costs[size])} "
            f"{milliseconds:11.2f} {milliseconds / base:18.2f}x {kilobytes:12.0f}"
        )
    milliseconds, kilobytes = _step(costs, SIZES[0], SIZES[-1])
    print(
        f"  from {SIZES[0]} to {SIZES[-1]}: {milliseconds:.2f} ms and {kilobytes:.0f} KB a service"
    )


def _step(costs: dict[int, Cost], before: int, size: int) -> tuple[float, float]:
    added = size - before
    seconds = costs[size].seconds - costs[before].seconds
    return seconds / added * 1000, (costs[size].kilobytes - costs[before].kilobytes) / added


def _median(costs: list[Cost]) -> float:
    return statistics.median(cost.seconds for cost in costs)


def _megabytes(cost: Cost) -> str:
    return f"{cost.kilobytes / 1024:6.0f} MB"


def main() -> None:
    """Measures in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        measure_four_services(Path(folder))
        measure_growth(Path(folder))
        measure_publishing(Path(folder) / "publishing")
        measure_lines(Path(folder) / "lines")
    measure_parsing()
    measure_rules(ROOT)
    measure_evaluation(ROOT)


if __name__ == "__main__":
    main()
