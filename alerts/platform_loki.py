"""Alert rules of Loki's way in, its store and its ruler.

A page is for what loses lines now, or leaves alerts blind or unheard; all else is a ticket.
"""

from __future__ import annotations

from collections.abc import Iterator

from alerts import text
from alerts.model import Alert
from alerts.platform_parts import HOLD, LONG_HOLD, Build, above
from catalog import names
from catalog.model import Catalog
from catalog.scalars import format_duration
from queries import counters, loki_alerts
from queries.promql import PromQL
from queries.text import window

#: Scrapes that a rate needs to be safe from one that is missed or late.
_SCRAPES = 4


def alerts(catalog: Catalog, alert: Build) -> Iterator[Alert]:
    """All of them."""
    yield from _intake(catalog, alert)
    yield from _store(catalog, alert)
    yield from _compactor(catalog, alert)
    yield from _ruler(alert)


def _intake(catalog: Catalog, alert: Build) -> Iterator[Alert]:
    limits, thresholds = catalog.platform.limits, catalog.platform.thresholds
    share = thresholds.limit_share_maximum
    shortest = window(_SCRAPES * catalog.platform.scrape.interval)
    yield alert(
        "IngestionNearBurst",
        above(loki_alerts.peak_lines(shortest), share * limits.burst_lines),
        f"The distributor {text.INSTANCE} took in {text.NUMBER} log lines a second in a burst",
        f"Over {shortest}; it takes a burst of {limits.burst_lines} and refuses lines beyond. "
        "Look first at which service writes in bursts, at whether it restarts in a loop, and at "
        "the level of its lines.",
    )
    yield alert(
        "IngestionRateLimited",
        counters.at_least(thresholds.minimum_events, loki_alerts.rate_limited()),
        f"Loki refuses lines of tenant {text.label('tenant')} as too many: {text.NUMBER} lines in "
        f"{loki_alerts.LIMITED_WINDOW}",
        "The limit on lines and the burst on top of it are used up, and have been for "
        f"{format_duration(HOLD)}. Agents send again for a few minutes, then the lines are lost. "
        "Look first at which service writes more than usual, at what was deployed last, and at "
        "whether its lines are of use.",
        severity=names.PAGE,
        hold=HOLD,
    )
    yield alert(
        "LogWritesFailing",
        loki_alerts.failed_writes(thresholds.error_ratio_maximum, thresholds.minimum_events),
        f"Loki fails {text.PERCENT} of the pushes of log lines",
        f"Over {loki_alerts.WRITES_WINDOW} it answered more than "
        f"{text.percent(thresholds.error_ratio_maximum)} of them with a fault of its own. Agents "
        "send again for a few minutes, then the lines are lost. Look first at how many ingesters "
        "are active in the ring, at Loki's own log, and at its memory.",
        severity=names.PAGE,
        hold=HOLD,
    )
    yield alert(
        "RingUnhealthy",
        above(loki_alerts.unhealthy_members(), 0),
        f"{text.NUMBER} members of Loki's ring {text.label('name')} no longer report",
        "What they did is left to the others, and one more may be one too many: with a "
        "replication of 3, writes need 2. Look first at which member it is (the page /ring), at "
        "whether it restarts, and at whether it left without saying so.",
        hold=LONG_HOLD,
    )


