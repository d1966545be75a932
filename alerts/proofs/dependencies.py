"""Spans of a caller and of the one it calls, and who is to blame for the caller's errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from alerts.model import Alert
from alerts.proof import INTERVAL_SECONDS, Firing, Incident, Moment, Prove
from alerts.proofs.stories import after, clock, share_above
from catalog import names
from catalog.model import Catalog
from queries.dependencies import WINDOW_SECONDS

_PLACE = {names.CLUSTER: "a", names.ENVIRONMENT: "b"}
_FROM, _UNTIL, _END = 10, 40, 60
_DURING = (_UNTIL - 1) * INTERVAL_SECONDS


@dataclass(frozen=True, slots=True)
class _Minute:
    """Spans a minute while there is trouble; before and after it none of them fails.

    ``caller_failed`` of the ``caller``'s answers fail, ``calls_failed`` of its calls, and
    ``callee_failed`` of the ``callee``'s answers.
    """

    caller: float
    caller_failed: float
    calls_failed: float
    callee: float
    callee_failed: float


def _dependency_failing(catalog: Catalog, alert: Alert) -> tuple[Incident, ...]:
    limit = catalog.platform.thresholds.error_ratio_maximum
    least = catalog.platform.dependencies.explained_minimum
    enough = catalog.platform.thresholds.minimum_events
    most, little = (1 + least) / 2, least / 2
    asked, broken = 100.0 * enough, share_above(limit)
    failed = 3.0 * enough
    # Just enough errors of the one and just enough answers of the other to judge by.
    just = 1.5 * enough / (WINDOW_SECONDS / 60)
    blamed = _Minute(asked, just, most * just, just, broken * just)
    began = _FROM * INTERVAL_SECONDS
    says = Firing(
        _PLACE, f"{most * 100:.4g}%", queried={names.SERVED_ERRORS: f"{broken * 100:.4g}%"}
    )
    few = 0.9 * enough / (WINDOW_SECONDS / 60)
    return (
        Incident(
            "the dependency fails, and its caller with it",
            _series(alert, blamed),
            # Both are too much when two thirds of the window are past.
            clock(catalog).moments(
                alert.hold,
                (says,),
                since=began + WINDOW_SECONDS / 1.5 - 2 * INTERVAL_SECONDS,
                at_last=began + WINDOW_SECONDS,
                over=after(WINDOW_SECONDS, _UNTIL),
            ),
        ),
        Incident(
            "the dependency fails, and its caller for another reason",
            _series(alert, _Minute(asked, failed, little * failed, asked, broken * asked)),
            (Moment(_DURING),),
        ),
        Incident(
            "the caller fails at its calls, and the dependency is well",
            _series(alert, _Minute(asked, failed, most * failed, asked, limit / 2 * asked)),
            (Moment(_DURING),),
        ),
        Incident(
            "the caller has too few errors to say where they come from",
            _series(alert, _Minute(asked, few, most * few, asked, broken * asked)),
            (Moment(_DURING),),
        ),
        Incident(
            "the dependency is asked too seldom to say that it fails",
            _series(alert, _Minute(asked, failed, most * failed, 1, few)),
            (Moment(_DURING),),
        ),
    )


def _series(alert: Alert, minute: _Minute) -> dict[str, str]:
    caller, callee = alert.service, alert.labels[names.DEPENDENCY]
    answers, asks = "SPAN_KIND_SERVER", "SPAN_KIND_CLIENT"
    return {
        _span(caller, answers, "UNSET"): f"0+{minute.caller:.10g}x{_END}",
        _span(caller, answers, "ERROR"): _trouble(minute.caller_failed),
        _span(caller, asks, "UNSET", callee): f"0+{minute.caller:.10g}x{_END}",
        _span(caller, asks, "ERROR", callee): _trouble(minute.calls_failed),
        _span(callee, answers, "UNSET"): f"0+{_fine(minute):.10g}x{_END}",
        _span(callee, answers, "ERROR"): _trouble(minute.callee_failed),
    }


def _fine(minute: _Minute) -> float:
    """All that the callee answers, less what fails."""
    return max(0.0, minute.callee - minute.callee_failed)


def _span(service: str, kind: str, status: str, peer: str = "") -> str:
    labels = {
        **_PLACE,
        "service_name": service,
        "span_kind": kind,
        "span_name": "x",
        "status_code": f"STATUS_CODE_{status}",
        **({"peer_service": peer} if peer else {}),
    }
    written = ",".join(f'{label}="{value}"' for label, value in labels.items())
    return f"traces_span_metrics_calls_total{{{written}}}"


def _trouble(a_minute: float) -> str:
    """A counter that stands still, rises while there is trouble, and stands still again."""
    lasted = _UNTIL - _FROM
    top = a_minute * lasted
    return (
        f"0+0x{_FROM - 1} {a_minute:.10g}+{a_minute:.10g}x{lasted - 1} {top:.10g}+0x{_END - _UNTIL}"
    )


PROOFS: Final[Mapping[str, Prove]] = {"DependencyFailing": _dependency_failing}
