"""What the panels beside the platform's further alerts ask: each shows the value alerted on."""

from __future__ import annotations

from catalog import names
from queries.promql import (
    RATE_INTERVAL,
    PromQL,
    aggregate,
    either,
    group,
    increase,
    over,
    rate,
    ratio,
    series,
    total,
)
from queries.scope import scope
from queries.text import Matcher, equal

#: How far back the services' shares look.
SHARE_RANGE = "1d"
_LINES = "loki_distributor_lines_received_total"


def _some(expression: PromQL) -> PromQL:
    return PromQL(f"({expression}) > 0")


def replicas_up() -> PromQL:
    """How many targets of each component answer."""
    up = series("up", (*scope(), Matcher(names.COMPONENT, "", "!=")))
    return total((names.COMPONENT,), up)


def lines_by_distributor() -> PromQL:
    """Lines a second that each distributor takes in, over the shortest time there is."""
    return total((names.INSTANCE,), rate(series(_LINES, scope())))


def streams_by_service() -> PromQL:
    """Streams that each service wrote to within five minutes, as Loki's ruler records them."""
    return aggregate("max", (names.SERVICE,), series(names.LOG_STREAMS, scope()))


def failed_writes() -> PromQL:
    """The share of pushes that Loki answered with a fault of its own."""
    push = (*scope(), Matcher("route", "(loki_api_v1|api_prom)_push", "=~"))
    name = "loki_request_duration_seconds_count"
    failed = rate(series(name, (*push, Matcher("status_code", "5..", "=~"))))
    return ratio(total((), failed), total((), rate(series(name, push))))


def unhealthy_members() -> PromQL:
    """Members of each of Loki's rings that no longer report."""
    matchers = (*scope(), equal("state", "Unhealthy"))
    prefixed = ("loki_ring_members", "cortex_ring_members")
    return either(*(aggregate("max", ("name",), series(each, matchers)) for each in prefixed))


def compaction_age() -> PromQL:
    """Seconds since the index was last compacted."""
    return _age(
        "loki_boltdb_shipper_compact_tables_operation_last_successful_run_timestamp_seconds"
    )


def retention_age() -> PromQL:
    """Seconds since retention was last applied; Loki 3 and 2.9 name it differently."""
    return either(
        _age("loki_compactor_apply_retention_last_successful_run_timestamp_seconds"),
        _age("loki_boltdb_shipper_apply_retention_last_successful_run_timestamp_seconds"),
    )


def _age(name: str) -> PromQL:
    """Nothing, not an age since 1970, where it has never succeeded."""
    return PromQL(f"time() - ({aggregate('max', (), series(name, scope()))} > 0)")


def store_failures() -> tuple[tuple[PromQL, str], ...]:
    """What Loki's ingesters failed to put away, and how it is called."""
    return tuple(
        (_some(total((), increase(series(name, scope()), RATE_INTERVAL))), legend)
        for name, legend in (
            ("loki_ingester_chunks_flush_failures_total", "chunks to the store"),
            ("loki_ingester_wal_disk_full_failures_total", "lines, disk full"),
            ("loki_ingester_checkpoint_creations_failed_total", "checkpoints"),
        )
    )


def chunks_stored() -> PromQL:
    """Chunks a second that Loki stores."""
    return total((), rate(series("loki_ingester_chunks_stored_total", scope())))


def ruler_losses() -> tuple[tuple[PromQL, str], ...]:
    """What Loki's ruler left out or could not deliver in each interval."""
    return (
        (
            either(
                _lost("loki_prometheus_rule_group_iterations_missed_total"),
                _lost("cortex_prometheus_rule_group_iterations_missed_total"),
            ),
            "evaluations missed",
        ),
        (
            either(
                _lost("loki_prometheus_notifications_dropped_total"),
                _lost("cortex_prometheus_notifications_dropped_total"),
            ),
            "alerts undelivered",
        ),
        (_lost("loki_ruler_wal_prometheus_remote_storage_samples_failed_total"), "samples lost"),
    )


def _lost(name: str) -> PromQL:
    return group(_some(total((), increase(series(name, scope()), RATE_INTERVAL))))


def evicted_share() -> PromQL:
    """Items that a cache throws out for want of room, as a share of those that come in."""
    evicted = total((names.INSTANCE,), rate(series("memcached_items_evicted_total", scope())))
    stored = total((names.INSTANCE,), rate(series("memcached_items_total", scope())))
    return ratio(evicted, stored)


def connection_share() -> PromQL:
    """Connections of a cache that are open, as a share of those that may be."""
    opened = total((names.INSTANCE,), series("memcached_current_connections", scope()))
    return ratio(opened, total((names.INSTANCE,), series("memcached_max_connections", scope())))


def prometheus_losses() -> tuple[tuple[PromQL, str], ...]:
    """What Prometheus left out, refused or could not deliver in each interval."""
    return tuple(
        (_lost(name), legend)
        for name, legend in (
            ("prometheus_rule_group_iterations_missed_total", "evaluations missed"),
            ("prometheus_notifications_dropped_total", "alerts undelivered"),
            (
                "prometheus_target_scrapes_sample_duplicate_timestamp_total",
                "samples, duplicate timestamp",
            ),
            ("prometheus_target_scrapes_sample_out_of_order_total", "samples, out of order"),
            ("prometheus_target_scrapes_exceeded_sample_limit_total", "scrapes over the limit"),
        )
    )


def storage_failures() -> tuple[tuple[PromQL, str], ...]:
    """What Prometheus failed to do in its storage in each interval."""
    return tuple(
        (_some(total((), increase(series(name, scope()), RATE_INTERVAL))), legend)
        for name, legend in (
            ("prometheus_tsdb_compactions_failed_total", "compactions"),
            ("prometheus_tsdb_reloads_failures_total", "block reloads"),
            ("prometheus_tsdb_wal_corruptions_total", "log corruptions"),
            ("prometheus_tsdb_wal_truncations_failed_total", "log truncations"),
        )
    )


def alertmanagers() -> PromQL:
    """How many Alertmanagers each Prometheus knows."""
    known = series("prometheus_notifications_alertmanagers_discovered", scope())
    return aggregate("min", (names.INSTANCE,), known)


def recorded(name: str) -> PromQL:
    """A series of the month that is recorded once a cluster."""
    return aggregate("max", (), series(name, scope()))


def share_by_service() -> PromQL:
    """Each service's share of the bytes of the last day."""
    lately = over("avg_over_time", series(names.LOG_BYTES_RATE, scope()), SHARE_RANGE)
    each = total((names.SERVICE,), lately)
    return ratio(each, PromQL(f"on () group_left () {total((), lately)}"))


def bytes_by_service() -> PromQL:
    """Bytes a second of each service's lines, as Loki's ruler records them."""
    return aggregate("max", (names.SERVICE,), series(names.LOG_BYTES_RATE, scope()))
