"""Variables, annotations, colours and links that every dashboard shares."""

from __future__ import annotations

from collections.abc import Iterable

from catalog import names
from catalog.links import dashboard_path
from catalog.model import Catalog
from catalog.platform import Platform
from catalog.service import Service
from dashboards.spec import Annotation, Colour, Lines, Link, Variable
from queries import scope
from queries.promql import aggregate, over, series
from queries.text import Matchers, braces, equal, none_of

#: The percentiles that a distribution is shown by, and how they are drawn.
PERCENTILES = (0.5, 0.9, 0.99)
PERCENTILE_LINES = Lines(colours=(("p50", "green"), ("p90", "yellow"), ("p99", "red")))
#: How far around a point a link to the logs looks: ten minutes.
AROUND_MILLISECONDS = 600_000
_CALMER: tuple[Colour, ...] = ("yellow", "green", "blue", "purple", "text")


def cluster_and_environment() -> tuple[Variable, ...]:
    """The two variables that every query of every dashboard is narrowed by."""
    return (
        Variable(
            name=scope.CLUSTER_VARIABLE,
            title="Cluster",
            description="The cluster that is shown; nothing here adds up several clusters.",
            kind="query",
            label=names.CLUSTER,
            series="up",
        ),
        Variable(
            name=scope.ENVIRONMENT_VARIABLE,
            title="Environment",
            description="The environment that is shown.",
            kind="query",
            label=names.ENVIRONMENT,
            series="up" + braces((equal(names.CLUSTER, f"${scope.CLUSTER_VARIABLE}"),)),
        ),
    )


def namespace_and_pod(service: str) -> tuple[Variable, ...]:
    """Where a service runs; ``service`` is an id or a variable."""
    of_service = scope.of_service(service)
    in_namespace = (*of_service, scope.chosen(names.NAMESPACE, scope.NAMESPACE_VARIABLE))
    return (
        Variable(
            name=scope.NAMESPACE_VARIABLE,
            title="Namespace",
            description="Kubernetes namespaces of the service.",
            kind="query",
            label=names.NAMESPACE,
            series="up" + braces(of_service),
            many=True,
        ),
        Variable(
            name=scope.POD_VARIABLE,
            title="Pod",
            description="Pods of the service.",
            kind="query",
            label=names.POD,
            series="up" + braces(in_namespace),
            many=True,
        ),
    )


def level(platform: Platform) -> Variable:
    """Which log levels are shown."""
    return Variable(
        name=scope.LEVEL_VARIABLE,
        title="Level",
        description="Levels of the log lines that are shown.",
        kind="custom",
        values=platform.levels,
        many=True,
    )


def level_colours(platform: Platform) -> tuple[tuple[str, Colour], ...]:
    """Red for levels that mean an error, calmer the further a level is from them."""
    calm = [name for name in reversed(platform.levels) if name not in platform.error_levels]
    calmer = {name: _CALMER[min(place, len(_CALMER) - 1)] for place, name in enumerate(calm)}
    return tuple((name, calmer.get(name, "red")) for name in platform.levels)


def marks(
    services: Iterable[Service], matchers: Matchers, *, alerts_of: Matchers = ()
) -> tuple[Annotation, ...]:
    """Deploys of the services and our alerts, on the time axis."""
    firing = equal("alertstate", "firing")
    # The watchdog always fires: it would mark the whole range.
    heard = none_of(names.SEVERITY, (names.UNHEARD,))
    alerts = series("ALERTS", (*matchers, *alerts_of, firing, heard))
    by = (names.SERVICE, "alertname", names.SEVERITY)
    return (
        *_deploys(services, matchers),
        Annotation(
            name="Alerts",
            expr=aggregate("max", by, alerts),
            title="{{alertname}}",
            text="{{service}}: {{severity}}",
            colour="red",
            tags=(names.SEVERITY,),
        ),
    )


def _deploys(services: Iterable[Service], matchers: Matchers) -> Iterable[Annotation]:
    """A version that was not there in the hour before is a deploy."""
    informing = {
        metric.name: metric
        for service in services
        if (metric := service.by_role("build_info")) is not None
    }
    for metric in informing.values():
        by = (names.SERVICE, *metric.labels)
        # Servers of the platform have such a series too, without a service.
        of_services = any(matcher.label == names.SERVICE for matcher in matchers)
        served = () if of_services else (none_of(names.SERVICE, ("",)),)
        running = series(metric.name, (*matchers, *served))
        now = aggregate("max", by, running)
        # A window, and not one moment, so that a restart or a missed scrape is no deploy.
        before = aggregate("max", by, over("last_over_time", running, "1h", offset="10m"))
        yield Annotation(
            name="Deploys",
            expr=f"{now} unless {before}",
            title="Deploy of {{service}}",
            text=", ".join(f"{{{{{label}}}}}" for label in metric.labels),
            colour="blue",
            tags=(names.SERVICE,),
        )


def scope_variables() -> dict[str, str]:
    """The scope, as a link hands it on."""
    return {name: f"${{{name}}}" for name in (scope.CLUSTER_VARIABLE, scope.ENVIRONMENT_VARIABLE)}


def logs_around(prefix: str, service: str = "${__field.labels.service}") -> Link:
    """From a point of a metric to that service's log lines at that time."""
    around = f"time=${{__value.time}}&time.window={AROUND_MILLISECONDS}"
    path = dashboard_path(names.logs_uid(prefix, service), scope_variables())
    return Link("Logs around this time", f"{path.split('from=')[0]}{around}")


def to_unified(prefix: str, service: str = "${__field.labels.service}") -> Link:
    """To the service's metrics, logs and traces, in the same time range."""
    variables = {**scope_variables(), scope.SERVICE_VARIABLE: service}
    path = dashboard_path(names.unified_uid(prefix), variables, "${__from}", "${__to}")
    return Link("Metrics, logs and traces of this service", path)


def siblings(catalog: Catalog) -> list[tuple[str, str, str]]:
    """The dashboards one goes to from any other: title, address, tooltip."""
    prefix = catalog.prefix
    unified, slo, platform = (
        f"/d/{uid}"
        for uid in (names.unified_uid(prefix), names.slo_uid(prefix), names.platform_uid(prefix))
    )
    links = [("Metrics, logs, traces", unified, "One service in all three signals")]
    if catalog.has_objectives:
        links.append(("Objectives", slo, "Error budgets of all services"))
    links.append(
        ("Log explorer", f"/d/{names.log_explorer_uid(prefix)}", "The query library, filled in")
    )
    links.append(
        ("Anomalies", f"/d/{names.anomalies_uid(prefix)}", "Volumes against earlier weeks")
    )
    if catalog.span_metrics_port is not None:
        links.append(
            ("Dependencies", f"/d/{names.dependencies_uid(prefix)}", "Calls between the services")
        )
    if catalog.platform.canary and catalog.metrics_of_role("requests"):
        canary = f"/d/{names.canary_uid(prefix)}"
        links.append(("Canary", canary, "Canaries beside the stable release"))
    return [*links, ("Platform", platform, "Loki, agents and the other servers")]


def own_links(prefix: str, service: Service) -> list[tuple[str, str, str]]:
    """A service's own dashboards, for each other."""
    links = [("Logs", f"/d/{names.logs_uid(prefix, service.id)}", f"Logs of {service.name}")]
    if service.objectives:
        links.append(
            (
                "Objectives of this service",
                f"/d/{names.slo_uid(prefix, service.id)}",
                f"Error budgets of {service.name}",
            )
        )
    return links
