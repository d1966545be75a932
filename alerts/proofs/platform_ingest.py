"""What proves the alerts on Loki as it takes lines and stores them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from alerts.model import Alert
from alerts.proof import Firing, Incident, Lines, LogIncident, Moment, Proof
from alerts.proofs import stories
from alerts.proofs.servers import Stage, Tell, Told, instance, of, proofs, rising
from alerts.proofs.shown import number, percentage
from alerts.proofs.stories import (
    HERE,
    THERE,
    Labels,
    Series,
    clock,
    counting,
    holding,
    share_above,
)
from catalog import names
from catalog.model import Catalog
from queries import log_streams, loki_alerts

_LINES = "loki_distributor_lines_received_total"
_PUSHES = "loki_request_duration_seconds_count"
_TENANT: Labels = {"tenant": stories.ANY}
_THIRD: Labels = {**THERE, names.CLUSTER: "three"}


def _near_burst(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    limits = catalog.platform.limits
    share = catalog.platform.thresholds.limit_share_maximum
    # The shortest time in which a scrape tells a rate.
    stage = Stage(catalog, alert, re.findall(r"\[(\w+)\]", alert.expr)[0])
    rate = (1 + share) / 2 * limits.burst_lines
    yield Incident(
        "a burst that uses most of what is allowed",
        of("loki", _LINES, stage.counter(60 * rate), _TENANT),
        stage.filled(0, Firing({**HERE, **instance("loki")}, number(rate))),
    )
    parts = {
        name: values
        for each in ("1", "2", "3")
        for name, values in of(
            "loki", _LINES, stage.counter(20 * rate), _TENANT, number=each
        ).items()
    }
    yield stories.near("three distributors share it", parts, stage.quiet)


def _rate_limited(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    stage = Stage(catalog, alert, loki_alerts.LIMITED_WINDOW, births=True)
    enough = 1.5 * catalog.platform.thresholds.minimum_events
    answers = stories.up(stage.still(1), stories.server("loki"))

    def refused(values: str, reason: str) -> Series:
        return {
            **answers,
            **of("loki", "loki_discarded_samples_total", values, _TENANT, {"reason": reason}),
        }

    yield Incident(
        "lines are refused as too many, from the first on",
        refused(stage.begun(enough), "rate_limited"),
        stage.counted(Firing({**HERE, **_TENANT}, number(enough))),
    )
    # One evaluation before it has waited, and as it would have.
    moments = stage.time.moments(stage.hold, (), since=stage.since, over=stage.ends)
    yield stories.near(
        "a burst of a minute, and others that are refused for another reason",
        {
            **refused(stage.born(enough), "rate_limited"),
            **refused(stage.begun(enough), "too_far_behind"),
        },
        moments,
    )


def _writes_failing(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    thresholds = catalog.platform.thresholds
    most, minimum = thresholds.error_ratio_maximum, thresholds.minimum_events
    stage = Stage(catalog, alert, loki_alerts.WRITES_WINDOW, births=True)
    answers = stories.up(stage.still(1), stories.server("loki"))

    def told(share: float, pushes: float, route: str = "loki_api_v1_push") -> Series:
        """So many pushes in a window, and this share of them fails."""
        traffic = counting((stage.length, (1 - share) * stage.a_minute(pushes)))
        failed = stage.begun(share * pushes)
        return {
            **answers,
            **of("loki", _PUSHES, traffic, {"route": route, "status_code": "204"}),
            **of("loki", _PUSHES, failed, {"route": route, "status_code": "500"}),
        }

    share = share_above(most)
    yield Incident(
        "some of the pushes fail, from the first on",
        told(share, 1.5 * minimum),
        stage.counted(Firing(HERE, percentage(share))),
    )
    many = 100.0 * minimum
    yield stories.near("fewer than may fail", told(0.8 * most, many), stage.quiet)
    yield stories.near("most of a handful fail", told(0.9, 0.8 * minimum), stage.quiet)
    queries = told(share, many, "loki_api_v1_query_range")
    yield stories.near("queries fail", queries, stage.quiet)


def _ring(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    stage = Stage(catalog, alert)
    ring = {"name": "ingester"}
    for prefix in ("loki", "cortex"):

        def members(state: str, values: str, prefix: str = prefix) -> Series:
            return of("loki", f"{prefix}_ring_members", values, ring, {"state": state})

        yield Incident(
            f"an ingester no longer reports, as {prefix}_ring_members tells",
            {**members("Unhealthy", stage.gauge(0, 1)), **members("ACTIVE", stage.gauge(3, 2))},
            stage.at_once(Firing({**HERE, **ring}, "1")),
        )
        brief = stage.gauge(0, 1, 2)
        yield stories.near(
            f"one leaves as it should, and one reports late ({prefix})",
            {**members("LEAVING", stage.gauge(0, 1)), **members("Unhealthy", brief)},
            stage.quiet,
        )


def _rises(title: str, what: str, window: str) -> Tell:
    """Something that an ingester counts, and ought not to."""
    told: dict[str, Told] = {f"loki_ingester_{what}_total": ({}, instance("loki"))}
    return lambda catalog, alert: rising(catalog, alert, title, told, window=window)


def _not_stored(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    time = clock(catalog)
    window = stories.seconds(loki_alerts.STORED_WINDOW)
    came = stories.seconds(loki_alerts.CAME_IN) // 60
    enough = 1.5 * catalog.platform.thresholds.minimum_events
    lead, ill = time.lead, time.samples(window + alert.hold) + 2
    whole = lead + ill + 5
    always = counting((whole, enough / came))

    def told(lines: str, chunks: str, where: Labels = HERE) -> Series:
        return {
            **of("loki", _LINES, lines, _TENANT, where),
            **of("loki", "loki_ingester_chunks_stored_total", chunks, _TENANT, where),
        }

    # The last chunk is stored a minute before the trouble begins, and leaves the window.
    since = lead * 60 + window - 120
    moments = time.moments(
        alert.hold,
        (Firing(HERE, number(enough)),),
        since=since,
        at_last=since + 60,
        over=(lead + ill) * 60,
    )
    yield Incident(
        "lines come in and no chunk is stored any more",
        told(always, counting((lead, 1), (ill, 0), (5, 1))),
        moments,
    )
    idle = counting((lead, enough / came), (whole - lead, 0))
    born = lead + window // 60 - 2
    yield stories.near(
        "nothing comes in, or one chunk is stored an hour, or the first one in time",
        {
            **told(idle, counting((lead, 1), (whole - lead, 0))),
            **told(always, counting(*[(59, 0.0), (1, 1.0)] * (whole // 60 + 1)), THERE),
            **told(always, holding((born, None), (whole - born, 1)), _THIRD),
            **stories.up(holding((whole, 1)), stories.server("loki"), _THIRD),
        },
        (Moment(moments[1].at),),
    )


def _rates(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    stage = Stage(catalog, alert, loki_alerts.RATES_WINDOW)
    stops, always = stage.vanishing(5), counting((stage.length, 60))

    def recorded(values: str, where: Labels = HERE, service: str = stories.ANY) -> Series:
        return {stories.one_series(names.LOG_BYTES_RATE, where, {names.SERVICE: service}): values}

    def taken(values: str, where: Labels = HERE) -> Series:
        return of("loki", _LINES, values, _TENANT, where)

    yield Incident(
        "what is recorded no longer arrives",
        {**taken(always), **recorded(stops)},
        stage.time.moments(
            alert.hold,
            (Firing(HERE, ""),),
            since=stage.since + stage.window - 60,
            at_last=stage.since + stage.window,
            over=stage.ends,
        ),
    )
    yield stories.near(
        "nothing is written either, or nothing was ever recorded, or one of two is silent",
        {
            **taken(stage.still(0)),
            **recorded(stops),
            **taken(always, THERE),
            **taken(always, _THIRD),
            **recorded(stops, _THIRD),
            **recorded(stage.still(5), _THIRD, "another"),
        },
        stage.quiet,
    )


def _cardinality(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    service = next(each for each in catalog.services if each.id == alert.service)
    most = catalog.platform.thresholds.service_streams_maximum
    window = stories.seconds(log_streams.WINDOW)
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

    # Just before an evaluation: releases differ in whether a window holds its last moment.
    start, over = window - 1, 6 * window
    firing = Firing({**HERE}, number(most + 10))
    yield LogIncident(
        "a label has a value of its own for each of too many things",
        told(most + 10, start, over),
        (
            # Seen for the first time at the end of the first window, and not yet for long enough.
            Moment(2 * window - 1),
            Moment(5 * window, (firing,)),
            Moment(over + 3 * window),
        ),
    )
    yield LogIncident(
        "as many streams as it may have", told(most, window, over), (Moment(5 * window),)
    )
    traced = (Lines({**labels, **HERE}, "line {n} {trace}", window, 0.1, 50 * window),)
    yield LogIncident("many lines on one stream, each of a trace", traced, (Moment(5 * window),))


PROOFS = proofs(
    {
        "CheckpointFailing": _rises(
            "checkpoints cannot be written",
            "checkpoint_creations_failed",
            loki_alerts.CHECKPOINT_WINDOW,
        ),
        "ChunkFlushFailing": _rises(
            "chunks cannot be flushed", "chunks_flush_failures", loki_alerts.FLUSH_WINDOW
        ),
        "ChunksNotStored": _not_stored,
        "HighLabelCardinality": _cardinality,
        "IngestionNearBurst": _near_burst,
        "IngestionRateLimited": _rate_limited,
        "LogDiskFull": _rises(
            "there is no room for lines", "wal_disk_full_failures", loki_alerts.FLUSH_WINDOW
        ),
        "LogRatesMissing": _rates,
        "LogWritesFailing": _writes_failing,
        "RingUnhealthy": _ring,
    }
)
