"""What proves the alerts on what a server does by itself: compaction, retention, rules."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.model import Alert
from alerts.proof import INTERVAL_SECONDS, Firing, Incident, Moment, Proof
from alerts.proofs import stories
from alerts.proofs.servers import of, proofs, rising
from alerts.proofs.shown import duration
from alerts.proofs.stories import HERE, THERE, Labels, Series, clock, counting, holding
from catalog.model import Catalog
from queries import loki_alerts


def _stale(catalog: Catalog, alert: Alert, metric: str, maximum: int) -> Iterator[Proof]:
    time = clock(catalog)
    lead, longest = time.lead, maximum // INTERVAL_SECONDS
    ill, after = time.samples(maximum + alert.hold) + 1, 6
    whole = lead + ill + after
    idle = holding((whole, 0))

    def told(leads: str, other: str, where: Labels = HERE) -> Series:
        return {
            **of("loki", metric, leads, where),
            **of("loki", metric, other, where, number="2"),
        }

    # It succeeds once a minute, then not at all, then again.
    last = (lead - 1) * INTERVAL_SECONDS
    again = counting((after, INTERVAL_SECONDS), start=(lead + ill) * INTERVAL_SECONDS)
    stops = f"{counting((lead, INTERVAL_SECONDS))} {holding((ill, last))} {again}"
    never, waits = longest * INTERVAL_SECONDS, time.up_to(alert.hold)
    begun, stale = never + waits, last + maximum + waits
    unset = Firing(THERE, duration(maximum))
    yield Incident(
        f"{metric} stands still on the replica that leads, and elsewhere was never set",
        {**told(stops, idle), **told(f"{holding((lead + ill, 0))} {again}", idle, THERE)},
        (
            Moment(begun - time.evaluation),
            Moment(begun, (unset,)),
            Moment(stale - time.evaluation, (unset,)),
            Moment(stale, (Firing(HERE, duration(maximum + waits)), unset)),
            Moment((lead + ill) * INTERVAL_SECONDS),
        ),
    )
    leads = counting((whole, INTERVAL_SECONDS))
    yield stories.near(
        f"another replica leads now, as {metric} tells",
        told(holding((lead, last), (whole - lead, 0)), leads),
        (Moment(stale), Moment((whole - 1) * INTERVAL_SECONDS)),
    )


def _compaction(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    maximum = catalog.platform.thresholds.compaction_age_maximum
    metric = "loki_boltdb_shipper_compact_tables_operation_last_successful_run_timestamp_seconds"
    yield from _stale(catalog, alert, metric, maximum)


def _retention(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    maximum = catalog.platform.thresholds.retention_age_maximum
    for part in ("compactor", "boltdb_shipper"):
        metric = f"loki_{part}_apply_retention_last_successful_run_timestamp_seconds"
        yield from _stale(catalog, alert, metric, maximum)


def _unheard(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    told = {
        f"{prefix}_prometheus_notifications_dropped_total": ({"user": user}, {"user": user})
        for prefix, user in (("loki", "of 3.x"), ("cortex", "of 2.9"))
    }
    window = loki_alerts.RULER_WINDOW
    yield from rising(catalog, alert, "its alerts reach nobody", told, window=window)


def _missed(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    prefixes = {"loki_": "of 3.x", "cortex_": "of 2.9"} if alert.service == "loki" else {"": "a"}
    told = {
        f"{prefix}prometheus_rule_group_iterations_missed_total": (
            {"rule_group": name},
            {"rule_group": name},
        )
        for prefix, name in prefixes.items()
    }
    window = loki_alerts.RULER_WINDOW
    yield from rising(catalog, alert, "evaluations are left out", told, window=window)


def _samples_lost(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    metric = "loki_ruler_wal_prometheus_remote_storage_samples_failed_total"
    tenant = {"tenant": stories.ANY}
    told = {metric: (tenant, tenant)}
    window = loki_alerts.RULER_WINDOW
    yield from rising(catalog, alert, "what it records is lost", told, window=window)


PROOFS = proofs(
    {
        "CompactionStale": _compaction,
        "LogAlertsUndelivered": _unheard,
        "RecordedSamplesLost": _samples_lost,
        "RetentionStale": _retention,
        "RuleEvaluationsMissed": _missed,
    }
)
