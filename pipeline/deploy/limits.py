"""The catalog's limits in the units that Loki has.

Loki limits bytes, not lines. A line's size is what the services' own volumes say it is.
"""

from __future__ import annotations

from catalog.deployment_scalars import amount
from catalog.model import Catalog
from catalog.service import Service

MINUTES_OF_A_DAY = 1440
#: What Loki means by a megabyte of ``ingestion_rate_mb``: pkg/limits multiplies it by 1 << 20.
MEBIBYTE = 2**20
#: Memcached's items take this share of its container's memory at most; the rest is its tables
#: of connections and hashes. Loki's Helm chart gives a container 1.2 times the cache's size.
_OVERHEAD = 1.2
#: Loki's documentation advises three quarters of the memory for replaying the write-ahead log.
_REPLAY_SHARE = 0.75
#: Queries that a querier answers at once, for each core: Loki's documentation advises two.
_QUERIES_A_CORE = 2


def line_bytes(services: tuple[Service, ...]) -> float:
    """The mean size of a line: bytes a day over lines a day, of all the services together."""
    lines = sum(each.volume.lines_per_minute for each in services) * MINUTES_OF_A_DAY
    return sum(each.volume.bytes_per_day for each in services) / lines


def ingestion_rate_mb(catalog: Catalog) -> float:
    """``lines_per_second`` x the mean size of a line, in MiB, rounded up to a hundredth."""
    return mebibytes(catalog.platform.limits.lines_per_second * line_bytes(catalog.services))


def ingestion_burst_mb(catalog: Catalog) -> float:
    """``burst_lines`` x the mean size of a line, in MiB, rounded up to a hundredth."""
    return mebibytes(catalog.platform.limits.burst_lines * line_bytes(catalog.services))


def stream_rate_bytes(catalog: Catalog) -> int:
    """What one stream may send in a second: the largest share of the rate that one pod has.

    A service's share of all lines is its share of all peaks. Its lines come from several pods,
    and nearly all of a pod's are of one level, so of one stream:
    ``lines_per_second`` x peak / sum of peaks / pods x the service's size of a line.
    """
    peaks = sum(each.volume.peak_lines_per_second for each in catalog.services)
    rate = catalog.platform.limits.lines_per_second
    pods = catalog.platform.cost.pods
    return max(
        -(-rate * each.volume.peak_lines_per_second * round(line_bytes((each,))) // (peaks * pods))
        for each in catalog.services
    )


def stream_burst_bytes(catalog: Catalog) -> int:
    """As much above a stream's rate as the whole burst is above the whole rate."""
    limits = catalog.platform.limits
    return -(-stream_rate_bytes(catalog) * limits.burst_lines // limits.lines_per_second)


def longest_retention(catalog: Catalog) -> int:
    """How long the lines that are kept longest are kept, in seconds."""
    retention = catalog.platform.retention
    return max(retention.logs, *(each.keep for each in retention.log_overrides), 0)


def replay_ceiling(memory: str) -> str:
    """Memory that the write-ahead log may fill while it is read again, of the pod's limit."""
    return f"{int(amount(memory) * _REPLAY_SHARE) // MEBIBYTE}MB"


def concurrent_queries(cpu: str) -> int:
    """How many queries a replica works on at once, of the pod's limit; at least one."""
    return max(1, int(amount(cpu) * _QUERIES_A_CORE))


def cache_mebibytes(memory: str) -> int:
    """What Memcached's ``-m`` is to be, of the container's memory."""
    return int(amount(memory) / _OVERHEAD) // MEBIBYTE


def mebibytes(size: float) -> float:
    """Bytes in the unit of ``ingestion_rate_mb``, rounded up to a hundredth."""
    return -(-int(size * 100) // MEBIBYTE) / 100
