"""When Prometheus loses samples, misses evaluations or has nobody to alert, as PromQL."""

from __future__ import annotations

from catalog import names
from queries.promql import PromQL, aggregate, either, group, increase, series, total

RULES_WINDOW = "15m"
STORAGE_WINDOW = "3h"
SAMPLES_WINDOW = "15m"

#: What tells the arms of one question apart.
PART = "part"
REASON = "reason"

_INSTANCE = (*names.SCOPE, names.INSTANCE)
#: Counters of what the storage fails at, and of samples that were not taken.
PARTS = {
    "block reload": "prometheus_tsdb_reloads_failures_total",
    "compaction": "prometheus_tsdb_compactions_failed_total",
    "repair of the write-ahead log": "prometheus_tsdb_wal_corruptions_total",
    "truncation of the write-ahead log": "prometheus_tsdb_wal_truncations_failed_total",
}
REFUSED = {
    "duplicate timestamp": "prometheus_target_scrapes_sample_duplicate_timestamp_total",
    "out of order": "prometheus_target_scrapes_sample_out_of_order_total",
    "scrape over the sample limit": "prometheus_target_scrapes_exceeded_sample_limit_total",
}


def _told_apart(label: str, metrics: dict[str, str], window: str) -> PromQL:
    arms = (
        f'label_replace({total(_INSTANCE, increase(series(name), window))}, "{label}", "{value}", '
        '"", "")'
        for value, name in metrics.items()
    )
    return group(either(*(PromQL(arm) for arm in arms)))


def missed_evaluations() -> PromQL:
    """Evaluations that were left out because the one before was not done, by rule group."""
    missed = series("prometheus_rule_group_iterations_missed_total")
    return total((*names.SCOPE, "rule_group"), increase(missed, RULES_WINDOW))


def alertmanagers() -> PromQL:
    """How many Alertmanagers each Prometheus knows."""
    known = series("prometheus_notifications_alertmanagers_discovered")
    return aggregate("min", _INSTANCE, known)


def failed_storage() -> PromQL:
    """What a Prometheus failed to do in its storage, by part."""
    return _told_apart(PART, PARTS, STORAGE_WINDOW)


def refused_samples() -> PromQL:
    """Samples that a Prometheus scraped and did not take, by reason."""
    return _told_apart(REASON, REFUSED, SAMPLES_WINDOW)
