"""The maintenance schedule: what is done how often, by which command, and what if not all is well.

How often and for how long each look takes is the seed's table; queries come from the builders that
dashboards and alerts use, and numbers from the catalog. A block that says ``live`` is run by the
live tests against a demo, one that says ``run`` without any server.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from catalog import names
from catalog.deployment import Deployment
from catalog.model import Catalog
from delivery.guides.blocks import Maker, Page
from delivery.guides.catalog_tables import table
from queries import log_volume, platform_alerts
from queries.promql import PromQL, over, series

#: Where a task's commands can be run: without a server, on a live stack, on a cluster, or only
#: with what the reader fills in.
Where = Literal["run", "run: live", "run: cluster", "yours"]
Every = Literal["Daily", "Weekly", "Monthly", "Quarterly", "Yearly"]

#: Minutes that each round takes, by the seed's table.
MINUTES: Mapping[Every, int] = {
    "Daily": 5,
    "Weekly": 30,
    "Monthly": 60,
    "Quarterly": 120,
    "Yearly": 240,
}


@dataclass(frozen=True, slots=True)
class Task:
    """One of them. ``expect`` is a sentence, ``otherwise`` what to do where it is not so."""

    every: Every
    title: str
    where: Where
    commands: tuple[str, ...]
    expect: str
    otherwise: str


def tasks(catalog: Catalog) -> Iterator[Task]:
    """All of them, the most frequent first."""
    for made in (_daily, _weekly, _monthly, _quarterly, _yearly):
        yield from made(catalog)


def _asked(*queries: PromQL) -> tuple[str, ...]:
    return tuple(
        f'curl -sS "$PROMETHEUS_URL/api/v1/query" -G \\\n  --data-urlencode '
        f"{shlex.quote(f'query={query}')}"
        for query in queries
    )


def _of_each(catalog: Catalog, query: str) -> str:
    """A query of the library that is asked of one service, for all of them."""
    services = " ".join(each.id for each in catalog.services)
    asked = f'python build.py query run {query} --service "$service"'
    return f"for service in {services}; do\n  {asked}\ndone"


def _runbooks(*alerts: str) -> str:
    return ", ".join(f"[{each}](runbooks/{each}.md)" for each in alerts)


def _daily(catalog: Catalog) -> Iterator[Task]:
    planned = sum(each.volume.lines_per_minute for each in catalog.services) / 60
    bound = (
        catalog.platform.limits.lines_per_second * catalog.platform.thresholds.limit_share_maximum
    )
    yield Task(
        "Daily",
        "Lines come in, and none is refused",
        "run: live",
        _asked(platform_alerts.lines_per_second(), platform_alerts.rejected_lines()),
        f"About {planned:,.0f} lines a second on average, far below {bound:,.0f}; the second "
        "answer has no result, or zeros.",
        f"{_runbooks('IngestionNearLimit', 'LogLinesRejected', 'AgentLagging')}.",
    )
    yield Task(
        "Daily",
        "No service is silent",
        "run: live",
        (_of_each(catalog, "volume-trend --since 1h --step 5m"),),
        "Every service has lines in every interval.",
        f"{_runbooks('ServiceSilent')}.",
    )
    yield Task(
        "Daily",
        "Nothing fires that nobody looks at",
        "run: live",
        ('curl -sS "$ALERTMANAGER_URL/api/v2/alerts?active=true&silenced=false"',),
        "Only `Watchdog`, which always fires, and what somebody has taken on.",
        "The alert's own runbook, linked in its message.",
    )
    if catalog.deployment:
        yield _pods(catalog, catalog.deployment)


def _pods(catalog: Catalog, deployment: Deployment) -> Task:
    space = _space(catalog)
    agent = deployment.trees[-1].agent.split()[0]
    apps = ["loki", agent, *(["memcached"] if deployment.memcached else [])]
    return Task(
        "Daily",
        "Everything runs",
        "run: cluster",
        (f"kubectl get pods -n {space} -l 'app in ({','.join(apps)})' -o wide",),
        "Every pod is `Running` and ready, and none restarted since yesterday.",
        f"{_runbooks('ReplicasMissing', 'TargetDown')}.",
    )


def _space(catalog: Catalog) -> str:
    """The namespace of the pipeline, as its Services' names have it."""
    place = next(
        each
        for each in catalog.platform.environments
        if catalog.deployment and each.id == catalog.deployment.environment
    )
    return place.addresses["loki"].split("//")[1].split(":")[0].split(".")[1]


