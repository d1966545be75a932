"""Is a volume unusual for this hour of the week? The answer, from the same hour of earlier weeks.

The score is the modified z-score of Iglewicz and Hoaglin ("How to Detect and Handle Outliers",
1993; also NIST/SEMATECH e-Handbook, 1.3.5.17): ``0.6745 * (x - median) / MAD``, where MAD is the
median absolute deviation. 0.6745 is the third quartile of the normal distribution, and 1 / 0.6745
is the 1.4826 that makes MAD a standard deviation of what is normally distributed. One bad week of
five moves neither median.

Two things are added. Each earlier week is brought to today's level, or a service that was scaled
up would be unusual until most of the weeks are new. And no spread is taken to be less than a share
of what is expected, or less than chance alone brings: events that come independently of each other
(Poisson) vary by the square root of their number.

It costs little: an hour's mean is recorded as it passes, and is read again by its offset.
"""

from __future__ import annotations

from catalog import names
from catalog.expectations import WEEKS_MINIMUM
from catalog.service import Service
from catalog.signals import Metric
from queries import requests
from queries.promql import PromQL, aggregate, either, group, over, series
from queries.text import Matchers, equal, window

#: What is judged: the mean over the longer window of rates over the shorter one, so that a burst
#: of seconds is none.
WINDOW, RECENT = "5m", "15m"
RECENT_SECONDS = 900
HOUR = "1h"

_WEEK_SECONDS = 7 * 86400
#: A mean over the hour before a moment has its middle half an hour earlier: these three are around
#: the half hour before, the moment itself and the half hour after.
_AROUND_SECONDS = (0, 1800, 3600)
#: The level is the usual ratio of the last two days' hours to those of an earlier week: an outage
#: of less than a day does not change it, and what stays for longer is the new level.
_LEVEL_RANGE = "2d:1h"
#: Makes a median absolute deviation of a normal distribution its standard deviation: 1.4826, and
#: a fifth more for the few weeks there are (of five the median is too small: Croux and Rousseeuw,
#: "Time-Efficient Algorithms for Two Highly Robust Estimators of Scale", 1992, have 1.206).
_NORMAL = 1.78
_BY = (*names.SCOPE, names.SERVICE)
#: Tells the three spreads apart of which the largest counts.
_OF = "of"

LINES = "lines"
REQUESTS = "requests"


def of_service(service: Service) -> Matchers:
    """The recorded volumes of a service, in every cluster."""
    return (equal(names.SERVICE, service.id),)


def line_rate(service: Service) -> PromQL:
    """Lines a second, of all levels together."""
    return aggregate("sum", _BY, series(names.LOG_LINES_RATE, of_service(service)))


def request_rate(service: Service, metric: Metric) -> PromQL:
    """Requests a second."""
    return requests.by_label(metric, _BY, of_service(service), WINDOW)


def recorded_request_rate(service: Service) -> PromQL:
    """The same, as it is recorded."""
    return aggregate("sum", _BY, series(names.REQUESTS_RATE, of_service(service)))


def recent(service: Service) -> PromQL:
    """What is judged."""
    return over("avg_over_time", series(names.ANOMALY_VALUE, of_service(service)), RECENT)


def hour(service: Service) -> PromQL:
    """The mean of the last hour: the step that later weeks read."""
    return over("avg_over_time", series(names.ANOMALY_VALUE, of_service(service)), HOUR)


def level(service: Service, week: int) -> PromQL:
    """How many times as much as in an earlier week there is: the median of the hours' ratios."""
    hours = series(names.ANOMALY_HOUR, of_service(service))
    ratio = f"{hours} / ({_ago(hours, week)} > 0)"
    return PromQL(f"quantile_over_time(0.5, ({ratio})[{_LEVEL_RANGE}])")


def week(service: Service, number: int) -> PromQL:
    """What this time of the week had that many weeks ago, brought to today's level."""
    hours = series(names.ANOMALY_HOUR, of_service(service))
    around = " + ".join(_ago(hours, number, later) for later in _AROUND_SECONDS)
    levels = series(names.ANOMALY_LEVEL, (*of_service(service), equal(names.WEEK, str(number))))
    mean = f"({around}) / {len(_AROUND_SECONDS)}"
    return PromQL(f"{mean} * ignoring ({names.WEEK}) {levels}")


