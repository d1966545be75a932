"""What proves the platform's further alerts: Loki's, the caches', Prometheus', and replicas."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from alerts.model import Alert
from alerts.proof import (
    INTERVAL_SECONDS,
    Firing,
    Incident,
    Lines,
    LogIncident,
    Moment,
    Proof,
    Prove,
)
from alerts.proofs import platform_volume
from alerts.proofs.platform_tools import (
    HERE,
    MORE,
    QUIET,
    Labels,
    Tale,
    counting,
    holding,
    minutes,
    series,
)
from alerts.proofs.shown import duration, number, percentage
from catalog import names
from catalog.model import Catalog
from queries import cache_alerts, log_streams, loki_alerts, prometheus_alerts

_ONE: Labels = {names.INSTANCE: "one"}
_LINES = "loki_distributor_lines_received_total"
_PUSHES = "loki_request_duration_seconds_count"


def _near_burst(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    limits = catalog.platform.limits
    share = catalog.platform.thresholds.limit_share_maximum
    tale = Tale(alert, 5)
    lines = series(_LINES, {**_ONE, "tenant": "t"})
    rate = (1 + share) / 2 * limits.burst_lines
    yield tale.fires(
        "a burst that uses most of what is allowed",
        {lines: tale.counter(60 * rate)},
        _ONE,
        number(rate),
    )
    parts = {
        series(_LINES, {names.INSTANCE: each, "tenant": "t"}): tale.counter(20 * rate)
        for each in ("one", "two", "three")
    }
    yield tale.near("three distributors share it", parts)


def _rate_limited(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    minimum = catalog.platform.thresholds.minimum_events
    tale = Tale(alert, minutes(loki_alerts.LIMITED_WINDOW))
    tenant = {"tenant": "t"}

    def refused(reason: str) -> str:
        return series("loki_discarded_samples_total", {**_ONE, **tenant, "reason": reason})

    yield tale.fires(
        "lines are refused as too many, on end",
        {refused("rate_limited"): tale.counter(minimum)},
        tenant,
        number(minimum * tale.window),
    )
    short = counting((QUIET, 0), (2, 5 * minimum), (30, 0))
    yield tale.near("a burst of two minutes", {refused("rate_limited"): short})
    yield tale.near(
        "lines are refused for another reason", {refused("too_far_behind"): tale.counter(minimum)}
    )


def _writes_failing(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    thresholds = catalog.platform.thresholds
    most, pushes = thresholds.error_ratio_maximum, 100.0 * thresholds.minimum_events
    tale = Tale(alert, minutes(loki_alerts.WRITES_WINDOW))

    def told(share: float, many: float, route: str = "loki_api_v1_push") -> dict[str, str]:
        return {
            series(_PUSHES, {**_ONE, "route": route, "status_code": "204"}): tale.traffic(
                many * (1 - share)
            ),
            series(_PUSHES, {**_ONE, "route": route, "status_code": "500"}): tale.counter(
                many * share
            ),
        }

    share = 2 * most
    yield tale.fires("one push in a few fails", told(share, pushes), {}, percentage(share))
    yield tale.near("half as many as may fail", told(most / 2, pushes))
    few = thresholds.minimum_events / 2 / tale.window
    yield tale.near("most of a handful fail", told(0.9, few))
    yield tale.near("queries fail", told(share, pushes, "loki_api_v1_query_range"))


def _ring(_: Catalog, alert: Alert) -> Iterator[Proof]:
    tale = Tale(alert)
    for prefix in ("loki", "cortex"):

        def members(state: str, values: str, prefix: str = prefix) -> dict[str, str]:
            labels = {**_ONE, "name": "ingester", "state": state}
            return {series(f"{prefix}_ring_members", labels): values}

        yield tale.fires(
            f"an ingester no longer reports, as {prefix}_ring_members tells",
            {**members("Unhealthy", tale.gauge(0, 1)), **members("ACTIVE", tale.gauge(3, 2))},
            {"name": "ingester"},
            "1",
        )
        yield tale.near(f"one leaves as it should ({prefix})", members("LEAVING", tale.gauge(0, 1)))
        brief = holding((QUIET, 0), (2, 1), (tale.trouble, 0))
        yield tale.near(f"one reports late ({prefix})", members("Unhealthy", brief))


def _counter(
    alert: Alert, metric: str, labels: Labels, shown: Labels, *, window: str, step: float
) -> Iterator[Incident]:
    """A count that ought not to rise, and that stands still at what it once was."""
    tale = Tale(alert, minutes(window))
    name = series(metric, labels)
    yield tale.fires(
        f"{metric} rises", {name: tale.counter(step)}, shown, number(step * tale.window)
    )
    still = holding((QUIET + tale.trouble + tale.after, 1000))
    yield tale.near(f"{metric} rose once, long ago", {name: still})


def _flushes(_: Catalog, alert: Alert) -> Iterator[Proof]:
    metric = "loki_ingester_chunks_flush_failures_total"
    yield from _counter(alert, metric, _ONE, _ONE, window=loki_alerts.FLUSH_WINDOW, step=2)


def _disk(_: Catalog, alert: Alert) -> Iterator[Proof]:
    metric = "loki_ingester_wal_disk_full_failures_total"
    yield from _counter(alert, metric, _ONE, _ONE, window=loki_alerts.FLUSH_WINDOW, step=2)


def _checkpoints(_: Catalog, alert: Alert) -> Iterator[Proof]:
    metric = "loki_ingester_checkpoint_creations_failed_total"
    yield from _counter(alert, metric, _ONE, _ONE, window=loki_alerts.CHECKPOINT_WINDOW, step=1)


def _unheard(_: Catalog, alert: Alert) -> Iterator[Proof]:
    for prefix in ("loki", "cortex"):
        metric = f"{prefix}_prometheus_notifications_dropped_total"
        user = {"user": "t"}
        yield from _counter(
            alert, metric, {**_ONE, **user}, user, window=loki_alerts.RULER_WINDOW, step=2
        )


def _missed(_: Catalog, alert: Alert) -> Iterator[Proof]:
    group, window = {"rule_group": "g"}, loki_alerts.RULER_WINDOW
    for prefix in ("loki_", "cortex_") if alert.service == "loki" else ("",):
        metric = f"{prefix}prometheus_rule_group_iterations_missed_total"
        yield from _counter(alert, metric, {**_ONE, **group}, group, window=window, step=1)


def _samples_lost(_: Catalog, alert: Alert) -> Iterator[Proof]:
    metric = "loki_ruler_wal_prometheus_remote_storage_samples_failed_total"
    tenant = {"tenant": "t"}
    yield from _counter(
        alert, metric, {**_ONE, **tenant}, tenant, window=loki_alerts.RULER_WINDOW, step=3
    )


def _not_stored(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    minimum = catalog.platform.thresholds.minimum_events
    window, hold = minutes(loki_alerts.STORED_WINDOW), alert.hold // INTERVAL_SECONDS
    well, ill, after = window + QUIET, window + hold + MORE, MORE
    whole = well + ill + after
    lines = series(_LINES, {**_ONE, "tenant": "t"})
    chunks = series("loki_ingester_chunks_stored_total", {**_ONE, "tenant": "t"})
    told = {
        lines: counting((whole, minimum)),
        chunks: counting((well, 1), (ill, 0), (after, 1)),
    }
    fires = (well + ill - 1) * INTERVAL_SECONDS
    moments = (
        Moment((well + window // 2) * INTERVAL_SECONDS),
        Moment(fires, (Firing(HERE, number(30 * minimum)),)),
        Moment((whole - 1) * INTERVAL_SECONDS),
    )
    yield Incident("lines come in and no chunk is stored any more", told, moments)
    still = {**told, lines: counting((QUIET, minimum), (whole - QUIET, 0))}
    yield Incident("none is stored, since nothing comes in", still, (Moment(fires),))
    rarely = {**told, chunks: counting(*[(59, 0.0), (1, 1.0)] * (whole // 60 + 1))}
    yield Incident("one chunk an hour is stored", rarely, (Moment(fires),))


def _stale(alert: Alert, metric: str, maximum: int) -> Iterator[Proof]:
    longest, hold = maximum // INTERVAL_SECONDS, alert.hold // INTERVAL_SECONDS
    fires = QUIET + longest + hold + 1
    # It succeeds once a minute, then not at all, then again.
    succeeds = f"0+60x{QUIET} {QUIET * 60}x{fires - QUIET} {(fires + 1) * 60}+60x{MORE + 1}"
    leads, other = series(metric, _ONE), series(metric, {names.INSTANCE: "two"})
    idle = holding((fires + MORE + 2, 0))
    at, over = fires * INTERVAL_SECONDS, (fires + MORE) * INTERVAL_SECONDS
    firing = Firing(HERE, duration((fires - QUIET) * INTERVAL_SECONDS))
    yield Incident(
        f"{metric} stands still on the replica that leads",
        {leads: succeeds, other: idle},
        (Moment(at - 180), Moment(at, (firing,)), Moment(over)),
    )
    began = f"{holding((fires, 0))} {fires * 60}+60x{MORE + 1}"
    never = longest + hold + 1
    yield Incident(
        f"{metric} was never set",
        {leads: began, other: idle},
        (
            Moment((longest - 1) * INTERVAL_SECONDS),
            Moment(never * INTERVAL_SECONDS, (Firing(HERE, duration(maximum)),)),
            Moment(over),
        ),
    )
    yield Incident(
        f"another replica leads now, as {metric} tells",
        {leads: holding((QUIET, 60), (fires + MORE, 0)), other: f"0x{QUIET} 0+60x{fires + MORE}"},
        (Moment(at), Moment(over)),
    )


def _compaction(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    maximum = catalog.platform.thresholds.compaction_age_maximum
    metric = "loki_boltdb_shipper_compact_tables_operation_last_successful_run_timestamp_seconds"
    yield from _stale(alert, metric, maximum)


def _retention(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    maximum = catalog.platform.thresholds.retention_age_maximum
    for part in ("compactor", "boltdb_shipper"):
        metric = f"loki_{part}_apply_retention_last_successful_run_timestamp_seconds"
        yield from _stale(alert, metric, maximum)


def _rates(_: Catalog, alert: Alert) -> Iterator[Proof]:
    tale = Tale(alert, minutes(loki_alerts.RATES_WINDOW))
    lines = series(_LINES, {**_ONE, "tenant": "t"})
    rate = series(names.LOG_BYTES_RATE, {names.SERVICE: "s"})
    stops = f"5x{QUIET - 1} stale _x{tale.trouble - 1} 5x{tale.after}"
    yield tale.fires(
        "what is recorded no longer arrives", {lines: tale.traffic(60), rate: stops}, {}, ""
    )
    yield tale.near("nothing is written either", {lines: tale.traffic(0), rate: stops})
    yield tale.near("nothing was ever recorded", {lines: tale.traffic(60)})
    other = series(names.LOG_BYTES_RATE, {names.SERVICE: "u"})
    always = holding((QUIET + tale.trouble + tale.after, 5))
    told = {lines: tale.traffic(60), rate: stops, other: always}
    yield tale.near("one of two services is silent", told)


def _too_small(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    thresholds = catalog.platform.thresholds
    most = thresholds.cache_eviction_ratio_maximum or 0
    many = 10.0 * thresholds.minimum_events
    tale = Tale(alert, minutes(cache_alerts.EVICTIONS_WINDOW))
    stored, evicted = "memcached_items_total", "memcached_items_evicted_total"

    def told(share: float, items: float) -> dict[str, str]:
        return {
            series(stored, _ONE): tale.traffic(items),
            series(evicted, _ONE): tale.counter(share * items),
        }

    above = (1 + most) / 2
    yield tale.fires("most of what comes in pushes", told(above, many), _ONE, percentage(above))
    yield tale.near("a full cache throws out some", told(most * 0.9, many))
    few = thresholds.minimum_events / 2 / tale.window
    yield tale.near("hardly anything comes in", told(1, few))


def _connections(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    share = catalog.platform.thresholds.limit_share_maximum
    tale = Tale(alert)
    current = series("memcached_current_connections", _ONE)
    most = {series("memcached_max_connections", _ONE): tale.gauge(1000, 1000)}
    above = (1 + share) / 2
    yield tale.fires(
        "most of them are open",
        {current: tale.gauge(10, 1000 * above), **most},
        _ONE,
        percentage(above),
    )
    yield tale.near("fewer are", {current: tale.gauge(10, 900 * share), **most})


def _unknown(_: Catalog, alert: Alert) -> Iterator[Proof]:
    tale = Tale(alert)
    known = series("prometheus_notifications_alertmanagers_discovered", _ONE)
    yield tale.fires("its list is empty", {known: tale.gauge(1, 0)}, _ONE, "")
    brief = holding((QUIET, 1), (2, 0), (tale.trouble, 1))
    yield tale.near("for two minutes", {known: brief})
    yield tale.near("one of two is left", {known: tale.gauge(2, 1)})


def _storage(_: Catalog, alert: Alert) -> Iterator[Proof]:
    window = prometheus_alerts.STORAGE_WINDOW
    for part, metric in prometheus_alerts.PARTS.items():
        shown = {**_ONE, prometheus_alerts.PART: part}
        yield from _counter(alert, metric, _ONE, shown, window=window, step=1)


def _refused(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    minimum = catalog.platform.thresholds.minimum_events
    for reason, metric in prometheus_alerts.REFUSED.items():
        shown = {**_ONE, prometheus_alerts.REASON: reason}
        window = prometheus_alerts.SAMPLES_WINDOW
        yield from _counter(alert, metric, _ONE, shown, window=window, step=minimum)
        tale = Tale(alert, minutes(window))
        few = {series(metric, _ONE): tale.counter(minimum / 2 / tale.window)}
        yield tale.near(f"a few: {reason}", few)


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
    tale = Tale(alert)

    def up(number: int, values: str, where: Labels = scope) -> dict[str, str]:
        labels = {names.JOB: alert.service, names.INSTANCE: str(number)}
        return {series("up", labels, where): values}

    whole = tale.gauge(1, 1)
    others = {key: each for n in range(1, wanted) for key, each in up(n, whole).items()}
    gone = f"1x{QUIET - 1} stale _x{tale.trouble - 1} 1x{tale.after}"
    shown = number(wanted - 1)
    yield tale.fires("one is gone", {**others, **up(0, gone)}, scope, shown)
    down = up(0, tale.gauge(1, 0))
    yield tale.fires("one is down", {**others, **down}, scope, shown)
    brief = holding((QUIET, 1), (MORE, 0), (tale.trouble, 1))
    yield tale.near("one restarts", {**others, **up(0, brief)})
    yield tale.near("another cluster has one only", up(0, whole, HERE))


def _cardinality(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    service = next(each for each in catalog.services if each.id == alert.service)
    most = catalog.platform.thresholds.service_streams_maximum
    window = minutes(log_streams.WINDOW) * INTERVAL_SECONDS
    labels = {
        label: values[0] if values else "any" for label, values in service.stream_labels.items()
    }
    often = window // 2

    def told(streams: int, start: int, until: int) -> tuple[Lines, ...]:
        return tuple(
            Lines(
                {**labels, **HERE, "stream": str(n)},
                "line {n}",
                start,
                often,
                (until - start) // often,
            )
            for n in range(streams)
        )

    over = 6 * window
    firing = Firing({**HERE}, number(most + 10))
    yield LogIncident(
        "a label has a value of its own for each of too many things",
        told(most + 10, window, over),
        (Moment(window // 2), Moment(5 * window, (firing,)), Moment(over + 3 * window)),
    )
    yield LogIncident(
        "as many streams as it may have", told(most, window, over), (Moment(5 * window),)
    )
    traced = (Lines({**labels, **HERE}, "line {n} {trace}", window, 0.1, 50 * window),)
    yield LogIncident("many lines on one stream, each of a trace", traced, (Moment(5 * window),))


def _all(tell: Callable[[Catalog, Alert], Iterator[Proof]]) -> Prove:
    return lambda catalog, alert: tuple(tell(catalog, alert))


PROOFS: Mapping[str, Prove] = {
    "NoAlertReceiver": _all(_unknown),
    "CacheConnectionsNearLimit": _all(_connections),
    "CacheTooSmall": _all(_too_small),
    "CheckpointFailing": _all(_checkpoints),
    "ChunkFlushFailing": _all(_flushes),
    "ChunksNotStored": _all(_not_stored),
    "CompactionStale": _all(_compaction),
    "HighLabelCardinality": _all(_cardinality),
    "IngestionNearBurst": _all(_near_burst),
    "IngestionRateLimited": _all(_rate_limited),
    "LogAlertsUndelivered": _all(_unheard),
    "LogDiskFull": _all(_disk),
    "LogRatesMissing": _all(_rates),
    "LogWritesFailing": _all(_writes_failing),
    "MetricStorageFailing": _all(_storage),
    "MonthlyCostOverBudget": _all(platform_volume.cost),
    "MonthlyVolumeOverBudget": _all(platform_volume.volume),
    "RecordedSamplesLost": _all(_samples_lost),
    "ReplicasMissing": _all(_replicas),
    "RetentionStale": _all(_retention),
    "RingUnhealthy": _all(_ring),
    "RuleEvaluationsMissed": _all(_missed),
    "SamplesRefused": _all(_refused),
}
