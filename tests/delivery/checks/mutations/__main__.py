"""`make mutation`: every fault in every place, and how many of each kind are found."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.delivery.checks.mutations.campaign import run, survivors, table
from tests.delivery.checks.mutations.trees import both


def main() -> int:
    """Prints the table, and each fault that nothing found."""
    with tempfile.TemporaryDirectory() as work:
        lines = run(both(Path(work)))
    print(table(lines))
    missed = survivors(lines)
    if missed:
        print(missed)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
