"""Whether a live object says what a manifest says; what the cluster adds does not count."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)(m|[kMGTPE]i?|Ki)?")
_UNITS = {
    "": Decimal(1),
    "m": Decimal("0.001"),
    **{unit: Decimal(1000) ** power for power, unit in enumerate("kMGTPE", 1)},
    **{f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTPE", 1)},
}


def unlike(wanted: Any, there: Any, where: str = "") -> str:
    """The first place at which something that is wanted is not there; empty if all is.

    A cluster adds defaults to objects and to the items of lists, never items in between.
    """
    if isinstance(wanted, dict):
        if not isinstance(there, dict):
            return where or "its top"
        for key, value in wanted.items():
            inner = f"{where}.{key}" if where else str(key)
            if key not in there:
                # Kubernetes leaves out what is empty.
                if value in (None, {}, [], "", False, 0):
                    continue
                return inner
            if found := unlike(value, there[key], inner):
                return found
        return ""
    if isinstance(wanted, list):
        if not isinstance(there, list) or len(there) < len(wanted):
            return where
        pairs = enumerate(zip(wanted, there, strict=False))
        inside = (unlike(ours, theirs, f"{where}[{index}]") for index, (ours, theirs) in pairs)
        return next((each for each in inside if each), "")
    return "" if wanted == there or _same_amount(wanted, there) else where


def _same_amount(wanted: Any, there: Any) -> bool:
    """1000m of CPU is what the cluster calls 1."""
    amounts = [_QUANTITY.fullmatch(str(each)) for each in (wanted, there)]
    one, other = (Decimal(each[1]) * _UNITS[each[2] or ""] if each else None for each in amounts)
    return one is not None and one == other
