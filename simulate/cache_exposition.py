"""What a Memcached exporter exposes, where none is at hand."""

from __future__ import annotations

from simulate.exposition import Family, Sample
from simulate.flow import Flow
from simulate.world import World


def of_cache(world: World) -> list[Family]:
    """A cache that answers most of its lookups."""
    hits = _of_cache(world, 40.0, "hit")
    misses = _of_cache(world, 9.0, "miss")
    gets = (
        Sample("_total", {"command": "get", "status": "hit"}, lambda now: int(hits.count(now))),
        Sample("_total", {"command": "get", "status": "miss"}, lambda now: int(misses.count(now))),
        Sample("_total", {"command": "set", "status": "hit"}, lambda now: int(misses.count(now))),
    )
    limit = 1024.0**3
    evicted = _of_cache(world, 0.4, "evicted")
    used = 0.6 * limit
    return [
        Family("memcached_up", "gauge", "Could the server be reached.", (_constant(1.0),)),
        Family("memcached_commands", "counter", "All lookups, by command and status.", gets),
        Family("memcached_limit_bytes", "gauge", "Bytes it may use.", (_constant(limit),)),
        Family(
            "memcached_current_bytes",
            "gauge",
            "Bytes used to store items.",
            (Sample("", {}, lambda now: used + int(hits.count(now)) % int(0.2 * limit)),),
        ),
        Family(
            "memcached_items_evicted",
            "counter",
            "Items thrown out for want of room.",
            (Sample("_total", {}, lambda now: int(evicted.count(now))),),
        ),
        Family(
            "memcached_items",
            "counter",
            "Items stored: what was looked up and not found.",
            (Sample("_total", {}, lambda now: int(misses.count(now))),),
        ),
        Family("memcached_max_connections", "gauge", "May be open.", (_constant(1024.0),)),
        Family("memcached_current_connections", "gauge", "Are open.", (_constant(12.0),)),
    ]


def _of_cache(world: World, rate: float, key: str) -> Flow:
    return Flow(rate, world.start, "cache", f"cache/{key}")


def _constant(value: float) -> Sample:
    return Sample("", {}, lambda _now: value)