def _store(catalog: Catalog, alert: Build) -> Iterator[Alert]:
    minimum = catalog.platform.thresholds.minimum_events
    yield alert(
        "ChunkFlushFailing",
        above(loki_alerts.failed_flushes(), 0),
        f"The ingester {text.INSTANCE} failed to store {text.NUMBER} chunks",
        f"Within {loki_alerts.FLUSH_WINDOW}; it tries again, and keeps them in memory meanwhile. "
        "Look first at Loki's own log for the store's answer, at the store's credentials and "
        "room, and at the ingester's memory.",
        hold=LONG_HOLD,
    )
    yield alert(
        "ChunksNotStored",
        loki_alerts.unstored_lines(minimum),
        f"Loki has stored no chunk for {loki_alerts.STORED_WINDOW}, and {text.NUMBER} lines wait",
        "Lines that old are in the memory of the ingesters alone, and lost with it unless there "
        "is a write-ahead log. Look first at Loki's own log for the store's answer, at the "
        "store's credentials and room, and at whether chunks grow old enough to be stored.",
        severity=names.PAGE,
        hold=HOLD,
    )
    yield alert(
        "LogDiskFull",
        above(loki_alerts.disk_full(), 0),
        f"The disk of the ingester {text.INSTANCE} is full: {text.NUMBER} writes failed",
        f"Within {loki_alerts.FLUSH_WINDOW} it could not write its write-ahead log. It takes "
        "lines on, which a restart would lose. Look first at the room on its volume, at what "
        "fills it, and at whether checkpoints are written.",
        severity=names.PAGE,
    )
    yield alert(
        "CheckpointFailing",
        above(loki_alerts.failed_checkpoints(), 0),
        f"The ingester {text.INSTANCE} failed to write {text.NUMBER} checkpoints",
        "Its write-ahead log is not cut: it fills the disk, and a restart takes long. Look first "
        "at Loki's own log, at the room on its volume, and at the rights on that folder.",
        hold=HOLD,
    )


def _compactor(catalog: Catalog, alert: Build) -> Iterator[Alert]:
    thresholds = catalog.platform.thresholds
    yield _stale(
        alert,
        "CompactionStale",
        loki_alerts.compaction_age(thresholds.compaction_age_maximum),
        f"Loki has not compacted its index for {text.SECONDS}",
        f"That is to happen within {format_duration(thresholds.compaction_age_maximum)}. Queries "
        "read many small index files, and nothing is deleted.",
    )
    yield _stale(
        alert,
        "RetentionStale",
        loki_alerts.retention_age(thresholds.retention_age_maximum),
        f"Loki has applied no retention for {text.SECONDS}",
        f"That is to happen within {format_duration(thresholds.retention_age_maximum)}. Lines "
        "are kept longer than was promised, and the store grows.",
    )


def _stale(alert: Build, name: str, expr: PromQL, summary: str, story: str) -> Alert:
    look = (
        "Look first at the compactor's lines in Loki's own log, at whether one replica runs it, "
        "and at the room on its volume."
    )
    return alert(name, expr, summary, f"{story} {look}", hold=HOLD)


def _ruler(alert: Build) -> Iterator[Alert]:
    yield alert(
        "LogAlertsUndelivered",
        above(loki_alerts.undelivered_alerts(), 0),
        f"Loki's ruler could not deliver {text.NUMBER} alerts of tenant {text.label('user')}",
        "No Alertmanager took them, so nobody was told. Look first at whether Alertmanager runs, "
        "at its address in the ruler's configuration, and at the ruler's log.",
        severity=names.PAGE,
    )
    yield alert(
        "RuleEvaluationsMissed",
        above(loki_alerts.missed_evaluations(), 0),
        f"Loki's ruler left out {text.NUMBER} evaluations of {text.label('rule_group')}",
        "One took longer than the group's interval, so that alerts come late and series have "
        "gaps. Look first at how long the group takes, at which query is dear, and at Loki's CPU.",
        hold=HOLD,
    )
    yield alert(
        "RecordedSamplesLost",
        above(loki_alerts.undelivered_samples(), 0),
        f"Loki's ruler lost {text.NUMBER} recorded samples of tenant {text.label('tenant')}",
        "Prometheus refused them, so that what is recorded of log lines has gaps. Look first at "
        "the answer in the ruler's log, at whether two rulers write the same series, and at "
        "whether Prometheus takes remote writes.",
        hold=HOLD,
    )
    yield alert(
        "LogRatesMissing",
        loki_alerts.rates_missing(),
        f"Nothing that Loki's ruler records arrives in cluster {text.label(names.CLUSTER)}",
        f"It did within the last {loki_alerts.REMEMBERED} and has not for "
        f"{loki_alerts.RATES_WINDOW}, while Loki takes in lines: no alert on recorded lines can "
        "fire. Look first at whether the ruler evaluates, at its remote write, and at whether "
        "Prometheus takes remote writes.",
        severity=names.PAGE,
        hold=HOLD,
    )
