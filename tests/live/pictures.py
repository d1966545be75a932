"""Pictures as ``snapshot`` takes them, of a Grafana that a test has started."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from delivery.publish.transport import Access
from delivery.snapshot.excuses import Ask, Excuses
from delivery.snapshot.model import Shot, Subject
from delivery.snapshot.run import Studio, run
from delivery.snapshot.wish import Film, Look, Wish

WISH = Wish(Look(1600, "dark"), Film("png", 1.0, 0), None, None, 90)


def photograph(
    url: str,
    chromium: str,
    wanted: Sequence[Subject],
    out: Path,
    excuses: Ask = lambda uid: Excuses(),
) -> list[Shot]:
    """A picture of each; nothing is excused, unless an audit is given."""
    studio = Studio(WISH, excuses, out)
    return list(run(Access(url), chromium, wanted, studio))
