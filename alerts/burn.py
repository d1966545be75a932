"""Which burn rate foretells what; the numbers are in catalog/windows.yaml.

A burn rate of 1 spends the error budget in exactly one period. To spend a share of it
within a window, errors have to come ``share * period / window`` times as fast
(:meth:`catalog.platform.Window.factor`):
https://sre.google/workbook/alerting-on-slos ("Multiple Burn Rate Alerts").
"""

from __future__ import annotations

from collections.abc import Iterable

from catalog.names import PAGE
from catalog.platform import Window


def forecast(windows: Iterable[Window]) -> int:
    """The window whose burn rate foretells the budget's end: the longest that pages.

    A shorter one would jump about, a longer one would not see today's outage.
    """
    known = tuple(windows)
    paging = [window.long for window in known if window.severity == PAGE]
    return max(paging) if paging else min(window.long for window in known)
