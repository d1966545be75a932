"""What a log pipeline of so many lines a second needs: formulas, each with its source.

Nothing here was measured at the load it is asked about. Two figures were measured, on two cores
and at far smaller loads; they stand apart, and what is reckoned from them is called so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from catalog import names
from catalog.deployment_scalars import amount
from catalog.model import Catalog
from catalog.service import Service
from pipeline.deploy import limits
from pipeline.deploy.sizing import Part, loki_parts_for

DAY = 86400
GIGABYTE = 10**9
#: Copies of each line, in as many ingesters.
COPIES = 3

#: Bytes of lines and structured metadata that came in for each that snappy left in a chunk.
#: Measured with ``build.py demo --hours 1 --line-hours 1 --scale 1`` and ``POST /flush``, on
#: Loki 3.7.6: loki_distributor_bytes_received_total, 68.8 MB, over
#: loki_ingester_chunk_stored_bytes_total, 19.1 MB. The seed says 10.
COMPRESSION = 3.6
#: Bytes a second that one Loki 3.7.6 kept up with on two cores (tests/bench/lines.py): 14,057 lines
#: of 218 bytes. It was sent no more, so this is no ceiling.
KEPT_UP = 14_057 * 218
#: Processor seconds that Alloy takes for a line of 1 kB, metrics and redaction and all
#: (docs/log-agents.md).
AGENT_SECONDS = 112e-6

#: Loki's documentation: one process for up to about 20 GB a day
#: (https://grafana.com/docs/loki/latest/get-started/deployment-modes/).
ONE_PROCESS_A_DAY = 20 * GIGABYTE
#: Loki's defaults: the size that a chunk is closed at (``chunk_target_size``), the block of it that
#: is not packed yet (``chunk_block_size``), and the bytes a second of a stream
#: (``per_stream_rate_limit``, 3MB).
CHUNK, BLOCK, STREAM_RATE = 1_572_864, 262_144, 3 * limits.MEBIBYTE
#: Loki's defaults where the catalog deploys nothing: chunk_idle_period, max_chunk_age.
_IDLE, _AGE, _CACHED = 1800, 7200, 3600


@dataclass(frozen=True, slots=True)
class Load:
    """What comes in, and what it is shaped like.

    ``busiest`` is the share of the lines, ``busiest_bytes`` the size of a line, of the service
    whose pods send most bytes. ``pod_streams`` are the streams of one pod of each service,
    together. ``burst`` is how many seconds' worth may come at once. Times are in seconds: chunks
    are closed after ``idle`` or ``age``, and kept in caches for ``cached``.
    """

    lines: float
    line_bytes: float
    busiest: float
    busiest_bytes: int
    pods: int
    pod_streams: int
    services: int
    burst: float
    idle: int
    age: int
    cached: int

    @property
    def bytes(self) -> float:
        """Bytes a second."""
        return self.lines * self.line_bytes

    @property
    def daily(self) -> float:
        """Bytes a day, if it goes on all day."""
        return self.bytes * DAY


def load(catalog: Catalog, lines: float) -> Load:
    """So many lines a second, shared out among the services as their peaks are."""
    peaks = sum(each.volume.peak_lines_per_second for each in catalog.services)
    size = {each.id: round(limits.line_bytes((each,))) for each in catalog.services}
    busy = max(catalog.services, key=lambda each: each.volume.peak_lines_per_second * size[each.id])
    chunks = catalog.deployment.chunks if catalog.deployment else None
    declared = catalog.platform.limits
    return Load(
        lines=lines,
        line_bytes=limits.line_bytes(catalog.services),
        busiest=busy.volume.peak_lines_per_second / peaks,
        busiest_bytes=size[busy.id],
        pods=catalog.platform.cost.pods,
        pod_streams=sum(map(streams_of_a_pod, catalog.services)),
        services=len(catalog.services),
        burst=declared.burst_lines / declared.lines_per_second,
        idle=chunks.idle if chunks else _IDLE,
        age=chunks.age if chunks else _AGE,
        cached=chunks.cached if chunks else _CACHED,
    )


def streams_of_a_pod(service: Service) -> int:
    """At most: the product of the numbers of values of its stream labels.

    A pod has one name and one track, and is in one cluster, so these have one value each.
    """
    return math.prod(
        len(values)
        for label, values in service.stream_labels.items()
        if values is not None and label != names.TRACK
    )


@dataclass(frozen=True, slots=True)
class Size:
    """What is needed; sizes in bytes.

    ``parts`` are Loki's components in its distributed mode, none where one process of each replica
    does. ``chunk_memory`` is what chunks fill in one ingester, ``cache`` what all of the caches
    together need to hold each chunk for as long as they may.
    """

    ingestion_rate_mb: float
    ingestion_burst_mb: float
    stream_rate: int
    pods: int
    streams: int
    parts: Mapping[str, Part]
    ingesters: int
    chunk_memory: float
    cache: float
    agent_cores: float
    processes: int


def size(load: Load, *, spread: bool = True) -> Size:
    """The formulas, one a line.

    ``spread`` raises the pods of a service until none of its streams needs more than Loki's own
    limit of 3 MB a second: one stream is one writer's work. As in pipeline/deploy/limits.py, nearly
    all lines of a pod are taken to be of one level, so of one stream.

    Chunks in an ingester: for each stream a block that is not packed, and up to a whole chunk, or
    what comes in until chunks are closed if that is less; then what was stored and is kept for
    twice ``idle``. Each is in three ingesters, so an ingester has ``COPIES / ingesters`` of it all.

    ``processes`` is extrapolated from one load that one process kept up with: three copies of each
    byte over ``KEPT_UP``.
    """
    busiest = load.lines * load.busiest * load.busiest_bytes
    pods = max(load.pods, math.ceil(busiest / STREAM_RATE)) if spread else load.pods
    streams = pods * load.pod_streams
    parts = loki_parts_for(load.daily) if load.daily > ONE_PROCESS_A_DAY else {}
    ingesters = parts["ingester"].replicas if parts else COPIES
    packed = load.bytes / COMPRESSION
    open_chunks = streams * BLOCK + min(streams * CHUNK, packed * load.age)
    return Size(
        ingestion_rate_mb=limits.mebibytes(load.bytes),
        ingestion_burst_mb=limits.mebibytes(load.bytes * load.burst),
        stream_rate=math.ceil(busiest / pods),
        pods=pods,
        streams=streams,
        parts=parts,
        ingesters=ingesters,
        chunk_memory=(open_chunks + packed * 2 * load.idle) * COPIES / ingesters,
        cache=packed * load.cached,
        agent_cores=load.lines * AGENT_SECONDS * load.line_bytes / 1000,
        processes=max(COPIES, math.ceil(COPIES * load.bytes / KEPT_UP)),
    )


def agents(size: Size, cpu: str) -> int:
    """How many agents, so nodes, of that limit of processor take the lines."""
    return max(1, math.ceil(size.agent_cores / amount(cpu)))


def loads(catalog: Catalog) -> Mapping[str, Load]:
    """The loads that the guide tells of: today's mean and peak, ten times that, and the limit."""
    volumes = [each.volume for each in catalog.services]
    peak = sum(each.peak_lines_per_second for each in volumes)
    mean = sum(each.lines_per_minute for each in volumes) / 60
    found = {"Today, mean": load(catalog, mean), "Today, peak": load(catalog, peak)}
    found["Ten times the peak"] = replace(found["Today, peak"], lines=10 * peak)
    found["The limit"] = load(catalog, catalog.platform.limits.lines_per_second)
    return found
