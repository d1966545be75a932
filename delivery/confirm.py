"""The page of what a team must confirm: every fact of the catalog that we assumed.

docs/confirm.md is this text; tests/docs/test_confirm.py fails when it is not, and
``make golden`` rewrites it.
"""

from __future__ import annotations

from collections.abc import Iterator

from catalog.base import Sourced
from catalog.log_agent import LogAgent
from catalog.model import Catalog
from catalog.scalars import format_duration
from catalog.service import Service
from catalog.signals import Event, Metric

_HEAD = """# What a team must confirm

Made from the catalog by `make golden`: each line is a fact with `source: assumed`, and why we
assumed it. Confirm or correct it in the file it stands in, and set `source: seed` once it is
what your system really promises. Addresses in alerts (`links` in `platform.yaml`) come first:
a page is only as good as its links.
"""


def page(catalog: Catalog) -> str:
    """The whole page, Markdown."""
    sections = [_HEAD, _section("platform.yaml", _platform(catalog))]
    if catalog.agent is not None:
        sections.append(_section("agent.yaml", _agent(catalog.agent)))
    sections += [
        _section(f"services/{service.id}.yaml ({service.name})", _service(service))
        for service in catalog.services
    ]
    return "\n".join(section for section in sections if section)


def _section(title: str, entries: Iterator[tuple[str, str, Sourced]]) -> str:
    rows = [
        f"| {what} | {value} | {fact.reason} |"
        for what, value, fact in entries
        if fact.source == "assumed"
    ]
    if not rows:
        return ""
    return "\n".join([f"## {title}", "", "| Fact | Value | Why |", "|---|---|---|", *rows, ""])


def _platform(catalog: Catalog) -> Iterator[tuple[str, str, Sourced]]:
    platform = catalog.platform
    links = platform.links
    yield "`links`", f"{links.grafana_url}, {links.runbooks_url}", links
    for component_id, component in platform.components.items():
        ports = ", ".join(f"{name} {port}" for name, port in component.ports.items())
        yield f"`components.{component_id}`", ports or "no port", component
    yield "`limits`", "see the file", platform.limits
    if platform.spending is not None:
        spending = platform.spending
        budget = f"{spending.monthly_budget:g} {spending.currency} a month"
        yield "`spending`", budget, spending
    yield "`retention`", "see the file", platform.retention
    yield "`thresholds`", "see the file", platform.thresholds
    if platform.quiet_hours is not None:
        yield "`quiet_hours`", platform.quiet_hours.location, platform.quiet_hours
    if platform.dead_man is not None:
        yield "`dead_man`", platform.dead_man.url, platform.dead_man
    limits = platform.anomalies
    shown = f"score {limits.score:g}, spread {limits.spread_minimum:g}, {limits.hold // 60} min"
    yield "`anomalies`", shown, limits
    share = platform.dependencies.explained_minimum
    yield "`dependencies`", f"{share * 100:g} % explained", platform.dependencies
    if platform.canary:
        yield "`canary`", f"rollback by {platform.canary.webhook}", platform.canary
    if platform.traces:
        budget = f"{platform.traces.sampling.spans_per_second} spans a second"
        yield "`traces.sampling`", budget, platform.traces.sampling
    for environment in platform.environments:
        yield f"`environments`: {environment.id}", environment.title, environment


def _agent(agent: LogAgent) -> Iterator[tuple[str, str, Sourced]]:
    for redaction in agent.redactions:
        yield f"redaction `{redaction.id}`", redaction.title, redaction
    for drop in agent.drops:
        yield f"drop `{drop.id}`", f"`{drop.pattern}`", drop
    joining = f"{agent.joining.lines} lines, {format_duration(agent.joining.wait)}"
    yield "`joining`", joining, agent.joining
    yield "`counting`", format_duration(agent.counting.idle), agent.counting
    if agent.syslog is not None:
        yield "`syslog`", ", ".join(agent.syslog.levels), agent.syslog
    if agent.kubernetes is not None:
        yield "`kubernetes`", agent.kubernetes.environment, agent.kubernetes
    if agent.files is not None:
        yield "`files`", agent.files.root, agent.files


def _service(service: Service) -> Iterator[tuple[str, str, Sourced]]:
    yield "`volume`", f"{service.volume.lines_per_minute} lines a minute", service.volume
    for metric in service.metrics:
        yield f"metric `{metric.name}`", f"{metric.type}, {metric.unit}", metric
        yield from _bounds(f"metric `{metric.name}`", metric, metric.unit)
    for event in service.logs.events:
        field = service.logs.field(event.measures) if event.measures else None
        yield from _bounds(f"event `{event.id}`", event, field.unit if field else "")
    for objective in service.objectives:
        yield f"objective `{objective.id}`", f"{objective.target:g} %: {objective.title}", objective


def _bounds(of: str, declared: Metric | Event, unit: str) -> Iterator[tuple[str, str, Sourced]]:
    for key, bound in (("slow", declared.slow), ("ceiling", declared.ceiling)):
        if bound is not None:
            yield f"{of}: `{key}`", f"above {bound.above:g} {unit}", bound
    for watch in declared.watch:
        yield f"{of}: `watch` {watch.id}", f"above {watch.above * 100:g} %", watch
