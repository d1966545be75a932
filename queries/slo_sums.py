"""What is recorded of an objective above its alerts: sums, burn rates and the hours of a quarter.

A sum over more than an hour is laid out of shorter ones, end to end: each term is one sample
that was recorded so much earlier. So it is weighted by traffic, exact at every evaluation, and
a month costs ten samples. A term is looked for half an hour back, so that an evaluation that
was missed does not lose it; one that does not exist yet counts nothing.
"""

from __future__ import annotations

from catalog import names
from catalog.service import Objective, Service
from catalog.spans import RAW_SECONDS, SHORTEST_SECONDS, Layout
from queries import slo_series
from queries.promql import PromQL, aggregate, over, total
from queries.slo import of_objective
from queries.text import Matchers, window

#: How far back a term is looked for where the evaluation that should have recorded it is missing.
TERM_RANGE = "30m"
#: So much of a difference between two series that count the same is none: Prometheus extrapolates
#: each of a dozen pods and routes to the ends of the range on its own, and clients do not always
#: expose a count and its buckets of the same instant. Two percent, and five events more; a gap of
#: an hour for less would be worse than what it guards against.
_SLACK, _SPARE = 0.02, 5
#: In the middle of the hour that has just ended, so that a quarter's last hour is its own.
_HALF_AN_HOUR = RAW_SECONDS // 2


def calendar_quarter(before: int = 0) -> PromQL:
    """One sample whose label ``quarter`` names the calendar quarter so many seconds ago, in UTC."""
    date = f"vector(time() - {before})" if before else "vector(time())"
    number = f"year({date}) + ceil(month({date}) / 3) / 10"
    return PromQL(f'count_values("{names.QUARTER}", {number})')


def broken(service: Service, objective: Objective) -> PromQL:
    """1 where what was measured cannot be, else 0.

    That is: more bad events than events, fewer than none, or nothing that tells them apart.
    """
    where = of_objective(service, objective)
    whole = slo_series.counted(names.MEASURED_EVENTS, where, SHORTEST_SECONDS)
    bad = slo_series.counted(names.MEASURED_ERRORS, where, SHORTEST_SECONDS)
    above = f"({bad} > bool {1 + _SLACK:g} * {whole} + {_SPARE})"
    below = f"({bad} < bool -{_SLACK:g} * {whole} - {_SPARE})"
    told = f"{above} + {below} or 0 * {whole} + 1"
    return aggregate("max", names.SCOPE, PromQL(told))


def sound_events(service: Service, objective: Objective, seconds: int) -> PromQL:
    """The measured events, unless the indicator was broken within the window."""
    where = of_objective(service, objective)
    flag = over("max_over_time", slo_series.broken(where), window(seconds))
    scope = ", ".join(names.SCOPE)
    measured = slo_series.counted(names.MEASURED_EVENTS, where, seconds)
    return PromQL(f"{measured} unless on ({scope}) {flag} == 1")


def sound_errors(service: Service, objective: Objective, seconds: int) -> PromQL:
    """The measured errors where the events are sound: never below none or above all of them."""
    where = of_objective(service, objective)
    bad = slo_series.counted(names.MEASURED_ERRORS, where, seconds)
    whole = slo_series.counted(names.SLI_EVENTS, where, seconds)
    return PromQL(f"clamp_min({bad}, 0) <= {whole} or {whole} and {bad}")


def laid_out(name: str, matchers: Matchers, made_of: Layout) -> PromQL:
    """A sum of recorded sums end to end; nothing while the newest of them is not there."""
    newest = slo_series.counted(name, matchers, made_of.part)
    terms = (
        over("last_over_time", newest, TERM_RANGE, offset=window(made_of.part * number))
        for number in range(1, made_of.number)
    )
    return PromQL(" + ".join((newest, *(f"({term} or 0 * {newest})" for term in terms))))


def error_ratio(part: PromQL, whole: PromQL) -> PromQL:
    """Errors of events; without any event the share of errors is 0, not undefined."""
    return PromQL(f"({part} / ({whole} > 0) or 0 * {whole})")


def burn_rate(service: Service, objective: Objective, seconds: int) -> PromQL:
    """How many times faster than allowed the error budget burns over the window."""
    where = of_objective(service, objective)
    part = slo_series.counted(names.SLI_ERRORS, where, seconds)
    whole = slo_series.counted(names.SLI_EVENTS, where, seconds)
    return PromQL(f"{error_ratio(part, whole)} / {objective.budget:.10g}")


def hourly(summed: str, service: Service, objective: Objective) -> PromQL:
    """The last hour's sum, once after every full hour, with the quarter that it belongs to.

    It is due at the first evaluation of an hour: at the one before which the last sum was
    recorded in the hour before. A few that are missed only make it late, but where no sum was
    recorded within Prometheus' lookback of five minutes the hour stays open, and is missed.
    """
    hour = slo_series.counted(summed, of_objective(service, objective), RAW_SECONDS)
    began = f"time() - time() % {RAW_SECONDS}"
    due = PromQL(
        f"{hour} and timestamp({hour}) >= {began} and timestamp({hour} offset 1s) < {began}"
    )
    labelled = f"on () group_left ({names.QUARTER}) {calendar_quarter(_HALF_AN_HOUR)}"
    return PromQL(f"{total(names.SCOPE, due)} * {labelled}")
