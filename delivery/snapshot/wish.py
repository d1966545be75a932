"""How pictures are to be taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ImageKind = Literal["png", "jpeg", "webp"]
ENDINGS: dict[ImageKind, str] = {"png": "png", "jpeg": "jpg", "webp": "webp"}

#: Of 100; below the last, letters fray.
_QUALITIES = (85, 75, 65, 55, 45)


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is looked at. ``width`` is in CSS pixels, ``theme`` one of Grafana's."""

    width: int
    theme: str


@dataclass(frozen=True, slots=True)
class Film:
    """How a picture is kept: ``scale`` pixels of it for each of the page.

    ``largest`` is in bytes; 0 is no limit.
    """

    image: ImageKind
    scale: float
    largest: int

    @property
    def qualities(self) -> tuple[int, ...]:
        """What is tried, the best first, until the file is small enough; a PNG has none."""
        return _QUALITIES[:1] if self.image == "png" or not self.largest else _QUALITIES


@dataclass(frozen=True, slots=True)
class Wish:
    """All of it. ``since`` and ``until`` are as Grafana's address has them.

    ``seconds`` is how long one dashboard may take to be drawn.
    """

    look: Look
    film: Film
    since: str | None
    until: str | None
    seconds: float
