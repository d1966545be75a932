"""Argo Rollouts: an analysis of a service's canary, and a rollout that runs it.

Both are made from the catalog, so that they ask for series that are recorded and for nothing
else: the verdict, not a formula of their own. A rollout names the service's Deployment and takes
its pods from there; its steps are a start that a team changes to its own taste.
https://argo-rollouts.readthedocs.io/en/stable/features/analysis/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from alerts.canary import reasons
from catalog import names
from catalog.canary import Canary
from catalog.model import Catalog
from catalog.platform import Environment
from catalog.scalars import format_duration
from catalog.service import Service
from queries import canary_series
from queries.canary import NO_DIFFERENCE, WORSE
from queries.text import equal

Json = dict[str, Any]

FOLDER: Final = "deploy/argo-rollouts"
_API = "argoproj.io/v1alpha1"
_INTERVAL_SECONDS = 60
#: Prometheus may be restarted meanwhile: four errors, Argo's default, would end the rollout.
_ERRORS = 10
#: Percent of the requests, and for how long.
_STEPS = ((5, "10m"), (20, "10m"), (50, "10m"))


def files(catalog: Catalog, service: Service) -> Iterator[tuple[str, Json]]:
    """Path and content of each."""
    canary = catalog.platform.canary
    if canary is None or not reasons(catalog, service):
        return
    environments = catalog.platform.environments
    where = next(each for each in environments if each.id == canary.environment)
    yield f"{FOLDER}/analysis-{service.id}.yaml", _analysis(catalog, canary, service, where)
    yield f"{FOLDER}/rollout-{service.id}.yaml", _rollout(canary, service)


def _metadata(service: Service, name: str) -> Json:
    return {
        "name": name,
        "namespace": service.workload.namespace,
        "labels": {"app": service.workload.app},
    }


def _template(service: Service) -> str:
    return f"canary-{service.id}"


def _analysis(catalog: Catalog, canary: Canary, service: Service, where: Environment) -> Json:
    metrics = [_metric(canary, service, where, reason) for reason in reasons(catalog, service)]
    return {
        "apiVersion": _API,
        "kind": "AnalysisTemplate",
        "metadata": _metadata(service, _template(service)),
        "spec": {"metrics": metrics},
    }


def _metric(canary: Canary, service: Service, where: Environment, reason: str) -> Json:
    """One comparison: worse fails at once, too little traffic is inconclusive.

    The verdict answers for repeated looks itself, so that one failure is enough. What is
    inconclusive for the whole horizon pauses the rollout, and a person decides.
    """
    matchers = (
        equal(names.CLUSTER, where.cluster),
        equal(names.ENVIRONMENT, where.environment),
        equal(names.SERVICE, service.id),
    )
    return {
        "name": reason.replace("_", "-"),
        "initialDelay": "2m",
        "interval": format_duration(_INTERVAL_SECONDS),
        "successCondition": f"len(result) > 0 && result[0] == {NO_DIFFERENCE}",
        "failureCondition": f"len(result) > 0 && result[0] == {WORSE}",
        "failureLimit": 0,
        "inconclusiveLimit": canary.horizon // _INTERVAL_SECONDS,
        "consecutiveErrorLimit": _ERRORS,
        "provider": {
            "prometheus": {
                "address": where.addresses["prometheus"],
                "query": canary_series.verdict(matchers, reason),
            }
        },
    }


def _rollout(canary: Canary, service: Service) -> Json:
    steps: list[Json] = []
    for weight, wait in _STEPS:
        steps += [{"setWeight": weight}, {"pause": {"duration": wait}}]
    return {
        "apiVersion": _API,
        "kind": "Rollout",
        "metadata": _metadata(service, service.workload.app),
        "spec": {
            "selector": {"matchLabels": {"app": service.workload.app}},
            "workloadRef": {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "name": service.workload.app,
            },
            "strategy": {
                "canary": {
                    "stableMetadata": {"labels": {canary.pod_label: canary.stable}},
                    "canaryMetadata": {"labels": {canary.pod_label: canary.canary}},
                    "analysis": {
                        "templates": [{"templateName": _template(service)}],
                        "startingStep": 1,
                    },
                    "steps": steps,
                }
            },
        },
    }