def expected(service: Service) -> PromQL:
    """The median of the earlier weeks, once there are enough of them."""
    weeks = series(names.ANOMALY_WEEK, of_service(service))
    counted = f"count without ({names.WEEK}) ({weeks}) >= {WEEKS_MINIMUM}"
    return PromQL(f"{_median(weeks)} and {counted}")


def spread(service: Service, minimum: float) -> PromQL:
    """How far apart the weeks are, or what chance alone brings, or the least that counts."""
    weeks = series(names.ANOMALY_WEEK, of_service(service))
    middle = series(names.ANOMALY_EXPECTED, of_service(service))
    apart = PromQL(f"abs({weeks} - ignoring ({names.WEEK}) group_left () {middle})")
    by_chance = f"sqrt(clamp_min({middle} * {RECENT_SECONDS}, 1)) / {RECENT_SECONDS}"
    spreads = either(
        _named(PromQL(f"{_NORMAL} * {_median(apart)}"), "weeks"),
        _named(PromQL(f"{minimum:g} * {middle}"), "share"),
        _named(PromQL(by_chance), "chance"),
    )
    # The middle one is there only for who has enough weeks.
    return PromQL(f"max without ({_OF}) ({spreads}) and {middle}")


def score(service: Service) -> PromQL:
    """How many spreads the volume is above (or, below zero, under) what is expected."""
    where = of_service(service)
    now, middle = series(names.ANOMALY_RECENT, where), series(names.ANOMALY_EXPECTED, where)
    return PromQL(f"({now} - {middle}) / {series(names.ANOMALY_SPREAD, where)}")


def unusual(service: Service, limit: float, minimum_events: int) -> PromQL:
    """The volume, where its score is over the limit and the difference is no handful of events."""
    where = of_service(service)
    now, middle = series(names.ANOMALY_RECENT, where), series(names.ANOMALY_EXPECTED, where)
    far = f"abs({series(names.ANOMALY_SCORE, where)}) > {limit:g}"
    many = f"abs({now} - {middle}) * {RECENT_SECONDS} >= {minimum_events}"
    return PromQL(f"{now} and {far} and {many}")


# As the dashboard reads it.


def volume(matchers: Matchers) -> PromQL:
    """The volume that is judged, in events a second."""
    return series(names.ANOMALY_RECENT, matchers)


def usual(matchers: Matchers) -> PromQL:
    """What is expected, in events a second."""
    return series(names.ANOMALY_EXPECTED, matchers)


def border(matchers: Matchers, spreads: float) -> PromQL:
    """That many spreads above (or under) what is expected, and never under nothing."""
    sign = "+" if spreads > 0 else "-"
    width = series(names.ANOMALY_SPREAD, matchers)
    return PromQL(f"clamp_min({usual(matchers)} {sign} {abs(spreads):g} * {width}, 0)")


def scores(matchers: Matchers) -> PromQL:
    """The recorded scores."""
    return series(names.ANOMALY_SCORE, matchers)


def share_of_usual(matchers: Matchers) -> PromQL:
    """The volume as a share of what is expected: 1 is as usual."""
    return PromQL(f"{volume(matchers)} / ({usual(matchers)} > 0)")


def weeks(matchers: Matchers) -> PromQL:
    """What each earlier week had at this time, at today's level."""
    return series(names.ANOMALY_WEEK, matchers)


def _ago(hours: PromQL, weeks: int, later: int = 0) -> PromQL:
    return PromQL(f"{hours} offset {window(weeks * _WEEK_SECONDS - later)}")


def _median(weeks: PromQL) -> PromQL:
    return PromQL(f"quantile without ({names.WEEK}) (0.5, {weeks})")


def _named(expression: PromQL, name: str) -> PromQL:
    return PromQL(f'label_replace({group(expression)}, "{_OF}", "{name}", "", "")')
