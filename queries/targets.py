"""Whether Prometheus can scrape what it should, from the series ``up`` that it writes itself."""

from __future__ import annotations

from collections.abc import Iterable

from catalog import names
from catalog.scalars import parse_duration
from queries.counters import present
from queries.promql import PromQL, aggregate, either, group, over, series
from queries.text import Matchers, equal

#: How long a target that is gone from the configuration is remembered.
REMEMBERED = "6h"
#: How much of how long a time a target is down until it is told. So long a memory keeps the alert
#: through the moments in which a pod that crashes again and again is up.
DOWN_SECONDS = 300
DOWN_WINDOW = "10m"
#: Time is counted in moments, not in samples: a target that has only just begun has few of them.
DOWN_STEP = "30s"
#: So often does it go down within so long. Kubernetes starts a crashing pod again after at most
#: five minutes, and forgets the crashes after ten without one: a loop's period is below a quarter
#: of an hour, or its pod is down for long enough to be told for that.
FALLS = 3
FALLS_WINDOW = "30m"


def down(matchers: Matchers) -> PromQL:
    """Each target that is down for long or again and again, for as long as it is a target."""
    up = series("up", matchers)
    return PromQL(f"{group(either(_down_for_long(matchers), _falling(matchers)))} and {up}")


def _down_for_long(matchers: Matchers) -> PromQL:
    """Down for more than so long, while others answered: if none does, all are down."""
    answered = f"and on ({', '.join(names.SCOPE)}) {some_up(matchers)}"
    dead = PromQL(f"({series('up', matchers)} == 0 {answered})")
    moments = DOWN_SECONDS // parse_duration(DOWN_STEP)
    return PromQL(f"{over('count_over_time', dead, f'{DOWN_WINDOW}:{DOWN_STEP}')} > {moments}")


def _falling(matchers: Matchers) -> PromQL:
    """Down for the third time: between two falls it rose, so that there are five changes."""
    changes = over("changes", series("up", matchers), FALLS_WINDOW)
    return PromQL(f"{changes} >= {2 * FALLS - 1}")


def all_down(matchers: Matchers) -> PromQL:
    """0 for every cluster in which each of the targets failed its last scrape."""
    return PromQL(f"{aggregate('max', names.SCOPE, series('up', matchers))} == 0")


def some_up(matchers: Matchers) -> PromQL:
    """1 for every cluster in which one of the targets can be scraped."""
    return present(names.SCOPE, PromQL(f"{series('up', matchers)} == 1"))


def gone(matchers: Matchers) -> PromQL:
    """1 for every cluster that had targets lately and has none now.

    ``absent()`` would lose the labels, and see nothing while one cluster of two still has any.
    """
    up = series("up", matchers)
    remembered = present(names.SCOPE, over("last_over_time", up, REMEMBERED))
    return PromQL(f"{remembered} unless {present(names.SCOPE, up)}")


def watched() -> PromQL:
    """1 for every cluster of which anything is scraped at all."""
    return present(names.SCOPE, series("up"))


def fewer_up(component: str, places: Iterable[tuple[str, str]], number: int) -> PromQL:
    """How many targets of a component answer, where they are fewer than they are to be.

    ``places`` are the clusters and environments that are to run so many.
    """
    up = (
        series("up", (equal(names.JOB, component), *_place(cluster, environment)))
        for cluster, environment in places
    )
    return either(
        *(
            PromQL(f"{aggregate('count', names.SCOPE, PromQL(f'{each} == 1'))} < {number}")
            for each in up
        )
    )


def _place(cluster: str, environment: str) -> Matchers:
    return (equal(names.CLUSTER, cluster), equal(names.ENVIRONMENT, environment))
