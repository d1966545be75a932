"""What PromQL's functions ask of their argument and do to it."""

from __future__ import annotations

from typing import Final

#: Events of a counter: a gauge given to them makes no sense.
COUNTER: Final = frozenset({"rate", "irate", "increase", "resets"})
#: Changes of a gauge: a counter given to them falls at each restart.
GAUGE: Final = frozenset(
    {"delta", "idelta", "deriv", "predict_linear", "holt_winters", "double_exponential_smoothing"}
)
#: Over the samples of a window; of a raw counter these say nothing.
SAMPLES: Final = frozenset({"avg_over_time", "sum_over_time", "quantile_over_time"})
#: Over the samples of a window, sensible of a counter too.
ANY_SAMPLES: Final = frozenset(
    {
        "changes",
        "count_over_time",
        "last_over_time",
        "mad_over_time",
        "max_over_time",
        "min_over_time",
        "present_over_time",
        "stddev_over_time",
        "stdvar_over_time",
    }
)
#: The answer is a number without the argument's unit.
UNITLESS: Final = frozenset(
    {
        *("changes", "count_over_time", "present_over_time", "resets"),
        *("ln", "log2", "log10", "exp", "sgn", "sqrt"),
        *("day_of_month", "day_of_week", "day_of_year", "days_in_month"),
        *("hour", "minute", "month", "year", "stdvar_over_time"),
    }
)
#: Aggregations that look at whether series are there, not at their values.
PRESENCE: Final = frozenset({"count", "count_values", "group"})
#: Aggregations whose answer is not in the unit of what they read.
OTHER_UNIT: Final = frozenset({*PRESENCE, "stdvar"})
#: Aggregations and functions whose first argument is a share, from 0 to 1.
SHARES: Final = frozenset({"histogram_quantile", "quantile", "quantile_over_time"})
#: Aggregations that keep the labels of the series they choose.
CHOOSING: Final = frozenset({"topk", "bottomk", "limitk", "limit_ratio"})
