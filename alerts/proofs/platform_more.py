"""What proves the alerts on the caches, on Prometheus' storage, on replicas and on volume."""

from __future__ import annotations

import re
from collections.abc import Iterator

from alerts.model import Alert
from alerts.proof import Firing, Incident, Proof
from alerts.proofs import platform_volume, stories
from alerts.proofs.servers import Stage, Told, instance, of, proofs, rising
from alerts.proofs.shown import number, percentage
from alerts.proofs.stories import HERE, Labels, Series
from catalog import names
from catalog.model import Catalog
from queries import cache_alerts, prometheus_alerts


def _too_small(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    thresholds = catalog.platform.thresholds
    most, minimum = thresholds.cache_eviction_ratio_maximum or 0, thresholds.minimum_events
    stage = Stage(catalog, alert, cache_alerts.EVICTIONS_WINDOW)

    def told(share: float, items: float) -> Series:
        """So many items in a window, and this share of them pushes another one out."""
        stored, evicted = (stage.counter(part * stage.a_minute(items)) for part in (1, share))
        return {
            **of("memcached", "memcached_items_total", stored),
            **of("memcached", "memcached_items_evicted_total", evicted),
        }

    above = stories.share_above(most)
    yield Incident(
        "most of what comes in pushes something out",
        told(above, 1.5 * minimum),
        stage.filled(1 / 1.5, Firing({**HERE, **instance("memcached")}, percentage(above))),
    )
    full = told(most * 0.9, 10.0 * minimum)
    yield stories.near("a full cache throws out some", full, stage.quiet)
    yield stories.near("hardly anything comes in", told(1, 0.8 * minimum), stage.quiet)


def _connections(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    share = catalog.platform.thresholds.limit_share_maximum
    stage = Stage(catalog, alert)
    most = of("memcached", "memcached_max_connections", stage.still(1000))

    def opened(connections: float) -> Series:
        values = stage.gauge(10, connections)
        return {**of("memcached", "memcached_current_connections", values), **most}

    above = (1 + share) / 2
    yield Incident(
        "most of them are open",
        opened(1000 * above),
        stage.at_once(Firing({**HERE, **instance("memcached")}, percentage(above))),
    )
    yield stories.near("fewer are", opened(900 * share), stage.quiet)


def _unknown(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    stage = Stage(catalog, alert)

    def known(values: str, replica: str = "1") -> Series:
        metric = "prometheus_notifications_alertmanagers_discovered"
        return of("prometheus", metric, values, number=replica)

    yield Incident(
        "its list is empty",
        known(stage.gauge(1, 0)),
        stage.at_once(Firing({**HERE, **instance("prometheus")}, "")),
    )
    yield stories.near(
        "it is for two minutes, and of another replica one of two is left",
        {**known(stage.gauge(1, 0, 2)), **known(stage.gauge(2, 1), "2")},
        stage.quiet,
    )


def _storage(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    here = instance("prometheus")
    told: dict[str, Told] = {
        metric: ({}, {**here, prometheus_alerts.PART: part})
        for part, metric in prometheus_alerts.PARTS.items()
    }
    window = prometheus_alerts.STORAGE_WINDOW
    yield from rising(catalog, alert, "each part of the storage fails", told, window=window)


def _refused(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    minimum = catalog.platform.thresholds.minimum_events
    stage = Stage(catalog, alert, prometheus_alerts.SAMPLES_WINDOW)

    def told(samples: float) -> Series:
        """So many in a window, for each reason."""
        values = stage.counter(stage.a_minute(samples))
        return {
            name: value
            for metric in prometheus_alerts.REFUSED.values()
            for name, value in of("prometheus", metric, values).items()
        }

    enough = 1.5 * minimum
    here = {**HERE, **instance("prometheus")}
    firing = (
        Firing({**here, prometheus_alerts.REASON: reason}, number(enough))
        for reason in prometheus_alerts.REFUSED
    )
    yield Incident(
        "samples are refused, for each reason there is",
        told(enough),
        stage.filled(1 / 1.5, *firing),
    )
    yield stories.near("a few for each reason", told(0.8 * minimum), stage.quiet)


def _replicas(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    wanted = int(re.findall(r"< (\d+)", alert.expr)[0])
    component = next(each for each in catalog.platform.components if each == alert.service)
    usual = catalog.platform.components[component].replicas
    place = next(
        each
        for each in catalog.platform.environments
        if each.replicas.get(component, usual) == wanted
    )
    scope = {names.CLUSTER: place.cluster, names.ENVIRONMENT: place.environment}
    stage = Stage(catalog, alert)

    def up(replica: int, values: str, where: Labels = scope) -> Series:
        return stories.up(values, stories.server(component, str(replica)), where)

    others = {key: each for n in range(1, wanted) for key, each in up(n, stage.still(1)).items()}
    moments = stage.at_once(Firing(scope, number(wanted - 1)))
    yield Incident("one is gone", {**others, **up(0, stage.vanishing(1))}, moments)
    yield Incident("one is down", {**others, **up(0, stage.gauge(1, 0))}, moments)
    yield stories.near(
        "one restarts, and another cluster has one only",
        {**others, **up(0, stage.gauge(1, 0, 5)), **up(0, stage.still(1), HERE)},
        stage.quiet,
    )


PROOFS = proofs(
    {
        "CacheConnectionsNearLimit": _connections,
        "CacheTooSmall": _too_small,
        "MetricStorageFailing": _storage,
        "MonthlyCostOverBudget": platform_volume.cost,
        "MonthlyVolumeOverBudget": platform_volume.volume,
        "NoAlertReceiver": _unknown,
        "ReplicasMissing": _replicas,
        "SamplesRefused": _refused,
    }
)
