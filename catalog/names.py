"""The one owner of every name that two files must agree on.

Label names, recorded series, severities and uids are spelled here and nowhere else,
so that a dashboard and the rule it links to cannot drift apart.
"""

from __future__ import annotations

from typing import Final, Literal

# Labels that say where a signal comes from: from the agent to the alert.
CLUSTER: Final = "cluster"
ENVIRONMENT: Final = "environment"
NAMESPACE: Final = "namespace"
SERVICE: Final = "service"
POD: Final = "pod"
LEVEL: Final = "level"
#: Which release a pod runs while two run side by side: the stable one or the canary.
TRACK: Final = "track"
INSTANCE: Final = "instance"
JOB: Final = "job"
COMPONENT: Final = "component"
LE: Final = "le"

#: Nothing is summed across these without saying so.
SCOPE: Final = (CLUSTER, ENVIRONMENT)
#: The labels Prometheus gives every target it scrapes.
TARGET_LABELS: Final = (CLUSTER, ENVIRONMENT, NAMESPACE, SERVICE, POD, JOB, INSTANCE)

# Labels of rules and recorded series.
SEVERITY: Final = "severity"
TEAM: Final = "team"
OBJECTIVE: Final = "objective"
WINDOW: Final = "window"
#: Of a pair of burn windows the shorter one; the longer one is in ``window``.
SHORT_WINDOW: Final = "short_window"

Severity = Literal["page", "ticket", "none"]
PAGE: Final = "page"
TICKET: Final = "ticket"
#: Tells nobody: the severity of the watchdog, whose silence is what matters.
UNHEARD: Final = "none"

# Recorded series: level:metric:operations, after Prometheus' recording rule practices.
SLI_EVENTS: Final = "slo:sli_events:increase5m"
SLI_ERRORS: Final = "slo:sli_errors:increase5m"
BURN_RATE: Final = "slo:burn_rate:ratio"
OBJECTIVE_RATIO: Final = "slo:objective:ratio"
ATTAINMENT: Final = "slo:attainment:ratio"
BUDGET_REMAINING: Final = "slo:error_budget_remaining:ratio"
TIME_TO_EXHAUSTION: Final = "slo:time_to_exhaustion:seconds"
LOG_LINES_RATE: Final = "service:log_lines:rate5m"
LOG_BYTES_RATE: Final = "service:log_bytes:rate5m"

# Canary and stable, recorded only while there is a canary (queries/canary.py).
#: Events since the last evaluation, and those of them that were bad.
CANARY_EVENTS: Final = "canary:events:increase"
CANARY_BAD: Final = "canary:bad_events:increase"
#: Those that are yet to be compared: a comparison waits until both tracks have some.
CANARY_EVENTS_PENDING: Final = "canary:events:pending"
CANARY_BAD_PENDING: Final = "canary:bad_events:pending"
#: All of them since the canary began.
CANARY_EVENTS_TOTAL: Final = "canary:events:sum"
CANARY_BAD_TOTAL: Final = "canary:bad_events:sum"
CANARY_BAD_RATIO: Final = "canary:bad_events:ratio"
#: The share of bad events that stable is expected to have, that a worse canary would have, and
#: that both would have if nothing told them apart.
CANARY_EXPECTED: Final = "canary:expected:ratio"
CANARY_HYPOTHESIS: Final = "canary:hypothesis:ratio"
CANARY_ALIKE: Final = "canary:alike:ratio"
#: How much better a worse canary explains all events than one that is like stable: of one
#: hypothesis, and of all of them together.
CANARY_BET: Final = "canary:bet:ratio"
CANARY_EVIDENCE: Final = "canary:evidence:ratio"
CANARY_NEW_PATTERNS: Final = "canary:new_error_patterns:count"
CANARY_VERDICT: Final = "canary:verdict:state"
#: Labels of these: what is compared, and how many times the odds a hypothesis expects.
REASON: Final = "reason"
TIMES: Final = "times"
#: What an automation is asked to do about an alert.
ACTION: Final = "action"
ROLLBACK: Final = "rollback"

#: The recorded step of events and errors: every longer window is a sum of these.
TILE_SECONDS: Final = 300
#: How often budgets are recorded: within Prometheus' lookback of five minutes even when an
#: evaluation is missed, so that a page never shows none.
BUDGET_SECONDS: Final = 120
#: The label of a step's calendar quarter, as in ``2026.4``.
QUARTER: Final = "quarter"
#: The value of the label ``window`` for the calendar quarter so far.
THIS_QUARTER: Final = "quarter"

#: Grafana refuses a longer uid.
UID_LIMIT: Final = 40


def unified_uid(prefix: str) -> str:
    """The dashboard of metrics, logs and traces in one."""
    return f"{prefix}-unified"


def logs_uid(prefix: str, service: str) -> str:
    """The dashboard of one service's logs."""
    return f"{prefix}-logs-{service}"


def slo_uid(prefix: str, service: str | None = None) -> str:
    """The dashboard of a service's objectives, or the overview of all of them."""
    return f"{prefix}-slo-{service}" if service else f"{prefix}-slo"


def platform_uid(prefix: str) -> str:
    """The dashboard of the platform's own servers."""
    return f"{prefix}-platform"


def canary_uid(prefix: str) -> str:
    """The dashboard of canaries beside the stable release."""
    return f"{prefix}-canary"


def folder_uid(prefix: str, folder: str) -> str:
    """A folder's uid: never a dashboard's, since Grafana up to 11 keeps both in one table."""
    return f"{prefix}-folder-{folder}"


def datasource_uid(prefix: str, kind: str) -> str:
    """``neurectomy-loki``: stable, so that a dashboard outlives its datasource's address."""
    return f"{prefix}-{kind}"
