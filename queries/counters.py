"""How many events a counter counted, also those that its series began with.

``increase`` sees only what is added to a series that is there: of a counter that is born
with its first error, that error is lost (https://github.com/prometheus/prometheus/issues/1673).
A metric that is emitted lazily is born so, and the agent's series die when they are idle and
are born again. So what such a series showed first is added, if it was not there when the
window began and its target was: a pod that moved or a scrape that was missed is no birth.
"""

from __future__ import annotations

from catalog import names
from catalog.signals import Metric
from queries.promql import PromQL, aggregate, increase, over, ratio, series, total
from queries.text import Matchers, selection

#: Tells what a series began with from what was added to it, so that ``or`` keeps both.
_BORN = "born"


def increases(selector: PromQL, window: str) -> PromQL:
    """The events of each series within the window, births included."""
    alive = f"{series('up')} offset {window} == 1"
    born = (
        f"{over('min_over_time', selector, window)} unless {selector} offset {window} "
        f"and on ({names.JOB}, {names.INSTANCE}) {alive}"
    )
    return PromQL(
        f'{increase(selector, window)} or label_replace({born}, "{_BORN}", "yes", "", "")'
    )


def counter(metric: Metric) -> str:
    """The series that counts a metric's events."""
    return f"{metric.name}_count" if metric.type == "histogram" else metric.name


def counted(metric: Metric, selector: PromQL, by: tuple[str, ...], window: str) -> PromQL:
    """What one of the metric's series counted within the window, by labels."""
    lazy = metric.emission == "lazy"
    return total(by, increases(selector, window) if lazy else increase(selector, window))


def events(metric: Metric, by: tuple[str, ...], matchers: Matchers, window: str) -> PromQL:
    """A metric's events within the window, by labels."""
    return counted(metric, series(counter(metric), matchers), by, window)


def bad_share(metric: Metric, by: tuple[str, ...], matchers: Matchers, window: str) -> PromQL:
    """The share of the events that went wrong: nothing, not 0, where none ever did."""
    whole = events(metric, by, matchers, window)
    if metric.bad:
        return ratio(events(metric, by, (*matchers, *selection(metric.bad)), window), whole)
    good = events(metric, by, (*matchers, *selection(metric.good or {})), window)
    return PromQL(f"({whole} - ({good} or 0 * {whole})) / {whole}")


def at_least(number: float, expression: PromQL) -> PromQL:
    """The expression where its value reaches the number."""
    return PromQL(f"{expression} >= {number:g}")


def present(by: tuple[str, ...], expression: PromQL) -> PromQL:
    """1 for every set of labels that the expression has series of."""
    return aggregate("group", by, expression)
