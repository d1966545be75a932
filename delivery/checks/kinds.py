"""Which of Grafana's panels show numbers, and which show what."""

from __future__ import annotations

from typing import Final

#: Numbers, which need a unit and a query.
OF_NUMBERS: Final = frozenset(
    {
        *("barchart", "bargauge", "gauge", "heatmap", "histogram", "piechart", "stat"),
        *("table", "timeseries", "trend", "xychart"),
    }
)
#: Something else that is asked for.
OF_ANSWERS: Final = OF_NUMBERS | {"logs", "nodeGraph", "state-timeline", "status-history", "traces"}
