"""What the platform's own servers say of themselves, by component.

Metric names are those of Loki 2.9 and 3.x, Promtail 2.9, Alloy 1.x, the Memcached exporter,
Prometheus 2.x and 3.x, Alertmanager and Jaeger 2. Where two agents say the same under two
names, both are asked.
"""

from __future__ import annotations

from catalog import names
from queries.promql import (
    PromQL,
    aggregate,
    either,
    quantile,
    rate,
    ratio,
    series,
    total,
)
from queries.scope import scope
from queries.text import Matcher, equal

#: Routes of Loki that answer queries.
QUERY_ROUTES = "loki_api_v1_(query|query_range|series|labels|label_name_values|index_stats)"
#: The agents' names for one thing: Promtail's, then Alloy's.
_FILE_BYTES = ("promtail_file_bytes_total", "loki_source_file_file_bytes_total")
_READ_BYTES = ("promtail_read_bytes_total", "loki_source_file_read_bytes_total")
_SENT = ("promtail_sent_entries_total", "loki_write_sent_entries_total")
_DROPPED = ("promtail_dropped_entries_total", "loki_write_dropped_entries_total")
#: Jaeger's collector leaves the suffix out unless its telemetry is configured to write it.
_ACCEPTED = ("otelcol_receiver_accepted_spans", "otelcol_receiver_accepted_spans_total")
_REFUSED = ("otelcol_receiver_refused_spans", "otelcol_receiver_refused_spans_total")


def some(expression: PromQL) -> PromQL:
    """Only what is above zero: of what ought not to happen, nothing is the usual answer."""
    return PromQL(f"({expression}) > 0")


def _rule_group(expression: PromQL) -> PromQL:
    """The label ``group`` is the rule group without the path of its file."""
    return PromQL(f'label_replace({expression}, "group", "$1", "rule_group", ".*;(.*)")')


def _rate_by(name: str, *by: str) -> PromQL:
    return total(by, rate(series(name, scope())))


def targets_up() -> PromQL:
    """The share of each component's targets that answer a scrape."""
    of_components = (*scope(), Matcher(names.COMPONENT, "", "!="))
    return aggregate("avg", (names.COMPONENT,), series("up", of_components))


def bytes_received() -> PromQL:
    """Bytes a second that Loki's distributors take in, before compression."""
    return _rate_by("loki_distributor_bytes_received_total")


def streams() -> PromQL:
    """Streams in memory of each Loki; a stream counts on every replica that holds it."""
    return total((names.INSTANCE,), series("loki_ingester_memory_streams", scope()))


def discarded() -> PromQL:
    """Lines a second that Loki refuses, by reason."""
    return some(_rate_by("loki_discarded_samples_total", "reason"))


def query_latency(q: float) -> PromQL:
    """A percentile of how long Loki takes to answer queries."""
    routes = Matcher("route", QUERY_ROUTES, "=~")
    buckets = series("loki_request_duration_seconds_bucket", (*scope(), routes))
    return quantile(q, (), rate(buckets))


def query_failures() -> PromQL:
    """Queries a second that Loki answers with a server error."""
    failed = (*scope(), Matcher("route", QUERY_ROUTES, "=~"), Matcher("status_code", "5..", "=~"))
    return total(("route",), rate(series("loki_request_duration_seconds_count", failed)))


def agent_lag() -> PromQL:
    """Bytes that stand in files and have not been read yet, by agent."""
    pairs = zip(_FILE_BYTES, _READ_BYTES, strict=True)
    return either(
        *(
            PromQL(
                f"{total((names.INSTANCE,), series(written, scope()))}"
                f" - {total((names.INSTANCE,), series(read, scope()))}"
            )
            for written, read in pairs
        )
    )


def agent_sent() -> PromQL:
    """Entries a second that agents deliver to Loki, by agent."""
    return either(*(_rate_by(name, names.INSTANCE) for name in _SENT))


def agent_dropped() -> PromQL:
    """Entries a second that agents give up on, by agent."""
    return some(either(*(_rate_by(name, names.INSTANCE) for name in _DROPPED)))


def cache_hit_ratio() -> PromQL:
    """The share of Memcached's gets that find something."""
    gets = (*scope(), equal("command", "get"))
    hits = total((), rate(series("memcached_commands_total", (*gets, equal("status", "hit")))))
    return ratio(hits, total((), rate(series("memcached_commands_total", gets))))


def cache_fill_ratio() -> PromQL:
    """The share of Memcached's memory that is used, by instance."""
    used = total((names.INSTANCE,), series("memcached_current_bytes", scope()))
    return ratio(used, total((names.INSTANCE,), series("memcached_limit_bytes", scope())))


def cache_evictions() -> PromQL:
    """Items a second that Memcached throws out for want of room, by instance."""
    return _rate_by("memcached_items_evicted_total", names.INSTANCE)


def head_series() -> PromQL:
    """Series that Prometheus holds in memory."""
    return total((names.INSTANCE,), series("prometheus_tsdb_head_series", scope()))


def samples_appended() -> PromQL:
    """Samples a second that Prometheus stores."""
    return _rate_by("prometheus_tsdb_head_samples_appended_total", names.INSTANCE)


def rule_failures() -> PromQL:
    """Rule evaluations a second that fail, by rule group."""
    return _rule_group(some(_rate_by("prometheus_rule_evaluation_failures_total", "rule_group")))


def rule_duration() -> PromQL:
    """How long evaluations of the five slowest rule groups took.

    The five are chosen once, at the end of what is shown: chosen at each step, they would be more.
    """
    name = series("prometheus_rule_group_last_duration_seconds", scope())
    lasted = aggregate("max", ("rule_group",), name)
    longest = aggregate("max", ("rule_group",), PromQL(f"max_over_time({name}[$__range] @ end())"))
    slowest = aggregate("topk", (), longest, "5")
    return _rule_group(PromQL(f"{lasted} and {slowest}"))


def alerts_by_state() -> PromQL:
    """Alerts that Alertmanager holds, by state."""
    return total(("state",), series("alertmanager_alerts", scope()))


def notifications() -> PromQL:
    """Notifications a second that Alertmanager sends, by integration."""
    return some(_rate_by("alertmanager_notifications_total", "integration"))


def notification_failures() -> PromQL:
    """Notifications a second that fail, by integration."""
    return some(_rate_by("alertmanager_notifications_failed_total", "integration"))


def spans_accepted() -> PromQL:
    """Spans a second that Jaeger takes in."""
    return either(*(_rate_by(name, "receiver") for name in _ACCEPTED))


def spans_refused() -> PromQL:
    """Spans a second that Jaeger refuses."""
    return some(either(*(_rate_by(name, "receiver") for name in _REFUSED)))
