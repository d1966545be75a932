"""What more lines need, what they cost, and what each saving saves, for the integration guide."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

from catalog.model import Catalog
from catalog.service import Service
from delivery.guides import sizing
from delivery.guides.blocks import Page
from delivery.guides.catalog_tables import table
from delivery.guides.integration_storage import gigabytes, longest
from delivery.guides.sizing import COPIES, DAY, Load, Size
from pipeline.deploy import limits

_MEBIBYTE, _GIBIBYTE = 2**20, 2**30


def limits_today(page: Page) -> str:
    """Each limit of Loki's: the value that ships, the key it follows from, and today's share."""
    catalog = page.catalog
    declared = catalog.platform.limits
    peak = sizing.size(sizing.loads(catalog)["Today, peak"])
    stream = limits.stream_rate_bytes(catalog)
    labels = max(len(each.stream_labels) for each in catalog.services)
    # Loki's name, what ships, the keys of platform.yaml that it follows from, and what is used.
    found: tuple[tuple[str, float, str, float], ...] = (
        (
            "ingestion_rate_mb",
            limits.ingestion_rate_mb(catalog),
            "`limits.lines_per_second`",
            peak.ingestion_rate_mb,
        ),
        (
            "ingestion_burst_size_mb",
            limits.ingestion_burst_mb(catalog),
            "`limits.burst_lines`",
            peak.ingestion_burst_mb,
        ),
        (
            "per_stream_rate_limit",
            stream,
            "`limits.lines_per_second`, `cost.pods`, the services' peaks",
            peak.stream_rate,
        ),
        ("max_global_streams_per_user", declared.streams, "`limits.streams`", peak.streams),
        (
            "max_label_names_per_series",
            declared.labels_per_stream,
            "`limits.labels_per_stream`",
            labels,
        ),
    )
    rows = [
        (f"`{name}`", _shown(name, value), keys, _share(used, value))
        for name, value, keys, used in found
    ]
    head = ["Loki's limit", "Ships as", "Follows from, in platform.yaml", "At today's peak"]
    return table(head, rows)


def _shown(name: str, value: float) -> str:
    """As loki.yaml has it, with the thousands apart."""
    unit = "B" if name == "per_stream_rate_limit" else ""
    return f"{value:,}{unit}"


def _share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.2g} %"


def sizes(page: Page) -> str:
    """What each load needs: one column a load, one row a thing."""
    catalog = page.catalog
    loads = sizing.loads(catalog)
    found = {name: sizing.size(load) for name, load in loads.items()}
    head = ["", *(f"{name}: {load.lines:,.0f} lines/s" for name, load in loads.items())]
    rows = [
        (title, *(cell(catalog, loads[name], found[name]) for name in loads))
        for title, cell in _ROWS.items()
    ]
    return table(head, rows)


def _loki(catalog: Catalog, load: Load, size: Size) -> str:
    if size.parts:
        distributor, querier = size.parts["distributor"], size.parts["querier"]
        return (
            f"{size.ingesters} ingesters, {distributor.replicas} distributors,"
            f" {querier.replicas} queriers"
        )
    return f"{COPIES} of one process"


def _agents(catalog: Catalog, load: Load, size: Size) -> str:
    daemon = catalog.agent.kubernetes if catalog.agent else None
    cores = f"{size.agent_cores:.2g} cores"
    return f"{cores}, {sizing.agents(size, daemon.limits.cpu)} nodes" if daemon else cores


#: A row's cell of one load.
Cell = Callable[[Catalog, Load, Size], object]
_ROWS: Mapping[str, Cell] = {
    "In": lambda catalog, load, size: f"{load.bytes / 1e6:.2g} MB/s, {gigabytes(load.daily)} a day",
    "`ingestion_rate_mb`": lambda catalog, load, size: size.ingestion_rate_mb,
    "`ingestion_burst_size_mb`": lambda catalog, load, size: size.ingestion_burst_mb,
    "Pods of each service": lambda catalog, load, size: size.pods,
    "`per_stream_rate_limit`": lambda catalog, load, size: f"{size.stream_rate:,}B",
    "Streams": lambda catalog, load, size: f"{size.streams:,}",
    "Loki, as its documentation advises": _loki,
    "Chunks in each ingester's memory": lambda catalog, load, size: (
        f"{size.chunk_memory / _MEBIBYTE:,.0f} MiB"
    ),
    "Cache that holds every chunk": lambda catalog, load, size: (
        f"{max(0.1, size.cache / _GIBIBYTE):,.1f} GiB"
    ),
    "On the nodes": _agents,
    "Processes of Loki, extrapolated": lambda catalog, load, size: size.processes,
}


def parts(page: Page) -> str:
    """Loki's components at the limit, as generated/deploy/helm has them."""
    found = sizing.size(sizing.loads(page.catalog)["The limit"]).parts
    if not found:
        return "At the limit one process, in three replicas, is enough."
    rows = [
        (f"`{name}`", part.replicas, f"{part.cpu:g}", f"{part.memory:g} GiB")
        for name, part in found.items()
    ]
    total = sum(part.replicas * part.cpu for part in found.values())
    memory = sum(part.replicas * part.memory for part in found.values())
    rows.append(
        ("All", sum(part.replicas for part in found.values()), f"{total:,g}", f"{memory:,g} GiB")
    )
    return table(["Component", "Replicas", "Cores each", "Memory each"], rows)


