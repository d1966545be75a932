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
#: The components without which an alert says nothing, or which it is a symptom of, in order and
#: with commas between: a dead one silences it. Absent where there is none.
RELIES_ON: Final = "relies_on"

# Annotations of alerts, which Alertmanager's templates and Grafana's contact points read.
SUMMARY: Final = "summary"
DESCRIPTION: Final = "description"
RUNBOOK_URL: Final = "runbook_url"
DASHBOARD_URL: Final = "dashboard_url"
LOGS_URL: Final = "logs_url"
#: What was measured, as the summary puts it.
VALUE: Final = "value"
#: What is promised, and what is left of the error budget, of an alert on an objective.
PROMISE: Final = "objective"
BUDGET_LEFT: Final = "budget_left"
#: The recorded series that a rule of Grafana's own reads: without a ruler there are none.
RECORDED_SERIES: Final = "recorded_series"
#: The label of such a rule with the name of the alert: Grafana puts the title in ``alertname``.
ALERT: Final = "alert"
#: The label by which publishing knows its own rules, and the annotations that hold what it
#: published: the digest of the rule, and how many rules its group has.
MANAGED_BY: Final = "managed_by"
PUBLISHED_DIGEST: Final = "published_digest"
PUBLISHED_GROUP: Final = "published_group"

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


def folder_uid(prefix: str, folder: str) -> str:
    """A folder's uid: never a dashboard's, since Grafana up to 11 keeps both in one table."""
    return f"{prefix}-folder-{folder}"


def alerts_folder_uid(prefix: str) -> str:
    """The folder of the rules that Grafana itself evaluates."""
    return folder_uid(prefix, "alerts")


def datasource_uid(prefix: str, kind: str) -> str:
    """``neurectomy-loki``: stable, so that a dashboard outlives its datasource's address."""
    return f"{prefix}-{kind}"