def _weekly(catalog: Catalog) -> Iterator[Task]:
    bound = catalog.platform.thresholds.query_p99_seconds
    yield Task(
        "Weekly",
        "Slow queries",
        "run: live",
        (
            "python build.py query run query-performance --since 24h",
            *_asked(platform_alerts.query_p99()),
        ),
        f"No dashboard's query among the slowest; the 99th percentile below {bound:g} s.",
        f"{_runbooks('SlowLogQueries')}; a person's own query belongs into the "
        "[query library](query-reference.md) in a cheaper form.",
    )
    ratio = catalog.platform.thresholds.cache_hit_ratio_minimum
    if ratio is not None:
        yield Task(
            "Weekly",
            "The cache is worth its memory",
            "run: live",
            _asked(platform_alerts.cache_hit_ratio()),
            f"Over {ratio:.0%} of lookups are hits.",
            f"{_runbooks('LowCacheHitRatio', 'CacheTooSmall')}.",
        )
    yield Task(
        "Weekly",
        "Every panel, rule and link still works",
        "yours",
        ("python build.py audit --report audit.html",),
        "Exit status 0: nothing is wrong; what is *lazy* is meant.",
        "[Why not](audit.md): the report names the reason of each empty answer.",
    )
    yield Task(
        "Weekly",
        "What was edited in Grafana comes into the sources, and a backup is taken",
        "yours",
        ("python build.py pull", 'python build.py backup "backup-$(date +%F)"'),
        "Nothing was edited; the backup lists what it kept.",
        "[Bring it into the sources or give it up](publishing.md), before the next publish "
        "refuses it.",
    )


def _monthly(catalog: Catalog) -> Iterator[Task]:
    budget = catalog.platform.limits.monthly_bytes
    yield Task(
        "Monthly",
        "Storage against its budget",
        "run: live",
        _asked(
            series(names.LOG_BYTES_MONTH),
            series(names.LOG_BYTES_FORECAST),
            *(
                [log_volume.cost_forecast(catalog.platform.spending)]
                if catalog.platform.spending
                else []
            ),
        ),
        f"Bytes that the month has brought so far, and what it will bring: at most "
        f"{budget / 1e9:,.0f} GB.",
        f"{_runbooks('MonthlyVolumeOverBudget', 'MonthlyCostOverBudget')}.",
    )
    share = catalog.platform.thresholds.limit_share_maximum
    yield Task(
        "Monthly",
        "Labels and streams",
        "run: live",
        (_of_each(catalog, "label-cardinality"), *_asked(platform_alerts.streams())),
        f"Few values a label; fewer than {share * catalog.platform.limits.streams:,.0f} streams.",
        f"{_runbooks('HighLabelCardinality', 'StreamsNearLimit')}.",
    )
    yield Task(
        "Monthly",
        "Services that the catalog does not know",
        "yours",
        ("python build.py discover",),
        "No draft, and no difference in what the catalog knows.",
        "[Add them](adding-a-service.md).",
    )
    if catalog.deployment:
        claim = "app.kubernetes.io/name=loki"
        yield Task(
            "Monthly",
            "Disks of Loki's replicas",
            "run: cluster",
            (f"kubectl get pvc -n {_space(catalog)} -l {claim}",),
            f"One of {_size(catalog.deployment)} for each replica, all `Bound`.",
            f"{_runbooks('LogDiskFull')}.",
        )


def _size(deployment: Deployment) -> str:
    return str(deployment.loki.volume)


