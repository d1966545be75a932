"""What proves the alerts on the cache, on Prometheus, Alertmanager and Jaeger."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.model import Alert
from alerts.proof import Firing, Incident, Proof
from alerts.proofs import stories
from alerts.proofs.servers import Stage, instance, of, proofs, refused_configuration
from alerts.proofs.shown import number, percentage
from alerts.proofs.stories import HERE, Series
from catalog.model import Catalog
from queries import platform_alerts


def _watchdog(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    stage = Stage(catalog, alert)
    any_target = {"job": stories.ANY, "instance": stories.ANY}
    values = f"_x{stage.lead} {stories.holding((stage.trouble, 1))} stale"
    yield Incident(
        "something is scraped, until nothing is",
        stories.up(values, any_target),
        stage.at_once(Firing(HERE, "")),
    )
    # Written by a Prometheus, and no target's.
    other = {stories.one_series("ALERTS", HERE): stage.still(1)}
    yield stories.near("nothing is scraped", other, stage.quiet)


def _failing_rules(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    stage = Stage(catalog, alert, platform_alerts.RULES_WINDOW)
    group = {"rule_group": stories.ANY}
    metric = "prometheus_rule_evaluation_failures_total"
    metrics = {"a rule group fails": metric}
    if alert.service == "loki":
        metrics = {
            "a rule group of the ruler fails": f"loki_{metric}",
            "a rule group of the ruler fails, as 2.9 calls it": f"cortex_{metric}",
        }
    for title, name in metrics.items():
        yield Incident(
            title,
            of(alert.service, name, stage.counter(1), group),
            stage.counted(Firing({**HERE, **group}, "")),
        )
    for name in metrics.values():
        past = of(alert.service, name, stage.still(10), group)
        yield stories.near("failures of an hour ago", past, stage.quiet)
        break


def _low_hit_ratio(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    thresholds = catalog.platform.thresholds
    stage = Stage(catalog, alert, platform_alerts.CACHE_WINDOW)
    minimum = thresholds.cache_hit_ratio_minimum
    if minimum is None:
        raise LookupError(f"{alert.name} has no limit")
    many = 10.0 * thresholds.minimum_events

    def lookups(hit: float, a_minute: float) -> Series:
        command = {"command": "get"}
        metric = "memcached_commands_total"
        hits, misses = (
            stories.counting(
                (stage.lead, 0),
                (stage.trouble, share * a_minute),
                (stage.rest, a_minute if share == hit else 0),
            )
            for share in (hit, 1 - hit)
        )
        return {
            **of("memcached", metric, hits, command, {"status": "hit"}),
            **of("memcached", metric, misses, command, {"status": "miss"}),
        }

    def few(share: float) -> float:
        return share * thresholds.minimum_events / (stage.window // 60)

    low = 0.8 * minimum
    firing = Firing(HERE, percentage(low))
    yield Incident(
        f"{percentage(low)} of the lookups are answered",
        lookups(low, many),
        stage.counted(firing),
    )
    yield Incident(
        "just enough lookups to judge by", lookups(low, few(1.5)), stage.filled(0, firing)
    )
    better = min(1.2 * minimum, (1 + minimum) / 2)
    yield stories.near(f"{percentage(better)} of them are", lookups(better, many), stage.quiet)
    handful = lookups(low, few(0.8))
    yield stories.near("a handful of lookups: too few to judge by", handful, stage.quiet)
    yield stories.near("nobody looks anything up", lookups(low, 0), stage.quiet)


def _cache_unreachable(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    stage = Stage(catalog, alert)
    firing = Firing({**HERE, **stories.exposed("memcached")}, "")
    yield Incident(
        "the exporter cannot reach it",
        of("memcached", "memcached_up", stage.gauge(1, 0)),
        stage.at_once(firing),
    )
    brief = of("memcached", "memcached_up", stage.gauge(1, 0, 2))
    yield stories.near("it cannot for a moment", brief, stage.quiet)


def _undelivered(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    stage = Stage(catalog, alert, platform_alerts.RULES_WINDOW)
    metric = "prometheus_notifications_dropped_total"
    yield Incident(
        "no Alertmanager took them",
        of("prometheus", metric, stories.holding((stage.lead, 0), (stage.trouble, 3))),
        stage.birth(Firing({**HERE, **instance("prometheus")}, number(3))),
    )
    past = of("prometheus", metric, stage.still(3))
    yield stories.near("none for longer than it looks back", past, stage.quiet)


def _failing_notifications(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    stage = Stage(catalog, alert, platform_alerts.RULES_WINDOW)
    metric = "alertmanager_notifications_failed_total"
    reason = {"reason": "other"}

    def failed(integration: str, values: str) -> Series:
        return of("alertmanager", metric, values, {"integration": integration}, reason)

    by_then = stage.time.up_to(alert.hold) // 60 + 1
    yield Incident(
        "one integration fails, another does not",
        {**failed("slack", stage.counter(1)), **failed("webhook", stage.still(0))},
        stage.counted(Firing({**HERE, "integration": "slack"}, number(by_then))),
    )
    yield stories.near("one try long ago", failed("slack", stage.still(1)), stage.quiet)


def _spans_lost(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    stage = Stage(catalog, alert, platform_alerts.LOSS_WINDOW, births=True)
    minimum = catalog.platform.thresholds.minimum_events
    enough, refused = 1.5 * minimum, "otelcol_receiver_refused_spans"
    failed = "otelcol_exporter_send_failed_spans"
    a_minute = enough / (stage.window // 60)
    storage, receiver = {"exporter": "jaeger_storage_exporter"}, {"receiver": "otlp"}
    firing = Firing({**HERE, **instance("jaeger")}, number(enough))
    answers = stories.up(stage.still(1), stories.server("jaeger"))
    for suffix, called in (("_total", ""), ("", ", as another telemetry calls it")):
        yield Incident(
            f"it cannot store them{called}",
            {
                **of("jaeger", f"{refused}{suffix}", stage.still(0), receiver),
                **of("jaeger", f"{failed}{suffix}", stage.counter(a_minute), storage),
            },
            stage.filled(1 / 1.5, firing),
        )
        yield Incident(
            f"the first spans that it refuses{called}",
            {**answers, **of("jaeger", f"{refused}{suffix}", stage.born(enough), receiver)},
            stage.birth(firing),
        )
    few = of("jaeger", f"{failed}_total", stage.counter(0.8 * a_minute / 1.5), storage)
    yield stories.near("a handful of spans", few, stage.quiet)
    other = of("collector", f"{refused}_total", stage.counter(10 * minimum), receiver)
    yield stories.near("what another collector loses is its own", other, stage.quiet)


PROOFS = proofs(
    {
        "AlertsUndelivered": _undelivered,
        "CacheUnreachable": _cache_unreachable,
        "ConfigurationRefused": refused_configuration,
        "LowCacheHitRatio": _low_hit_ratio,
        "NotificationsFailing": _failing_notifications,
        "RuleEvaluationFailing": _failing_rules,
        "SpansLost": _spans_lost,
        "Watchdog": _watchdog,
    }
)
