"""How much of everything, for those who outgrow three replicas: numbers, each with its formula.

Of Loki: its documentation sizes clusters by what they take in a day, in three tiers
(https://grafana.com/docs/loki/latest/setup/size/). Of Mimir: its documentation gives what each
component needs for so many series, samples and queries a second, and asks for half as much again
(https://grafana.com/docs/mimir/latest/manage/run-production-environment/planning-capacity/).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from catalog.model import Catalog
from catalog.signals import Metric
from pipeline.deploy import limits

_DAY = 86400
_TERABYTE = 10**12
_GIGABYTE = 10**9
#: Copies of a line or a sample.
_COPIES = 3
#: Mimir's documentation: run with half as much again of memory and disk.
_SPARE = 1.5


@dataclass(frozen=True, slots=True)
class Part:
    """A component: how many, and what each asks for; memory and disk in GiB."""

    replicas: int
    cpu: float
    memory: float
    disk: int = 0


#: Loki's table: terabytes a day, and of each component (replicas, cores, GiB) at that volume.
_TIERS: tuple[tuple[float, Mapping[str, tuple[int, float, float]]], ...] = (
    (
        3,
        {
            "ingester": (6, 2, 4),
            "distributor": (4, 2, 0.5),
            "indexGateway": (4, 0.5, 2),
            "querier": (10, 1, 1),
            "queryFrontend": (2, 1, 2),
            "queryScheduler": (2, 1, 0.5),
            "compactor": (1, 2, 10),
        },
    ),
    (
        30,
        {
            "ingester": (90, 2, 6),
            "distributor": (40, 2, 1),
            "indexGateway": (10, 0.5, 4),
            "querier": (100, 1.5, 2),
            "queryFrontend": (8, 1, 2),
            "queryScheduler": (2, 1, 0.5),
            "compactor": (1, 6, 20),
        },
    ),
)
#: Never fewer: each line is in three ingesters, and one of everything else may fail.
_FEWEST = {"ingester": _COPIES, "compactor": 1}


def bytes_a_day(catalog: Catalog) -> float:
    """What comes in at the catalog's limit: ``lines_per_second`` x a line's size x 86,400."""
    return catalog.platform.limits.lines_per_second * limits.line_bytes(catalog.services) * _DAY


def loki_parts(catalog: Catalog) -> dict[str, Part]:
    """Loki's components at the catalog's limit."""
    return loki_parts_for(bytes_a_day(catalog))


def loki_parts_for(daily: float) -> dict[str, Part]:
    """Of the first tier that takes so many bytes a day, as large a share of its replicas.

    Above the last tier its replicas grow with the volume. The ruler evaluates queries, so it is as
    large as the queriers of a tenth of them.
    """
    volume = daily / _TERABYTE
    size, parts = next((tier for tier in _TIERS if volume <= tier[0]), _TIERS[-1])
    found = {
        name: Part(_at_least(name, replicas * volume / size), cpu, memory)
        for name, (replicas, cpu, memory) in parts.items()
    }
    # One alone works on a tenant's index, however much there is.
    found["compactor"] = Part(1, found["compactor"].cpu, found["compactor"].memory)
    querier = found["querier"]
    found["ruler"] = Part(_at_least("ruler", querier.replicas / 10), querier.cpu, querier.memory)
    return found


def _at_least(name: str, replicas: float) -> int:
    return max(_FEWEST.get(name, 2), math.ceil(replicas))


def active_series(catalog: Catalog) -> int:
    """The series of the services' own metrics, of all their pods.

    Of each metric: pods x the numbers of values of its labels, where all open labels together have
    ``open_values`` combinations. A histogram has a series for each bound, one for +Inf, a sum and
    a count. What the platform's own servers expose is about as much again.
    """
    pods, opened = catalog.platform.cost.pods, catalog.platform.cost.open_values
    return 2 * sum(
        pods * _combinations(metric, opened) * _series_each(metric)
        for service in catalog.services
        for metric in service.metrics
    )


def _combinations(metric: Metric, opened: int) -> int:
    sizes = [len(values) for values in metric.labels.values() if values is not None]
    return math.prod(sizes) * (opened if None in metric.labels.values() else 1)


def _series_each(metric: Metric) -> int:
    return len(metric.buckets or ()) + 3 if metric.type == "histogram" else 1


def mimir_parts(catalog: Catalog, queries_per_second: int) -> dict[str, Part]:
    """Totals of the documentation's formulas, spread over replicas.

    Distributor: a core and 1 GB for 25,000 samples a second. Ingester: a core, 2.5 GB and 5 GB of
    disk for 300,000 series in memory, which are the active ones x 3. Querier, ruler and store
    gateway: a core and 1 GB for 10 queries a second; frontend and scheduler: for 250 and 500.
    Store gateway: 13 GB of disk for a million series. Compactor: a core, 4 GB and 300 GB for
    twenty million series.
    """
    series = active_series(catalog)
    samples = series / catalog.platform.scrape.interval
    stored = series * _COPIES / 300_000
    asked = queries_per_second / 10
    rules = asked / 10
    return {
        "distributor": _spread(2, samples / 25_000, samples / 25_000),
        "ingester": _spread(_COPIES, stored, 2.5 * stored, 5 * stored),
        "querier": _spread(2, asked, asked),
        "query_frontend": _spread(2, queries_per_second / 250, queries_per_second / 250),
        "query_scheduler": _spread(2, queries_per_second / 500, queries_per_second / 500 / 10),
        "store_gateway": _spread(_COPIES, asked, asked, 13 * series / 1e6),
        "ruler": _spread(2, rules, rules),
        "compactor": _spread(1, series / 20e6, 4 * series / 20e6, 300 * series / 20e6),
    }


#: A replica of more than this is two: cores.
_LARGEST = 4


def _spread(fewest: int, cores: float, gigabytes: float, disk: float = 0) -> Part:
    """As few replicas as may be; none asks for less than a tenth of a core and 256 MiB."""
    replicas = max(fewest, math.ceil(cores / _LARGEST))
    memory = gigabytes * _GIGABYTE * _SPARE / replicas / 2**30
    return Part(
        replicas,
        max(0.1, math.ceil(10 * cores / replicas) / 10),
        max(0.25, math.ceil(4 * memory) / 4),
        math.ceil(disk * _GIGABYTE * _SPARE / replicas / 2**30),
    )
