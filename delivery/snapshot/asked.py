"""The audit of one dashboard, for those of its panels that show nothing.

It asks every server that the environment names. Where it cannot be made, nothing is excused, and
that is said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from catalog.errors import UserError
from catalog.load import load_catalog
from delivery.audit.opening import Wishes
from delivery.audit.run import audit
from delivery.publish.servers import Reach
from delivery.publish.session import Source
from delivery.snapshot.excuses import Ask, Excuses, from_results

#: A picture asks of panels only.
_REST = frozenset({"links", "costs", "rules", "latency"})


@dataclass(frozen=True, slots=True)
class Grounds:
    """What an audit goes by: the facts, the files, whose addresses, and how to get there."""

    catalog: Path
    generated: Path
    environment: str | None
    reach: Reach
    environ: Mapping[str, str]


def asking(grounds: Grounds, say: Callable[[str], None]) -> Ask:
    """What asks why panels of a dashboard are empty."""

    def ask(uid: str) -> Excuses:
        source = Source(load_catalog(grounds.catalog), grounds.generated, grounds.environment)
        wishes = Wishes(dashboards=(uid,), skip=_REST, catalog=grounds.catalog)
        try:
            made = audit(source, grounds.reach, grounds.environ, wishes)
        except UserError as error:
            say(f"{uid}: no audit, so that nothing is excused: {error}")
            return Excuses()
        return from_results(asdict(each) for each in made.results)

    return ask
