"""When Loki takes no lines, does not store them, or its ruler is not heard, as PromQL.

Names were read on the metrics pages of running Loki 2.9.4 and 3.7.6; what dskit names is called
``cortex_…`` up to 2.9 and ``loki_…`` since 3.0. The counter of failed flushes is 3.x's alone,
and 2.9 has nothing in its place, so that what was stored is asked of both.
"""

from __future__ import annotations

from catalog import names
from queries import counters
from queries.counters import present
from queries.promql import (
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
from queries.text import Matcher, equal, window

LIMITED_WINDOW = "5m"
WRITES_WINDOW = "5m"
FLUSH_WINDOW = "15m"
#: Checkpoints are written every five minutes (Loki's default).
CHECKPOINT_WINDOW = "1h"
RULER_WINDOW = "15m"
#: Twice Loki's own longest age of a chunk would be four hours; with an hour (the seed's
#: ``max_chunk_age``) or two (Loki's default) something is stored within two.
STORED_WINDOW = "2h"
#: Lines of half an hour that is so long ago that some of them must be stored by now.
CAME_IN, _THEN = "30m", "90m"
#: How long recorded rates that no longer arrive are remembered.
REMEMBERED = "6h"
RATES_WINDOW = "10m"

_INSTANCE = (*names.SCOPE, names.INSTANCE)
#: What Loki answers a push of lines by, over HTTP.
_PUSH = Matcher("route", "(loki_api_v1|api_prom)_push", "=~")
_LINES = "loki_distributor_lines_received_total"
_COMPACTED = "loki_boltdb_shipper_compact_tables_operation_last_successful_run_timestamp_seconds"
_RETAINED = (
    "loki_compactor_apply_retention_last_successful_run_timestamp_seconds",
    "loki_boltdb_shipper_apply_retention_last_successful_run_timestamp_seconds",
)


def _dskit(name: str) -> tuple[str, str]:
    return f"loki_{name}", f"cortex_{name}"


def peak_lines(shortest: str) -> PromQL:
    """Lines a second of each distributor over the shortest time that a scrape can tell."""
    return total(_INSTANCE, rate(series(_LINES), shortest))


def rate_limited() -> PromQL:
    """Lines that were refused because there were too many, by tenant."""
    refused = series("loki_discarded_samples_total", (equal("reason", "rate_limited"),))
    return total((*names.SCOPE, "tenant"), counters.increases(refused, LIMITED_WINDOW))


def failed_writes(maximum: float, minimum: int) -> PromQL:
    """The share of pushes that Loki answered with a fault of its own, above the maximum."""
    name = "loki_request_duration_seconds_count"
    failed = series(name, (_PUSH, Matcher("status_code", "5..", "=~")))
    whole = total(names.SCOPE, increase(series(name, (_PUSH,)), WRITES_WINDOW))
    part = total(names.SCOPE, counters.increases(failed, WRITES_WINDOW))
    return PromQL(f"{ratio(part, whole)} > {maximum:g} and {counters.at_least(minimum, whole)}")


def unhealthy_members() -> PromQL:
    """Members of each ring that no longer report, as the instance with the worst view sees it."""
    unhealthy = equal("state", "Unhealthy")
    by = (*names.SCOPE, "name")
    seen = (aggregate("max", by, series(n, (unhealthy,))) for n in _dskit("ring_members"))
    return group(either(*seen))


def failed_flushes() -> PromQL:
    """Chunks that an ingester failed to hand to the store."""
    failed = series("loki_ingester_chunks_flush_failures_total")
    return total(_INSTANCE, increase(failed, FLUSH_WINDOW))


def unstored_lines(minimum: int) -> PromQL:
    """Lines of the half hour before ``_THEN`` in clusters that have stored no chunk since."""
    came = total(names.SCOPE, over("increase", series(_LINES), CAME_IN, _THEN))
    kept = counters.increases(series("loki_ingester_chunks_stored_total"), STORED_WINDOW)
    return PromQL(f"{counters.at_least(minimum, came)} unless {total(names.SCOPE, kept)} > 0")


def compaction_age(maximum: int) -> PromQL:
    """Seconds since a compactor last succeeded, from the maximum on."""
    return counters.at_least(maximum, group(_age(_COMPACTED, maximum)))


def retention_age(maximum: int) -> PromQL:
    """Seconds since retention was last applied, from the maximum on."""
    ages = either(*(_age(name, maximum) for name in _RETAINED))
    return counters.at_least(maximum, group(ages))


def _age(name: str, maximum: int) -> PromQL:
    """The age of the newest success of all replicas; those that do not compact show 0.

    Where all show 0 and did so the maximum ago, none has succeeded since, and the maximum is
    all that is known of the age. A cluster that has not run for so long says nothing yet.
    """
    newest = aggregate("max", names.SCOPE, series(name))
    then = aggregate("max", names.SCOPE, PromQL(f"{series(name)} offset {window(maximum)}"))
    never = f"{present(names.SCOPE, PromQL(f'{then} == 0'))} * {maximum} and {newest} == 0"
    return PromQL(f"time() - ({newest} > 0) or {never}")


def disk_full() -> PromQL:
    """Lines that an ingester could not write to its write-ahead log for want of room."""
    full = series("loki_ingester_wal_disk_full_failures_total")
    return total(_INSTANCE, increase(full, FLUSH_WINDOW))


def failed_checkpoints() -> PromQL:
    """Checkpoints of the write-ahead log that an ingester failed to write."""
    failed = series("loki_ingester_checkpoint_creations_failed_total")
    return total(_INSTANCE, increase(failed, CHECKPOINT_WINDOW))


def undelivered_alerts() -> PromQL:
    """Alerts that the ruler could hand to no Alertmanager, by tenant."""
    dropped = (
        total((*names.SCOPE, "user"), increase(series(name), RULER_WINDOW))
        for name in _dskit("prometheus_notifications_dropped_total")
    )
    return group(either(*dropped))


def missed_evaluations() -> PromQL:
    """Evaluations that the ruler left out because the one before was not done, by rule group."""
    missed = (
        total((*names.SCOPE, "rule_group"), increase(series(name), RULER_WINDOW))
        for name in _dskit("prometheus_rule_group_iterations_missed_total")
    )
    return group(either(*missed))


def undelivered_samples() -> PromQL:
    """Recorded samples that the ruler could not write to Prometheus, by tenant."""
    failed = series("loki_ruler_wal_prometheus_remote_storage_samples_failed_total")
    return total((*names.SCOPE, "tenant"), increase(failed, RULER_WINDOW))


def rates_missing() -> PromQL:
    """1 for every cluster whose recorded rates have stopped while Loki takes in lines."""
    recorded = series(names.LOG_BYTES_RATE)
    before = present(names.SCOPE, over("last_over_time", recorded, REMEMBERED))
    now = present(names.SCOPE, over("last_over_time", recorded, RATES_WINDOW))
    taken = total(names.SCOPE, rate(series(_LINES), RATES_WINDOW))
    return PromQL(f"{before} unless {now} and {taken} > 0")
