"""Prometheus' configuration: what it scrapes, where its rules are and whom it alerts.

Every target carries ``cluster`` and ``environment`` itself. External labels are put on only
what leaves Prometheus, so that its own rules and queries would never see them.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from catalog import names
from catalog.model import Catalog
from catalog.platform import Environment
from catalog.scalars import format_duration
from catalog.service import Service

Json = dict[str, Any]

#: What Promtail's metrics stage and Alloy's stage.metrics put before a metric's name.
_AGENT_PREFIXES = "(?:promtail_custom|loki_process_custom)_(.+)"
#: One series a log file would be born with each restart of a container.
_PER_FILE = "filename"
#: Which of Alloy's components counted: no two count for one service.
_OF_ALLOY = ("component_id", "component_path")
SPANS_JOB = "jaeger-spans"
#: Who counted, not what: each restart of Jaeger would begin every series anew.
_OF_THE_COUNTER = "exported_job|collector_instance_id|otel_scope_.+"


def configuration(catalog: Catalog) -> Json:
    """prometheus.yml for the first environment, whose servers go by their compose names."""
    environment = catalog.default_environment
    scrape = catalog.platform.scrape
    return {
        "global": {
            "scrape_interval": format_duration(scrape.interval),
            "evaluation_interval": format_duration(scrape.evaluation),
            "external_labels": _scope(environment),
        },
        "rule_files": ["rules/*.yaml"],
        "alerting": {
            "alertmanagers": [
                {"static_configs": [{"targets": [_authority(environment, "alertmanager")]}]}
            ]
        },
        "scrape_configs": [
            _services(catalog),
            *_components(catalog, environment),
            *_spans(catalog, environment),
        ],
    }


def _scope(environment: Environment) -> dict[str, str]:
    return {names.CLUSTER: environment.cluster, names.ENVIRONMENT: environment.environment}


def _authority(environment: Environment, component: str) -> str:
    return urlsplit(_address(environment, component)).netloc


def _address(environment: Environment, component: str) -> str:
    """Of a component without an address of its own: the component's id, as compose names it."""
    found = (url for name, url in environment.addresses.items() if name == component)
    return next(found, f"http://{component}")


def _services(catalog: Catalog) -> Json:
    return {
        "job_name": "services",
        "static_configs": [_service(catalog, each) for each in catalog.services],
    }


def _service(catalog: Catalog, service: Service) -> Json:
    """What does not say otherwise is the stable release: a canary is a target of its own."""
    canary = catalog.platform.canary
    return {
        "targets": [f"{service.id}:{service.workload.metrics_port}"],
        "labels": {
            **_scope(catalog.default_environment),
            names.NAMESPACE: service.workload.namespace,
            names.SERVICE: service.id,
            names.POD: service.id,
            **({names.TRACK: canary.stable} if canary else {}),
        },
    }


def _components(catalog: Catalog, environment: Environment) -> list[Json]:
    jobs = {
        component: _component(component, declared.metrics_port, environment)
        for component, declared in catalog.platform.components.items()
        if declared.metrics_port is not None
    }
    gateway, jaeger = _gateway(catalog), catalog.platform.components.get("jaeger")
    if gateway is not None and jaeger is not None and "jaeger" in jobs:
        # It refuses and loses spans as Jaeger itself does, and the same alerts are to say so.
        jobs["jaeger"]["static_configs"][0]["targets"].append(f"{gateway}:{jaeger.metrics_port}")
    return list(jobs.values())


def _gateway(catalog: Catalog) -> str | None:
    """The host of the collector that samples before Jaeger, if there is one."""
    traces = catalog.platform.traces
    return traces.sampling.gateway if traces else None


def _component(component: str, port: int, environment: Environment) -> Json:
    host = urlsplit(_address(environment, component)).hostname
    job: Json = {
        "job_name": component,
        "static_configs": [
            {
                "targets": [f"{host}:{port}"],
                "labels": {**_scope(environment), names.COMPONENT: component},
            }
        ],
    }
    return {**job, **_AS_THE_SERVICE_LABELS_IT} if component == "agent" else job


def _spans(catalog: Catalog, environment: Environment) -> list[Json]:
    """What Jaeger counts of the services' spans is on a page of its own."""
    port = catalog.span_metrics_port
    if port is None:
        return []
    job = _component("jaeger", port, environment)
    gateway = _gateway(catalog)
    if gateway is not None:
        # All spans are only where nothing is thrown away yet.
        job["static_configs"][0]["targets"] = [f"{gateway}:{port}"]
    forget = {"regex": _OF_THE_COUNTER, "action": "labeldrop"}
    return [{**job, "job_name": SPANS_JOB, "metric_relabel_configs": [forget]}]


#: What the agent counts of a service's lines is labelled with the service, not with the agent,
#: and called as the catalog calls it.
_AS_THE_SERVICE_LABELS_IT: Json = {
    "honor_labels": True,
    "metric_relabel_configs": [
        # Only of what is counted of lines: its own metrics are told apart by these.
        *(
            {
                "source_labels": ["__name__"],
                "regex": _AGENT_PREFIXES,
                "target_label": label,
                "replacement": "",
            }
            for label in _OF_ALLOY
        ),
        {
            "source_labels": ["__name__"],
            "regex": _AGENT_PREFIXES,
            "target_label": "__name__",
            "replacement": "$1",
        },
        {"regex": _PER_FILE, "action": "labeldrop"},
    ],
}
