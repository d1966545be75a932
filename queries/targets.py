"""Whether Prometheus can scrape what it should, from the series ``up`` that it writes itself."""

from __future__ import annotations

from collections.abc import Iterable

from catalog import names
from queries.counters import present
from queries.promql import PromQL, aggregate, either, over, series
from queries.text import Matchers, equal

#: How long a target that is gone from the configuration is remembered.
REMEMBERED = "6h"


def down(matchers: Matchers) -> PromQL:
    """Each target whose last scrape failed, where others answer: if none does, all are down."""
    answered = f"and on ({', '.join(names.SCOPE)}) {some_up(matchers)}"
    return PromQL(f"{series('up', matchers)} == 0 {answered}")


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
