"""Every dashboard that was imported, in order; `build.py import` adds a line for each."""

from __future__ import annotations

from collections.abc import Callable

from catalog.model import Catalog
from dashboards.imported import Imported

IMPORTED: tuple[Callable[[Catalog], Imported], ...] = ()
