"""All links."""
from __future__ import annotations
from typing import Any
def links(run: Any) -> list[Any]:
    return []
