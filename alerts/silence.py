"""Alerts on silence: no traffic, a service that logs nothing, a log pipeline that is broken.

Which of them fires for what, and which must not, stands in docs/silence.md. That something is
down or no longer scraped is in :mod:`alerts.targets`.
"""

from __future__ import annotations

from collections.abc import Iterator

from alerts import text
from alerts.model import Alert, Dashboard, Group
from catalog import names
from catalog.model import Catalog
from catalog.scalars import format_duration
from catalog.service import Service
from catalog.signals import Metric
from queries import scope, silence
from queries.platform_alerts import of_component
from queries.promql import PromQL
from queries.silence import Readers
from queries.text import Matchers

_HOLD = 300
#: Fewer who always speak cannot tell a silent service from an agent that reads nothing.
_CHORUS = 2


def alerts(catalog: Catalog, service: Service) -> Iterator[Alert]:
    """Of one service: nobody asks anything of it, it says nothing, Loki keeps nothing of it."""
    idle = _no_traffic(catalog, service)
    if idle is not None:
        yield idle
    read = service.by_role("log_lines")
    if read is not None:
        yield _silent(catalog, service, read, idle)
        if _agents(catalog, read) is not None:
            yield _not_kept(catalog, service, read)


def platform_group(catalog: Catalog) -> Iterator[Group]:
    """Of the pipeline as a whole, where agents are scraped and count lines."""
    rules = (*_nothing_read(catalog), *_nothing_taken(catalog))
    if rules:
        yield Group("platform-log-pipeline", catalog.platform.scrape.evaluation, rules)


def _hold(catalog: Catalog) -> int:
    return min(_HOLD, catalog.platform.thresholds.silence)


def _logs(catalog: Catalog, service: Service) -> Dashboard:
    return Dashboard(names.logs_uid(catalog.prefix, service.id))


def _no_traffic(catalog: Catalog, service: Service) -> Alert | None:
    metric = service.by_role("requests")
    if metric is None:
        return None
    limits = catalog.platform.thresholds
    window = format_duration(limits.silence)
    return Alert(
        name="NoTraffic",
        expr=silence.no_traffic(service, metric, window, limits.minimum_events),
        severity=names.PAGE,
        service=service.id,
        team=service.owner.team,
        summary=f"{service.name} is up and gets no request, where {text.NUMBER} are usual",
        description=f"None within {window}, and that many in the same {window} a week ago, which "
        f"are at least {limits.minimum_events}. Nobody reaches it, or it hangs, and no ratio of "
        "requests can say so. Look first at what stands before it (ingress, DNS, certificate), at "
        "whether its callers are up, and at whether it answers a request of yours.",
        dashboard=Dashboard(
            names.unified_uid(catalog.prefix), {scope.SERVICE_VARIABLE: service.id}
        ),
        hold=_hold(catalog),
    )


def _silent(catalog: Catalog, service: Service, read: Metric, idle: Alert | None) -> Alert:
    window = format_duration(catalog.platform.thresholds.silence)
    agents = _agents(catalog, read)
    return Alert(
        name="ServiceSilent",
        expr=silence.silent(
            service,
            read,
            window,
            agents,
            others=_chorus(catalog) if agents is not None else (),
            idle=PromQL(idle.expr) if idle else None,
        ),
        severity=names.PAGE if read.emission == "always" else names.TICKET,
        service=service.id,
        team=service.owner.team,
        summary=f"{service.name} is up and has logged nothing for {window}",
        description="It answers scrapes, the agents are up and read other lines, and none of it "
        "was read: it hangs, or its lines are lost on the way. Look first at whether it serves "
        "requests, at its pod's own output, and at the agent on its node.",
        dashboard=_logs(catalog, service),
        hold=_hold(catalog),
    )


def _not_kept(catalog: Catalog, service: Service, read: Metric) -> Alert:
    minimum = catalog.platform.thresholds.minimum_events
    return Alert(
        name="LogPipelineBroken",
        expr=silence.nothing_kept(service, read, minimum),
        severity=names.PAGE,
        service=service.id,
        team=service.owner.team,
        summary=f"Of {service.name} {text.NUMBER} log lines were read and Loki has none",
        description=f"That many within {silence.KEPT_WINDOW}, while Loki holds lines of other "
        "services and refuses none: they are lost or held up between the agent and Loki. Look "
        "first at the agent's own log for this service, at whether its stages drop the lines, and "
        "at the labels that they are sent with.",
        dashboard=_logs(catalog, service),
        hold=_HOLD,
    )


def _nothing_read(catalog: Catalog) -> Iterator[Alert]:
    chorus = _chorus(catalog)
    if not chorus:
        return
    window = format_duration(catalog.platform.thresholds.silence)
    yield _of_agents(
        catalog,
        "AgentReadsNothing",
        silence.nothing_read(chorus, of_component("agent"), window),
        "The log agents are up and read no line of any service",
        f"For {window}, of services that are up and never silent: logs, and alerts on them, have "
        "stopped. Look first at what an agent logs itself, at what its discovery finds, and at "
        "whether it may read the files.",
        _hold(catalog),
    )


def _nothing_taken(catalog: Catalog) -> Iterator[Alert]:
    loki = catalog.platform.components.get("loki")
    readers = _readers(catalog)
    if not readers or loki is None or loki.metrics_port is None:
        return
    yield _of_agents(
        catalog,
        "LogPipelineBroken",
        silence.nothing_taken(
            readers, of_component("loki"), catalog.platform.thresholds.minimum_events
        ),
        f"The log agents read {text.NUMBER} lines and Loki was handed none",
        f"That many within {silence.KEPT_WINDOW}. Loki is up, so they fail on the way: lines wait "
        "with the agents and are lost when those give up. Look first at what an agent logs itself, "
        "at Loki's address and tenant in its configuration, and at what lies between the two.",
        _HOLD,
    )


def _of_agents(  # noqa: PLR0917 - a line of a table
    catalog: Catalog, name: str, expr: str, summary: str, description: str, hold: int
) -> Alert:
    return Alert(
        name=name,
        expr=expr,
        severity=names.PAGE,
        service="agent",
        team=catalog.platform.owner.team,
        summary=summary,
        description=description,
        dashboard=Dashboard(names.platform_uid(catalog.prefix)),
        hold=hold,
    )


def _agents(catalog: Catalog, metric: Metric) -> Matchers | None:
    """The agents' targets, if it is they who count the lines and they are scraped."""
    agent = catalog.platform.components.get("agent")
    scraped = agent is not None and agent.metrics_port is not None
    return of_component("agent") if metric.emitted_by == "agent" and scraped else None


def _readers(catalog: Catalog) -> Readers:
    """The services whose lines agents count."""
    return tuple(
        (service, read)
        for service in catalog.services
        if (read := service.by_role("log_lines")) is not None and _agents(catalog, read) is not None
    )


def _chorus(catalog: Catalog) -> Readers:
    """Those of them that never are silent, if they are enough to tell one from all."""
    always = tuple(
        (service, read) for service, read in _readers(catalog) if read.emission == "always"
    )
    return always if len(always) >= _CHORUS else ()
