"""The platform dashboard's row on Loki's rings, store and ruler."""

from __future__ import annotations

from catalog.model import Catalog
from catalog.scalars import format_duration
from dashboards import units
from dashboards.platform_parts import lines, losses, one
from dashboards.spec import Panel, Row, Step
from queries import platform_more as ask
from queries.query import Prom


def row(catalog: Catalog) -> Row:
    """What is written, whether it is stored, and whether the ruler is heard."""
    return Row(
        "loki.store",
        "Loki: streams, store and ruler",
        (
            _streams(catalog),
            _writes(catalog),
            lines(
                "loki.rings",
                "Members that no longer report, by ring",
                "Members of each of Loki's rings that have not reported for a minute or more.",
                one(ask.unhealthy_members(), "{{name}}"),
                units.COUNT,
                soft_maximum=1,
            ),
            lines(
                "loki.stored",
                "Chunks stored",
                "Chunks a second that Loki puts into its store.",
                one(ask.chunks_stored(), "chunks"),
                "suffix:chunks/s",
                width=6,
            ),
            _ages(catalog),
            losses(
                "loki.unstored",
                "Not stored",
                "What ingesters failed to put away, in each interval. Loki 2.9 does not count "
                "chunks that it fails to store.",
                ask.store_failures(),
                width=6,
            ),
            losses(
                "loki.ruler",
                "Ruler: missed and undelivered",
                "Evaluations left out, alerts that reached nobody and recorded samples that were "
                "lost, in each interval.",
                ask.ruler_losses(),
                width=6,
            ),
        ),
    )


def _streams(catalog: Catalog) -> Panel:
    most = catalog.platform.thresholds.service_streams_maximum
    return lines(
        "loki.service_streams",
        "Streams by service",
        f"Streams that had a line within five minutes; {most:,} are a service's share.",
        one(ask.streams_by_service(), "{{service}}"),
        units.COUNT,
        steps=(Step("green"), Step("red", most)),
        empty="Loki's ruler records it every five minutes",
    )


def _writes(catalog: Catalog) -> Panel:
    most = catalog.platform.thresholds.error_ratio_maximum
    return lines(
        "loki.writes",
        "Pushes that fail",
        f"Share of pushes that Loki answers with a fault of its own; the line is at {most:.0%}.",
        one(ask.failed_writes(), "failed"),
        units.RATIO,
        steps=(Step("green"), Step("red", most)),
        maximum=1,
        empty="None fails",
    )


def _ages(catalog: Catalog) -> Panel:
    thresholds = catalog.platform.thresholds
    compacted = thresholds.compaction_age_maximum
    retained = format_duration(thresholds.retention_age_maximum)
    return lines(
        "loki.ages",
        "Since compaction and retention",
        f"The index is to be compacted within {format_duration(compacted)} (the line), retention "
        f"to be applied within {retained}.",
        (Prom(ask.compaction_age(), "compaction"), Prom(ask.retention_age(), "retention")),
        units.SECONDS,
        steps=(Step("green"), Step("red", compacted)),
        width=6,
        empty="Neither has run yet",
    )
