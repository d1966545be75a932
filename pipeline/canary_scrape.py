"""How a Prometheus in Kubernetes labels the pods of the services, canaries among them.

In the static configuration every target is the stable release. In a cluster the pods are
discovered, and a pod's own label says which track it is on: one that says nothing is stable.
"""

from __future__ import annotations

from typing import Any

from catalog import names
from catalog.canary import Canary
from catalog.model import Catalog
from catalog.platform import Environment
from catalog.service import Service

Json = dict[str, Any]

_META = "__meta_kubernetes_pod_"


def configuration(catalog: Catalog) -> Json | None:
    """A scrape configuration to be put beside prometheus.yml; None where no one has canaries."""
    canary = catalog.platform.canary
    if canary is None:
        return None
    environments = catalog.platform.environments
    where = next(each for each in environments if each.id == canary.environment)
    return {"scrape_configs": [_job(each, canary, where) for each in catalog.services]}


def _job(service: Service, canary: Canary, where: Environment) -> Json:
    workload = service.workload
    fixed = {
        names.CLUSTER: where.cluster,
        names.ENVIRONMENT: where.environment,
        names.SERVICE: service.id,
        names.TRACK: canary.stable,
    }
    return {
        "job_name": f"services-{service.id}",
        "kubernetes_sd_configs": [
            {"role": "pod", "namespaces": {"names": [workload.namespace]}},
        ],
        "relabel_configs": [
            {"source_labels": [f"{_META}label_app"], "regex": workload.app, "action": "keep"},
            {
                "source_labels": [f"{_META}container_port_number"],
                "regex": str(workload.metrics_port),
                "action": "keep",
            },
            *({"target_label": label, "replacement": value} for label, value in fixed.items()),
            {
                "source_labels": [f"{_META}label_{canary.pod_label}"],
                "regex": canary.canary,
                "target_label": names.TRACK,
                "replacement": canary.canary,
            },
            {
                "source_labels": ["__meta_kubernetes_namespace"],
                "target_label": names.NAMESPACE,
            },
            {"source_labels": [f"{_META}name"], "target_label": names.POD},
            {"target_label": names.JOB, "replacement": "services"},
        ],
    }
