"""Makes every fault and asks whether the checks find it, on as many cores as there are."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from delivery.checks.finding import Finding
from tests.delivery.checks.mutations.mutant import Kind, Mutant
from tests.delivery.checks.mutations.registry import KINDS
from tests.delivery.checks.mutations.shipped import Shipped

_PORTION = 60


@dataclass(frozen=True, slots=True)
class Line:
    """What came of one kind in one tree."""

    tree: str
    kind: str
    sites: int
    made: int
    missed: tuple[Mutant, ...]

    @property
    def caught(self) -> int:
        """How many faults were found."""
        return self.made - len(self.missed)


def is_caught(mutant: Mutant, findings: Iterable[Finding]) -> bool:
    """Whether one of the findings is about this fault, at its place."""
    return any(
        finding.file == (mutant.found_in or mutant.path)
        and finding.where.startswith(mutant.where)
        and _is_under_the_caret(mutant.word, finding)
        for finding in findings
    )


def _is_under_the_caret(word: str, finding: Finding) -> bool:
    if finding.end <= finding.start:
        return True
    return word in finding.query[finding.start : finding.end]


def run(trees: Sequence[Shipped], most: int | None = None) -> list[Line]:
    """Every kind in every tree.

    Of a kind with more than ``most`` sites in one tree, every so-manieth is made (None: all).
    """
    global _trees, _mutants  # noqa: PLW0603 - what a forked process finds, and is not sent
    _trees = tuple(trees)
    _mutants = {(tree.name, kind.name): made(tree, kind, most) for tree in trees for kind in KINDS}
    tasks = [
        (index, kind.name, start)
        for index, tree in enumerate(trees)
        for kind in KINDS
        for start in range(0, len(_mutants[tree.name, kind.name][1]), _PORTION)
    ]
    missed: dict[tuple[str, str], list[Mutant]] = {}
    for tree, kind, survivors in _spread(tasks):
        missed.setdefault((tree, kind), []).extend(survivors)
    return [
        Line(
            tree.name,
            kind.name,
            *_counts(tree, kind),
            tuple(missed.get((tree.name, kind.name), ())),
        )
        for kind in KINDS
        for tree in trees
    ]


_Task = tuple[int, str, int]
_trees: tuple[Shipped, ...] = ()
_mutants: dict[tuple[str, str], tuple[int, tuple[Mutant, ...]]] = {}


def made(tree: Shipped, kind: Kind, most: int | None = None) -> tuple[int, tuple[Mutant, ...]]:
    """How many sites there are, and the faults that are made: all, or a fixed part of many."""
    every = tuple(kind.mutants(tree))
    return len(every), every[:: -(-len(every) // most) or 1] if most else every


def _counts(tree: Shipped, kind: Kind) -> tuple[int, int]:
    sites, mutants = _mutants[tree.name, kind.name]
    return sites, len(mutants)


def _spread(tasks: list[_Task]) -> Iterator[tuple[str, str, list[Mutant]]]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    if cores == 1:
        yield from map(_do, tasks)
        return
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(cores, context) as pool:
        yield from pool.map(_do, tasks)


def _do(task: _Task) -> tuple[str, str, list[Mutant]]:
    index, name, start = task
    tree = _trees[index]
    kind = next(each for each in KINDS if each.name == name)
    mutants = _mutants[tree.name, name][1][start : start + _PORTION]
    return (
        tree.name,
        name,
        [each for each in mutants if not is_caught(each, tree.findings(each, kind.ids))],
    )


def survivors(lines: Sequence[Line]) -> str:
    """Each fault that nothing found, on a line."""
    return "\n".join(
        f"{line.tree}: {line.kind}: {each.path}: {each.where}: {each.edits}"
        for line in lines
        for each in line.missed
    )


def table(lines: Sequence[Line]) -> str:
    """One line a kind, trees together, and the sum."""
    rows: dict[str, list[int]] = {}
    for line in lines:
        row = rows.setdefault(line.kind, [0, 0, 0])
        for place, number in enumerate((line.sites, line.made, line.caught)):
            row[place] += number
    total = [sum(column) for column in zip(*rows.values(), strict=True)]
    width = max(map(len, rows))
    shown = [f"{'fault':{width}}  sites   made  caught"]
    for name, (sites, count, caught) in {**rows, "all": total}.items():
        share = f"  {caught / count:7.2%}" if count else "        -"
        shown.append(f"{name:{width}}  {sites:5}  {count:5}  {caught:6}{share}")
    return "\n".join(shown)
