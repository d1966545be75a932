"""Which cluster, environment and service a dashboard's queries are about."""

from __future__ import annotations

from catalog import names
from queries.text import Matcher, Matchers, equal

CLUSTER_VARIABLE = "cluster"
ENVIRONMENT_VARIABLE = "environment"
SERVICE_VARIABLE = "service"
NAMESPACE_VARIABLE = "namespace"
POD_VARIABLE = "pod"
LEVEL_VARIABLE = "level"
TRACE_VARIABLE = "trace_id"
SIGNAL_VARIABLE = "signal"


def scope() -> Matchers:
    """One cluster and one environment: those that the dashboard's variables name."""
    return (
        equal(names.CLUSTER, f"${CLUSTER_VARIABLE}"),
        equal(names.ENVIRONMENT, f"${ENVIRONMENT_VARIABLE}"),
    )


def of_service(service: str) -> Matchers:
    """One service, by its id or by a variable, within the scope."""
    return (*scope(), equal(names.SERVICE, service))


def chosen(label: str, variable: str) -> Matcher:
    """The values that a multi-value variable names; All is ``.*``."""
    return Matcher(label, f"${variable}", "=~")


def chosen_pods() -> Matchers:
    """The service, namespace and pods that the variables name."""
    return (
        *of_service(f"${SERVICE_VARIABLE}"),
        chosen(names.NAMESPACE, NAMESPACE_VARIABLE),
        chosen(names.POD, POD_VARIABLE),
    )
