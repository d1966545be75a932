"""When something is wrong with the platform's own servers, as PromQL.

Names and labels of the metrics were read in the sources of the releases that the catalog
names: Loki 2.9.4 and 3.7.6 (pkg/loghttp/push, pkg/ingester, pkg/validation, pkg/ruler and
dskit's server), Promtail 2.9.4 (clients/pkg/promtail), Alloy 1.18 (loki.source.file,
loki.write), Jaeger 2.20 (monitoring/jaeger-mixin), memcached_exporter, and on the metrics pages
of Prometheus 2.42 and Alertmanager 0.25.
"""

from __future__ import annotations

from catalog import names
from queries import counters
from queries.promql import (
    PromQL,
    aggregate,
    either,
    group,
    increase,
    quantile,
    rate,
    ratio,
    series,
    total,
)
from queries.text import Matcher, Matchers, equal

LOSS_WINDOW = "15m"
TRAFFIC_WINDOW = "5m"
QUERY_WINDOW = "10m"
CACHE_WINDOW = "15m"
RULES_WINDOW = "10m"

#: Loki's two query routes, as its HTTP server names them.
_QUERY_ROUTES = Matcher("route", "loki_api_v1_query(_range)?", "=~")
_PER_INSTANCE = (*names.SCOPE, names.INSTANCE)


def of_component(component: str) -> Matchers:
    """The targets and series of a component: its job is called as it is."""
    return (equal(names.JOB, component),)


def lines_per_second() -> PromQL:
    """Log lines a second that each distributor takes in; the limit is one distributor's."""
    received = series("loki_distributor_lines_received_total")
    return total(_PER_INSTANCE, rate(received, TRAFFIC_WINDOW))


def streams() -> PromQL:
    """Streams of the fullest ingester, by tenant: replicas hold the same streams, so no sum."""
    return aggregate("max", (*names.SCOPE, "tenant"), series("loki_ingester_memory_streams"))


def rejected_lines() -> PromQL:
    """Lines that Loki refused, by the reason it gave; a reason's counter is born with its line."""
    refused = series("loki_discarded_samples_total")
    by = (*names.SCOPE, "tenant", "reason")
    return total(by, counters.increases(refused, LOSS_WINDOW))


def query_p99() -> PromQL:
    """The 99th percentile of the duration of queries, in seconds, by route."""
    buckets = series("loki_request_duration_seconds_bucket", (_QUERY_ROUTES,))
    return quantile(0.99, (*names.SCOPE, "route"), rate(buckets, QUERY_WINDOW))


def queries_run(minimum: int) -> PromQL:
    """How many queries there were, by route, where there were enough to speak of a percentile."""
    counted = series("loki_request_duration_seconds_count", (_QUERY_ROUTES,))
    run = total((*names.SCOPE, "route"), increase(counted, QUERY_WINDOW))
    return counters.at_least(minimum, run)


def cache_hit_ratio() -> PromQL:
    """The share of lookups that the cache answered; NaN without lookups."""
    return ratio(_lookups(equal("status", "hit")), _lookups())


def cache_lookups(minimum: int) -> PromQL:
    """Lookups within the window, where they reach the minimum."""
    return counters.at_least(minimum, _lookups())


def _lookups(*more: Matcher) -> PromQL:
    asked = series("memcached_commands_total", (equal("command", "get"), *more))
    return total(names.SCOPE, increase(asked, CACHE_WINDOW))


def cache_unreachable() -> PromQL:
    """Each exporter that is up and cannot reach its Memcached."""
    return PromQL(f"{series('memcached_up')} == 0")


def agent_lag() -> PromQL:
    """Bytes of log files that an agent has still to read: Promtail's gauges, or Alloy's."""
    promtail = _unread("promtail_file_bytes_total", "promtail_read_bytes_total")
    alloy = _unread("loki_source_file_file_bytes_total", "loki_source_file_read_bytes_total")
    return group(either(promtail, alloy))


def _unread(size: str, read: str) -> PromQL:
    return total(_PER_INSTANCE, PromQL(f"{series(size)} - {series(read)}"))


def dropped_lines() -> PromQL:
    """Lines that an agent gave up to deliver, by reason: Promtail's counter, or Alloy's."""
    by = (*_PER_INSTANCE, "reason")
    names_ = ("promtail_dropped_entries_total", "loki_write_dropped_entries_total")
    return group(either(*(total(by, increase(series(name), LOSS_WINDOW)) for name in names_)))


def failed_notifications() -> PromQL:
    """Notifications that Alertmanager could not deliver, by integration."""
    failed = series("alertmanager_notifications_failed_total")
    return total((*names.SCOPE, "integration"), increase(failed, RULES_WINDOW))


def undelivered_alerts() -> PromQL:
    """Alerts that a Prometheus could hand to no Alertmanager."""
    dropped = series("prometheus_notifications_dropped_total")
    return total(_PER_INSTANCE, increase(dropped, RULES_WINDOW))


def failed_rules() -> PromQL:
    """Evaluations that failed, by rule group of a Prometheus."""
    failed = series("prometheus_rule_evaluation_failures_total")
    return total((*names.SCOPE, "rule_group"), increase(failed, RULES_WINDOW))


def failed_log_rules() -> PromQL:
    """Evaluations that failed, by rule group of Loki's ruler.

    The metric is called ``cortex_…`` up to 2.9 and ``loki_…`` since 3.0.
    """
    metrics = (
        "loki_prometheus_rule_evaluation_failures_total",
        "cortex_prometheus_rule_evaluation_failures_total",
    )
    by = (*names.SCOPE, "rule_group")
    return group(either(*(total(by, increase(series(name), RULES_WINDOW)) for name in metrics)))


def refused_configuration(component: str) -> PromQL:
    """Each server that runs on with an old configuration because it refused the new one."""
    return PromQL(f"{series(f'{component}_config_last_reload_successful')} == 0")


def lost_spans() -> PromQL:
    """Spans that Jaeger refused to take or failed to store.

    Its collector writes ``_total`` only where its telemetry is configured to.
    """
    jaeger = of_component("jaeger")
    names_of_old = ("otelcol_receiver_refused_spans", "otelcol_exporter_send_failed_spans")
    lost = (*names_of_old, *(f"{name}_total" for name in names_of_old))
    either_way = either(*(counters.increases(series(name, jaeger), LOSS_WINDOW) for name in lost))
    return total(_PER_INSTANCE, either_way)
