"""Makes one check: whatever goes wrong while looking is a verdict, and never a pass."""

from __future__ import annotations

from collections.abc import Callable

from catalog.errors import UserError
from delivery.validate.model import Check, Verdict
from delivery.validate.system import AbsentError

#: What was seen, in words, and whether it is as expected.
Seen = tuple[str, bool]


class NothingToSeeError(Exception):
    """It cannot be judged here; ``str()`` says why."""


def judge(phase: int, title: str, command: str, expected: str, look: Callable[[], Seen]) -> Check:
    """The check, with the verdict that the look leads to."""
    verdict: Verdict
    try:
        actual, good = look()
        verdict = "ok" if good else "failed"
    except (AbsentError, NothingToSeeError) as reason:
        actual, verdict = str(reason), "skipped"
    except UserError as error:
        actual, verdict = str(error), "failed"
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        # Another server, or another release, than the one that was meant.
        actual, verdict = "an answer of another form than this server's", "failed"
    return Check(phase, title, command, expected, one_line(actual), verdict)


def one_line(text: str) -> str:
    """A server's words as one line that no terminal acts upon, and not too long."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= 400 else f"{line[:397]}..."


def listed(items: list[str], none: str) -> str:
    """Up to five of them and how many more, or what to say of none."""
    if not items:
        return none
    more = f" and {len(items) - 5} more" if len(items) > 5 else ""
    return ", ".join(items[:5]) + more
