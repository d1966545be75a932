"""Whether an answer's numbers can be what the panel says they are.

Bounds are wide: they find a unit that was mistaken (a share given in percent, seconds below
nothing), and leave it to alerts what a service ought to do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

#: A share of ten, which is a thousand per cent, is more likely a percentage that was not divided.
_LARGEST_SHARE = 10.0
#: An error budget may be overspent many times; nothing else that is a share goes below nothing.
_SMALLEST_SHARE = -1000.0
#: Longer than Prometheus has existed, in seconds.
_LONGEST = 3.2e9
_TIME = {"ns": 1e-9, "µs": 1e-6, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_TIME |= {"d": 86400.0, "dtdurations": 1.0, "dtdurationms": 1e-3, "clocks": 1.0, "clockms": 1e-3}
_SIZES = frozenset({"bytes", "decbytes", "Bps", "binBps", "bits", "decbits", "bps", "binbps"})


def fault(unit: str, numbers: Sequence[float]) -> str:
    """What cannot be, or nothing. NaN is looked at elsewhere: it says that nothing is known."""
    known = [each for each in numbers if not math.isnan(each)]
    if not known:
        return ""
    least, most = min(known), max(known)
    if unit == "percentunit" and not _SMALLEST_SHARE <= least <= most <= _LARGEST_SHARE:
        return f"a share between {least:g} and {most:g}: is it a percentage already?"
    if unit in _TIME:
        finite = [each for each in known if math.isfinite(each)]
        if least < 0:
            return f"a time of {least:g} {unit}"
        if finite and max(finite) * _TIME[unit] > _LONGEST:
            return f"a time of {max(finite):g} {unit}: is it a moment, or another unit?"
    if unit in _SIZES and (least < 0 or not math.isfinite(most)):
        return f"a size of {least if least < 0 else most:g}"
    return ""


def is_nan_only(numbers: Sequence[float]) -> bool:
    """Whether there are values, and none of them is a number."""
    return bool(numbers) and all(math.isnan(each) for each in numbers)
