"""The one owner of every name that two files must agree on.

Label names, recorded series, severities and uids are spelled here and nowhere else,
so that a dashboard and the rule it links to cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Mapping
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

#: An error message without its numbers and names (queries/log_patterns.py).
ERROR_PATTERN: Final = "error_pattern"

Severity = Literal["page", "ticket", "none"]
PAGE: Final = "page"
TICKET: Final = "ticket"
#: Tells nobody: the severity of the watchdog, whose silence is what matters.
UNHEARD: Final = "none"

# Recorded series: level:metric:operations, after Prometheus' recording rule practices.
# Of an objective's indicator, by ``window``: as measured, and as far as it can be believed.
MEASURED_EVENTS: Final = "slo:sli_events:measured"
MEASURED_ERRORS: Final = "slo:sli_errors:measured"
SLI_EVENTS: Final = "slo:sli_events:sum"
SLI_ERRORS: Final = "slo:sli_errors:sum"
#: 1 while what is measured cannot be: more errors than events, or fewer than none.
SLI_BROKEN: Final = "slo:sli_broken:bool"
#: 1 at each evaluation at which something was fresh, 0 at each at which it was stale.
SLI_FRESH: Final = "slo:sli_fresh:bool"
# One sample for every full hour, by ``quarter``: what the calendar quarter is added up from.
HOURLY_EVENTS: Final = "slo:sli_events:increase1h"
HOURLY_ERRORS: Final = "slo:sli_errors:increase1h"
# What Loki's ruler counts each minute of the log lines that an objective is about.
LOG_SLI_EVENTS: Final = "slo:log_sli_events:count1m"
LOG_SLI_ERRORS: Final = "slo:log_sli_errors:count1m"
BURN_RATE: Final = "slo:burn_rate:ratio"
OBJECTIVE_RATIO: Final = "slo:objective:ratio"
ATTAINMENT: Final = "slo:attainment:ratio"
BUDGET_REMAINING: Final = "slo:error_budget_remaining:ratio"
TIME_TO_EXHAUSTION: Final = "slo:time_to_exhaustion:seconds"
LOG_LINES_RATE: Final = "service:log_lines:rate5m"
LOG_BYTES_RATE: Final = "service:log_bytes:rate5m"
LOG_STREAMS: Final = "service:log_streams:count5m"
LOG_BYTES_STEP: Final = "cluster:log_bytes:increase5m"
#: The recorded step of bytes: a month is a sum of these.
VOLUME_STEP_SECONDS: Final = 300
LOG_BYTES_MONTH: Final = "cluster:log_bytes:month_to_date"
LOG_BYTES_FORECAST: Final = "cluster:log_bytes:month_forecast"
LOG_COST_MONTH: Final = "cluster:log_cost:month_to_date"
LOG_COST_FORECAST: Final = "cluster:log_cost:month_forecast"
REQUESTS_RATE: Final = "service:requests:rate5m"

# Volumes against the same hour of earlier weeks (queries/anomaly.py).
ANOMALY_VALUE: Final = "anomaly:value:rate5m"
ANOMALY_RECENT: Final = "anomaly:recent:rate15m"
ANOMALY_HOUR: Final = "anomaly:hour:rate1h"
ANOMALY_LEVEL: Final = "anomaly:level:ratio"
ANOMALY_WEEK: Final = "anomaly:week:rate2h"
ANOMALY_EXPECTED: Final = "anomaly:expected:rate"
ANOMALY_SPREAD: Final = "anomaly:spread:rate"
ANOMALY_SCORE: Final = "anomaly:score:ratio"
# Calls between services, from their spans (queries/dependencies.py).
SERVED: Final = "service:served_spans:rate5m"
SERVED_ERRORS: Final = "service:served_errors:rate5m"
SERVED_P95: Final = "service:served_seconds:p95_5m"
CALLS: Final = "dependency:calls:rate5m"
CALL_ERRORS: Final = "dependency:call_errors:rate5m"
CALL_P95: Final = "dependency:call_seconds:p95_5m"
#: The service that is called; ``service`` is the one that calls.
DEPENDENCY: Final = "dependency"

#: Which of a service's volumes a series is about, in the plural: ``lines`` or ``requests``.
SIGNAL: Final = "signal"
#: How many weeks ago.
WEEK: Final = "week"

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

#: How often budgets are recorded: within Prometheus' lookback of five minutes even when an
#: evaluation is missed, so that a page never shows none.
BUDGET_SECONDS: Final = 120
#: The label of an hour's calendar quarter, as in ``2026.4``.
QUARTER: Final = "quarter"
#: The label of a step's calendar month, as in ``202611``.
MONTH: Final = "month"
#: The value of the label ``window`` for the calendar quarter so far.
THIS_QUARTER: Final = "quarter"

#: Grafana refuses a longer uid.
UID_LIMIT: Final = 40


def alert_subject(name: str, labels: Mapping[str, str]) -> str:
    """What tells one alert rule from another of its name, at the head of each of its tests.

    ``TargetDown{service="loki"}``: the rule's own labels, less whom it tells and how loudly.
    """
    own = (f'{key}="{value}"' for key, value in labels.items() if key not in {SEVERITY, TEAM})
    return f"{name}{{{','.join(own)}}}"


def unified_uid(prefix: str) -> str:
    """The dashboard of metrics, logs and traces in one."""
    return f"{prefix}-unified"


def logs_uid(prefix: str, service: str) -> str:
    """The dashboard of one service's logs."""
    return f"{prefix}-logs-{service}"


def log_explorer_uid(prefix: str) -> str:
    """The dashboard of the LogQL library."""
    return f"{prefix}-log-explorer"


def slo_uid(prefix: str, service: str | None = None) -> str:
    """The dashboard of a service's objectives, or the overview of all of them."""
    return f"{prefix}-slo-{service}" if service else f"{prefix}-slo"


def platform_uid(prefix: str) -> str:
    """The dashboard of the platform's own servers."""
    return f"{prefix}-platform"


def anomalies_uid(prefix: str) -> str:
    """The dashboard of volumes against earlier weeks."""
    return f"{prefix}-anomalies"


def dependencies_uid(prefix: str) -> str:
    """The dashboard of the calls between services."""
    return f"{prefix}-dependencies"


def canary_uid(prefix: str) -> str:
    """The dashboard of canaries beside the stable release."""
    return f"{prefix}-canary"


def folder_uid(prefix: str, folder: str) -> str:
    """A folder's uid: never a dashboard's, since Grafana up to 11 keeps both in one table."""
    return f"{prefix}-folder-{folder}"


def alerts_folder_uid(prefix: str) -> str:
    """The folder of the rules that Grafana itself evaluates."""
    return folder_uid(prefix, "alerts")


def datasource_uid(prefix: str, kind: str) -> str:
    """``neurectomy-loki``: stable, so that a dashboard outlives its datasource's address."""
    return f"{prefix}-{kind}"
