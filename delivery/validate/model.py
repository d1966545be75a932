"""A check that was made, a figure that was measured, and what follows from all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

#: In the order in which a system is put up; the numbers are the seed's.
PHASES = {
    1: "Prerequisites",
    2: "Configuration",
    3: "Deployment",
    4: "API",
    5: "Data flow",
    6: "Integration",
    7: "Performance",
}
GROUPS = ("Rollout", "System health", "Data quality", "User adoption")

Verdict = Literal["ok", "failed", "skipped"]
Group = Literal["Rollout", "System health", "Data quality", "User adoption"]


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what a person would type, what ought to come back, and what did.

    Of one that was skipped, ``actual`` says why.
    """

    phase: int
    title: str
    command: str
    expected: str
    actual: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the seed's criteria of success: what was measured beside what it asks for.

    ``met`` is None where nothing could be measured; ``measured`` then says why.
    """

    group: Group
    title: str
    target: str
    measured: str
    met: bool | None


@dataclass(frozen=True, slots=True)
class Report:
    """All checks of the phases that were asked for, and all figures.

    ``unreachable`` are the servers that did not answer, or refuse us.
    """

    phases: Sequence[int]
    checks: Sequence[Check]
    figures: Sequence[Figure]
    unreachable: Sequence[str] = ()

    def of(self, phase: int) -> Sequence[Check]:
        """The checks of one phase."""
        return [check for check in self.checks if check.phase == phase]

    def reasons(self) -> Sequence[str]:
        """Why it is no go; none if it is one.

        A phase in which nothing could be checked is a reason: that nobody looked is no evidence.
        """
        failed = [f"{each.phase}. {each.title}" for each in self.checks if each.verdict == "failed"]
        blind = [
            f"{phase}. {PHASES[phase]}: nothing could be checked"
            for phase in self.phases
            if count(self.of(phase), "ok") == count(self.of(phase), "failed") == 0
        ]
        return [*failed, *blind]

    @property
    def go(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.reasons()

    @property
    def status(self) -> int:
        """The exit status: 3 where a server could not be asked, whatever the others say."""
        if self.unreachable:
            return 3
        return 0 if self.go else 1


def count(checks: Iterable[Check], verdict: Verdict) -> int:
    """How many have that verdict."""
    return sum(check.verdict == verdict for check in checks)
