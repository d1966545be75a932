"""What a check is: an id, a sentence, and a function that finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from delivery.checks.finding import Finding

if TYPE_CHECKING:
    from delivery.checks.context import Context


@dataclass(frozen=True, slots=True)
class Check:
    """One rule. The id is the same in code, output, suppressions and docs/checks/<id>.md.

    ``run`` returns what it finds; it neither prints nor raises. ``online`` checks would need
    a server: none of these does.
    """

    id: str
    title: str
    run: Callable[[Context], Iterable[Finding]]
    online: bool = False
