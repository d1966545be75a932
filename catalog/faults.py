"""A contradiction between parts of the catalog, before anyone knows in which line it stands."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.yaml_file import Location


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at a location of a service's file, or of ``file`` where it is no service's.

    ``service`` is the index of the service. ``rival`` is the place that it contradicts,
    another service's index and a location; the reader's message ends with it.
    """

    location: Location
    fault: str
    remedy: str
    service: int | None = None
    file: str = "platform.yaml"
    rival: tuple[int, Location] | None = None