def _quarterly(catalog: Catalog) -> Iterator[Task]:
    kept = catalog.platform.retention
    rules = ", ".join(
        f"{' '.join(f'{k}={v}' for k, v in each.match.items())} {each.keep / 86400:g} days"
        for each in kept.log_overrides
    )
    yield Task(
        "Quarterly",
        "Retention is what was agreed, and is enforced",
        "run: live",
        ('curl -sS "$LOKI_URL/config" | grep -E "retention_(period|enabled)"',),
        f"Lines are kept {kept.logs / 86400:g} days" + (f" ({rules})" if rules else "") + ".",
        f"{_runbooks('RetentionStale', 'CompactionStale')}; a new agreement goes into "
        "`retention` of `catalog/platform.yaml`.",
    )
    yield Task(
        "Quarterly",
        "A restore that works",
        "yours",
        (
            'python build.py backup "drill-$(date +%F)"',
            'GRAFANA_URL=GRAFANA_TO_TRY_ON python build.py restore "drill-$(date +%F)"',
        ),
        "A Grafana that is empty has all that is ours in the end; Loki's lines as in "
        "[backup.md](backup.md).",
        "What cannot come back is listed by `restore`.",
    )
    yield Task(
        "Quarterly",
        "Alerts still fire when they should, and only then",
        "yours",
        (
            "promtool test rules generated/prometheus/tests/*.yaml",
            "python build.py backtest",
        ),
        "No failed test; every incident found within its time.",
        "[How to read it](backtest.md).",
    )
    yield Task(
        "Quarterly",
        "What a team must confirm is still so",
        "run",
        ("python build.py check", "grep -c '^| ' docs/confirm.md"),
        "No finding; then go through [the page](confirm.md) with each team: owners, channels, "
        "objectives, thresholds.",
        "Change the catalog's fact and its `source`.",
    )


def _yearly(catalog: Catalog) -> Iterator[Task]:
    limit = catalog.platform.limits.lines_per_second
    weeks = catalog.platform.retention.metrics / 604800
    highest = over("max_over_time", PromQL(f"({platform_alerts.lines_per_second()})"), "30d:1h")
    yield Task(
        "Yearly",
        "Capacity for the year to come",
        "run: live",
        _asked(highest),
        f"The highest rate of a month, beside the limit of {limit:,.0f} lines a second. Prometheus "
        f"keeps {weeks:.0f} weeks: lay it beside last year's.",
        "Set `volume` of each service and `limits` in the catalog, and build: limits, resources "
        "and [the sizes of a larger system](deployment.md#growing) follow.",
    )
    yield Task(
        "Yearly",
        "Releases",
        "run",
        ("grep -n 'releases:' catalog/platform.yaml",),
        "Each release is still supported by those who make it.",
        "[Upgrading](upgrading.md).",
    )
    if catalog.deployment:
        secret = catalog.deployment.secrets.object_store
        space = _space(catalog)
        keys = " \\\n  ".join(f'--from-literal={key}="${key}"' for key in secret.keys)
        yield Task(
            "Yearly",
            "New credentials for the object store",
            "run: cluster",
            (
                "\n".join(f"read -rs {key}" for key in secret.keys),
                (
                    f"kubectl create secret generic {secret.name} -n {space} \\\n  {keys} \\\n"
                    "  --dry-run=client -o yaml | kubectl apply -f -"
                ),
                f"kubectl rollout restart statefulset/loki -n {space}",
                f"kubectl rollout status statefulset/loki -n {space} --timeout=30m",
            ),
            "The rollout ends, and no chunk waits to be stored. Where the External Secrets "
            "operator makes the Secret, change it in its store instead, and restart.",
            f"{_runbooks('ChunkFlushFailing', 'ChunksNotStored')}.",
        )


def schedule(page: Page) -> str:
    """All rounds, each task with its command."""
    told: list[str] = []
    for every, minutes in MINUTES.items():
        told += [f"## {every}: {_time(minutes)}", ""]
        for task in tasks(page.catalog):
            if task.every == every:
                told += [f"### {task.title}", "", *_block(task), ""]
                told += [f"Expect: {task.expect}", "", f"Otherwise: {task.otherwise}", ""]
    return "\n".join(told).rstrip("\n")


def _block(task: Task) -> Sequence[str]:
    marker = [] if task.where == "yours" else [f"<!-- {task.where} -->"]
    return [*marker, "```sh", *task.commands, "```"]


def _time(minutes: int) -> str:
    return f"{minutes} minutes" if minutes < 60 else f"{minutes // 60} h"


def rounds(page: Page) -> str:
    """The schedule at a glance."""
    own: dict[Every, list[str]] = {every: [] for every in MINUTES}
    for task in tasks(page.catalog):
        own[task.every].append(task.title)
    return table(
        ["Round", "Takes", "Tasks"],
        [(every, _time(MINUTES[every]), "; ".join(titles)) for every, titles in own.items()],
    )


MAKERS: Mapping[str, Maker] = {"maintenance": schedule, "maintenance-rounds": rounds}
