"""Calls between services, as their spans tell: how many, how many fail, how long they take.

Jaeger's ``span_metrics`` connector counts every span by service, kind and outcome, and, with
``peer.service`` among its dimensions, a client's span by whom it called. So an edge is counted
where it begins, by the caller; a node where it ends, by the one that answers. The counters are of
the spans that reach Jaeger: where traces are sampled, shares hold and numbers are too small.

Everything is recorded once, since the raw series are as many as there are routes.
"""

from __future__ import annotations

from catalog import names
from catalog.service import Service
from queries.counters import at_least
from queries.promql import PromQL, aggregate, quantile, rate, series
from queries.text import Matcher, Matchers, equal

WINDOW = "5m"
WINDOW_SECONDS = 300

_CALLS = "traces_span_metrics_calls_total"
_DURATION = "traces_span_metrics_duration_milliseconds_bucket"
_SERVICE, _PEER = "service_name", "peer_service"
_ANSWERS = (equal("span_kind", "SPAN_KIND_SERVER"),)
_ASKS = (equal("span_kind", "SPAN_KIND_CLIENT"), Matcher(_PEER, "", "!="))
_FAILED = equal("status_code", "STATUS_CODE_ERROR")
_NODE, _EDGE = (*names.SCOPE, _SERVICE), (*names.SCOPE, _SERVICE, _PEER)
_MILLISECONDS = 1000


def served() -> PromQL:
    """Requests a second that each service answers."""
    return _named_node(_rate(_NODE, _ANSWERS))


def served_errors() -> PromQL:
    """Those that failed; 0 where none did."""
    return _named_node(_failures(_NODE, _ANSWERS))


def served_p95() -> PromQL:
    """The 95th percentile of how long an answer takes, in seconds."""
    return _named_node(_p95(_NODE, _ANSWERS))


def calls() -> PromQL:
    """Calls a second from each service to each that it asks."""
    return _named_edge(_rate(_EDGE, _ASKS))


def call_errors() -> PromQL:
    """Those that failed, as the caller saw it; 0 where none did."""
    return _named_edge(_failures(_EDGE, _ASKS))


def call_p95() -> PromQL:
    """The 95th percentile of how long the caller waits, in seconds."""
    return _named_edge(_p95(_EDGE, _ASKS))


def explained(
    caller: Service, callee: Service, *, share: float, error_ratio: float, minimum: int
) -> PromQL:
    """The share of the caller's errors that its calls bring, where the callee is to blame.

    A caller that tries again fails more often at its calls than at its answers: no share is over 1.
    """
    own, other = (equal(names.SERVICE, each.id) for each in (caller, callee))
    from_calls = _by_place(names.CALL_ERRORS, own, equal(names.DEPENDENCY, callee.id))
    errors = _by_place(names.SERVED_ERRORS, own)
    served_there = _by_place(names.SERVED, other)
    failing = f"{_by_place(names.SERVED_ERRORS, other)} / {served_there} > {error_ratio:g}"
    enough = (
        at_least(minimum, PromQL(f"{counted} * {WINDOW_SECONDS}"))
        for counted in (errors, served_there)
    )
    return PromQL(
        f"clamp_max({from_calls} / {errors}, 1) >= {share:g} and {failing} "
        f"and {' and '.join(enough)}"
    )


# As the dashboard reads them.


def recorded(name: str, matchers: Matchers) -> PromQL:
    """One of the recorded series."""
    return series(name, matchers)


def error_share(errors: str, whole: str, matchers: Matchers) -> PromQL:
    """The share that failed of what was recorded; a gap where there was nothing."""
    return PromQL(f"{series(errors, matchers)} / ({series(whole, matchers)} > 0)")


def node(expression: PromQL) -> PromQL:
    """The expression by service, as a node of a graph: its id and its title."""
    by = (names.SERVICE,)
    named = aggregate("max", by, expression)
    return _also(_also(named, "id", names.SERVICE), "title", names.SERVICE)


def edge(expression: PromQL) -> PromQL:
    """The expression by service and dependency, as an edge: its id, and both ends of it."""
    both = (names.SERVICE, names.DEPENDENCY)
    named = aggregate("max", both, expression)
    ends = _also(_also(named, "source", names.SERVICE), "target", names.DEPENDENCY)
    listed = ", ".join(f'"{label}"' for label in both)
    return PromQL(f'label_join({ends}, "id", " to ", {listed})')


def _rate(by: tuple[str, ...], matchers: Matchers) -> PromQL:
    return aggregate("sum", by, rate(series(_CALLS, matchers), WINDOW))


def _failures(by: tuple[str, ...], matchers: Matchers) -> PromQL:
    return PromQL(f"({_rate(by, (*matchers, _FAILED))} or 0 * {_rate(by, matchers)})")


def _p95(by: tuple[str, ...], matchers: Matchers) -> PromQL:
    found = quantile(0.95, by, rate(series(_DURATION, matchers), WINDOW))
    return PromQL(f"{found} / {_MILLISECONDS}")


def _by_place(name: str, *matchers: Matcher) -> PromQL:
    return aggregate("sum", names.SCOPE, series(name, matchers))


def _named_node(expression: PromQL) -> PromQL:
    """By the names that all other series have."""
    named = _also(expression, names.SERVICE, _SERVICE)
    return aggregate("sum", (*names.SCOPE, names.SERVICE), named)


def _named_edge(expression: PromQL) -> PromQL:
    named = _also(_also(expression, names.SERVICE, _SERVICE), names.DEPENDENCY, _PEER)
    return aggregate("sum", (*names.SCOPE, names.SERVICE, names.DEPENDENCY), named)


def _also(expression: PromQL, label: str, source: str) -> PromQL:
    """The expression with one more label: a copy of another."""
    return PromQL(f'label_replace({expression}, "{label}", "$1", "{source}", "(.*)")')
