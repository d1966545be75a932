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


def anomalies_uid(prefix: str) -> str:
    """The dashboard of volumes against earlier weeks."""
    return f"{prefix}-anomalies"


def dependencies_uid(prefix: str) -> str:
    """The dashboard of the calls between services."""
    return f"{prefix}-dependencies"


def folder_uid(prefix: str, folder: str) -> str:
    """A folder's uid: never a dashboard's, since Grafana up to 11 keeps both in one table."""
    return f"{prefix}-folder-{folder}"


def datasource_uid(prefix: str, kind: str) -> str:
    """``neurectomy-loki``: stable, so that a dashboard outlives its datasource's address."""
    return f"{prefix}-{kind}"