def bill(page: Page) -> str:
    """A month, by the catalog's prices."""
    catalog, spending = page.catalog, page.catalog.platform.spending
    if spending is None:
        return "This catalog has no prices: add `spending` to platform.yaml."
    rows = []
    for item in spending.items:
        price = (
            f"{item.monthly:g} a month"
            if item.monthly
            else f"{item.per_gigabyte:g} for each GB that comes in"
        )
        rows.append((item.title, price))
    daily = sum(each.volume.bytes_per_day for each in catalog.services)
    month = 30 * daily
    total = spending.fixed + spending.per_byte * month
    return (
        table(["Item", spending.currency], rows)
        + f"\n\nToday's {gigabytes(month)} in 30 days: {total:.2f} {spending.currency}, of which"
        f" {spending.per_byte * month:.2f} are for the lines themselves; the budget is"
        f" {spending.monthly_budget:g}. Of the rest nothing is saved by fewer lines, only by fewer"
        " or smaller replicas and caches."
    )


def savings(page: Page) -> str:
    """What each lever saves at today's volume."""
    return table(["To save", "Set", "Saves at today's volume"], _savings(page.catalog))


def _savings(catalog: Catalog) -> Iterator[tuple[str, str, str]]:
    daily = sum(each.volume.bytes_per_day for each in catalog.services)
    retention = catalog.platform.retention
    tenth = daily / 10
    yield (
        "Drop a level at the agent",
        "`drops` of agent.yaml",
        f"{gigabytes(30 * tenth)} a month of each tenth, which is in no count either",
    )
    for rule in retention.log_overrides:
        days = (retention.logs - rule.keep) / DAY
        if days > 0:
            said = f"{gigabytes(tenth * days / sizing.COMPRESSION)} in the store for each tenth"
            yield (_match(rule.match) + " kept shorter", "set already: `log_overrides`", said)
    for service in catalog.services:
        extra = longest(catalog, service) - retention.logs
        if extra > 0:
            yield (
                f"{service.name} kept no longer than the others",
                f"take `{{service: {service.id}}}` out of `log_overrides`",
                f"{gigabytes(_held(service, extra))} in the store",
            )
    held = sum(_held(service, DAY) for service in catalog.services)
    yield ("Keep everything a day less", "`retention.logs`", f"{gigabytes(held)} in the store")


def _held(service: Service, seconds: int) -> float:
    """Bytes stored of what comes in within so many seconds."""
    return service.volume.bytes_per_day * seconds / DAY / sizing.COMPRESSION


def _match(match: dict[str, str]) -> str:
    return ", ".join(f"`{label}={value}`" for label, value in match.items())


def trace_label(page: Page) -> str:
    """How soon a trace's id as a stream label would use up all streams."""
    lines = sizing.loads(page.catalog)["Today, mean"].lines
    streams = page.catalog.platform.limits.streams
    return (
        f"A trace id as a stream label would be a stream each: at {lines:,.0f} lines a second, each"
        f" with an id of its own, {streams:,} streams are reached within"
        f" {math.ceil(streams / lines / 60):,} minutes."
    )


def classes(page: Page) -> str:
    """The classes of cost that queries of the library have."""
    validation = page.catalog.platform.validation
    if validation is None:
        return "This catalog promises no times: add `validation` to platform.yaml."
    meaning = {
        "simple": "chosen by labels alone",
        "json": "each line goes through a parser",
        "aggregation": "lines are counted",
        "complex": "lines are searched by an expression, or joined",
    }
    rows = [
        (name, meaning[name], f"{1000 * each.p50_seconds:g} ms", f"{1000 * each.p99_seconds:g} ms")
        for name, each in validation.latencies.items()
    ]
    return table(["Cost", "What is done", "p50", "p99"], rows)
