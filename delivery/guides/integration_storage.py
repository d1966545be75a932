"""Where lines are kept, for how long and how much that is, for the integration guide."""

from __future__ import annotations

import math

from catalog import names
from catalog.model import Catalog
from catalog.platform import LogRetention
from catalog.service import Service
from delivery.guides.blocks import Page
from delivery.guides.catalog_tables import table
from delivery.guides.sizing import COMPRESSION, DAY, GIGABYTE
from pipeline.deploy.loki import duration

_NOTHING = "This catalog deploys nothing; Loki on one machine keeps chunks and index in one folder."


def storage(page: Page) -> str:
    """Which index in which tree, and how long lines are collected before they are stored."""
    deployment = page.catalog.deployment
    if deployment is None:
        return _NOTHING
    index, chunks = deployment.index, deployment.chunks
    older = f"boltdb-shipper, schema v12, from {index.boltdb_since}"
    newer = f"tsdb, schema v13, from {index.tsdb_since}"
    rows = []
    for tree in deployment.trees:
        both = tree.has_structured_metadata or index.migrating
        rows.append((f"`{tree.id}`", tree.loki, f"{older}; {newer}" if both else older))
    store = deployment.object_store
    return (
        table(["Tree", "Loki", "Index, in periods of " + duration(index.period)], rows)
        + f"\n\nChunks and index lie in the bucket `{store.chunks}`. A chunk is stored after"
        f" {duration(chunks.idle)} without a line, when it is full, or {duration(chunks.age)} old."
        " Until then its lines are in memory and in the write-ahead log on each replica's volume"
        f" of {deployment.loki.volume}. Caches keep what they hold for {duration(chunks.cached)}."
    )


def kept(catalog: Catalog, service: Service, level: str) -> int:
    """For how many seconds a line of that service and level is: the first rule that fits it."""
    fixed = {
        label: values[0]
        for label, values in service.stream_labels.items()
        if values is not None and len(values) == 1
    }
    labels = {**fixed, names.SERVICE: service.id, names.LEVEL: level}
    retention = catalog.platform.retention
    for rule in retention.log_overrides:
        if rule.match.items() <= labels.items():
            return rule.keep
    return retention.logs


def retention(page: Page) -> str:
    """How long each service's lines are kept, by level, and the rules in their order."""
    catalog = page.catalog
    levels = catalog.platform.levels
    rows = [
        (service.name, *(_days(kept(catalog, service, level)) for level in levels))
        for service in catalog.services
    ]
    declared = catalog.platform.retention
    rules = "; ".join(map(_rule, declared.log_overrides))
    other = f"Metrics are kept for {_days(declared.metrics)}"
    if declared.traces is not None:
        other += f", traces for {_days(declared.traces)}"
    return (
        table(["Service", *(f"`{level}`" for level in levels)], rows)
        + f"\n\nThe first rule that fits a stream holds: {rules + '; ' if rules else ''}"
        f"all others {_days(declared.logs)} (`{duration(declared.logs)}`). {other}."
    )


def _rule(rule: LogRetention) -> str:
    pairs = ", ".join(f'{label}="{value}"' for label, value in rule.match.items())
    return f"`{{{pairs}}}` {_days(rule.keep)} (`{duration(rule.keep)}`)"


def _days(seconds: int) -> str:
    return f"{seconds / DAY:g} d"


def longest(catalog: Catalog, service: Service) -> int:
    """How long the service's lines are kept of the level that is kept longest, in seconds."""
    return max(kept(catalog, service, level) for level in catalog.platform.levels)


def stored(catalog: Catalog, service: Service, ratio: float = COMPRESSION) -> float:
    """Bytes in the object store at most: bytes a day x days, over the ratio of compression."""
    return service.volume.bytes_per_day * longest(catalog, service) / DAY / ratio


def disk(page: Page) -> str:
    """What each service's lines take in the object store, once the first of them are deleted."""
    catalog = page.catalog
    rows = [
        (
            service.name,
            gigabytes(service.volume.bytes_per_day),
            _days(longest(catalog, service)),
            gigabytes(stored(catalog, service)),
        )
        for service in catalog.services
    ]
    daily = sum(each.volume.bytes_per_day for each in catalog.services)
    total = sum(stored(catalog, each) for each in catalog.services)
    rows.append(("All", gigabytes(daily), "", gigabytes(total)))
    return table(["Service", "In a day", "Kept for", "In the store, at most"], rows)


def gigabytes(size: float) -> str:
    """In decimal gigabytes, as clouds charge for them, of two digits at least."""
    value = size / GIGABYTE
    digits = max(0, 1 - math.floor(math.log10(value))) if value > 0 else 0
    return f"{value:,.{digits}f} GB"


def compression(page: Page) -> str:
    """The ratio that the tables reckon with."""
    del page  # measured, so no catalog changes it
    return (
        f"Reckoned with {COMPRESSION:g} bytes in for one byte stored, which is what snappy made of"
        " the simulated services' lines."
    )
