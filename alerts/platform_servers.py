"""More alert rules of Memcached, of Prometheus, and of replicas that are not there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from alerts import text
from alerts.model import Alert
from alerts.platform_parts import HOLD, LONG_HOLD, Build, above
from catalog import names
from catalog.model import Catalog
from catalog.platform import ComponentId, Environment
from queries import cache_alerts, counters, prometheus_alerts, targets
from queries.promql import PromQL


def memcached(catalog: Catalog, alert: Build) -> Iterator[Alert]:
    """Too little room, for items or for connections."""
    thresholds = catalog.platform.thresholds
    maximum, share = thresholds.cache_eviction_ratio_maximum, thresholds.limit_share_maximum
    if maximum is not None:
        yield alert(
            "CacheTooSmall",
            cache_alerts.evicted_share(maximum, thresholds.minimum_events),
            f"The cache {text.INSTANCE} throws out {text.PERCENT} of what it takes in",
            f"Over {cache_alerts.EVICTIONS_WINDOW} more than {text.percent(maximum)} of new items "
            "pushed out one that had not expired. Look first at its memory limit, at whether the "
            "queries' ranges have grown, and at the size of its items.",
            hold=LONG_HOLD,
        )
    yield alert(
        "CacheConnectionsNearLimit",
        above(cache_alerts.connection_share(), share),
        f"The cache {text.INSTANCE} uses {text.PERCENT} of its connections",
        f"Above {text.percent(share)} there is little room; beyond the limit Loki waits for a "
        "connection or goes without the cache. Look first at how many queriers there are, at "
        "their idle connections, and at the cache's limit.",
        hold=HOLD,
    )


def prometheus(catalog: Catalog, alert: Build) -> Iterator[Alert]:
    """Alerts that come late or reach nobody, and samples that are lost."""
    minimum = catalog.platform.thresholds.minimum_events
    yield alert(
        "RuleEvaluationsMissed",
        above(prometheus_alerts.missed_evaluations(), 0),
        f"Prometheus left out {text.NUMBER} evaluations of {text.label('rule_group')}",
        "One took longer than the group's interval, so that alerts come late and recorded series "
        "have gaps. Look first at how long the group takes, at which rule is dear, and at "
        "Prometheus' CPU.",
        hold=HOLD,
    )
    yield alert(
        "NoAlertReceiver",
        PromQL(f"{prometheus_alerts.alertmanagers()} < 1"),
        f"Prometheus {text.INSTANCE} knows of no Alertmanager",
        "Whatever fires, nobody is told. Look first at its status page, at 'alerting' in its "
        "configuration, and at whether Alertmanager's service has endpoints.",
        severity=names.PAGE,
        hold=HOLD,
    )
    yield alert(
        "MetricStorageFailing",
        above(prometheus_alerts.failed_storage(), 0),
        f"Prometheus {text.INSTANCE} failed {text.NUMBER} times in its storage: "
        f"{text.label(prometheus_alerts.PART)}",
        f"Within {prometheus_alerts.STORAGE_WINDOW}. It runs on, and its disk fills or a restart "
        "loses samples. Look first at its log, at the room on its volume, and at its memory.",
        hold=HOLD,
    )
    yield alert(
        "SamplesRefused",
        counters.at_least(minimum, prometheus_alerts.refused_samples()),
        f"Prometheus {text.INSTANCE} refused {text.NUMBER} samples: "
        f"{text.label(prometheus_alerts.REASON)}",
        f"Within {prometheus_alerts.SAMPLES_WINDOW}; their series have gaps. Look first at its "
        "log for the target, at whether two targets have the same labels, and at what a target "
        "has begun to expose.",
        hold=HOLD,
    )


def replicas(catalog: Catalog, component: ComponentId, alert: Build) -> Iterator[Alert]:
    """Fewer that answer than an environment is to run, for every number that is to run.

    Prometheus forgets a pod that is not there any more, and that is no target that is down.
    Of one replica that is missing, ``AllTargetsDown`` and ``NotScraped`` tell.
    """
    declared = catalog.platform.components[component]
    expected: defaultdict[int, list[Environment]] = defaultdict(list)
    for environment in catalog.platform.environments:
        expected[environment.replicas.get(component, declared.replicas)].append(environment)
    for number, environments in sorted(expected.items()):
        if number < 2:
            continue
        places = tuple((each.cluster, each.environment) for each in environments)
        yield alert(
            "ReplicasMissing",
            targets.fewer_up(component, places, number),
            f"Of {number} replicas of {declared.name}, {text.NUMBER} answer in cluster "
            f"{text.label(names.CLUSTER)}",
            "The others are down or are not there at all; one more may be one too many. Look "
            "first at whether they are scheduled, at whether they restart, and at what they "
            "logged last.",
            hold=LONG_HOLD,
        )
