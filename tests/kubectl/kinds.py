"""The kinds of objects that are spoken of, by every name that kubectl takes for them."""

from __future__ import annotations

_TOLD = """
Pod po pods
Service svc services
Endpoints ep endpoints
ConfigMap cm configmaps
Secret secret secrets
ServiceAccount sa serviceaccounts
PersistentVolumeClaim pvc persistentvolumeclaims
Event ev events
ReplicationController rc replicationcontrollers
ResourceQuota quota resourcequotas
LimitRange limits limitranges
StatefulSet sts statefulsets
DaemonSet ds daemonsets
Deployment deploy deployments
ReplicaSet rs replicasets
Job job jobs
CronJob cj cronjobs
Ingress ing ingresses
NetworkPolicy netpol networkpolicies
PodDisruptionBudget pdb poddisruptionbudgets
HorizontalPodAutoscaler hpa horizontalpodautoscalers
Lease lease leases
Role role roles
RoleBinding rolebinding rolebindings
ExternalSecret es externalsecrets
PrometheusRule promrule prometheusrules
Rollout ro rollouts
AnalysisTemplate at analysistemplates
AnalysisRun ar analysisruns
*Node no nodes
*Namespace ns namespaces
*PersistentVolume pv persistentvolumes
*StorageClass sc storageclasses
*ClusterRole clusterrole clusterroles
*ClusterRoleBinding clusterrolebinding clusterrolebindings
*CustomResourceDefinition crd customresourcedefinitions
*PriorityClass pc priorityclasses
*ClusterSecretStore clustersecretstore clustersecretstores
*IngressClass ingressclass ingressclasses
"""

#: Kinds that belong to no namespace.
CLUSTER_WIDE = frozenset(line.split()[0][1:] for line in _TOLD.splitlines() if line.startswith("*"))
_KINDS = {
    name.lower(): words[0].lstrip("*")
    for words in map(str.split, filter(None, _TOLD.splitlines()))
    for name in (words[0].lstrip("*"), *words[1:])
}
#: What ``kubectl get all`` means.
ALL = ("Pod", "Service", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet", "Job", "CronJob")


def kinds_of(word: str) -> list[str] | None:
    """The kinds that a word names, as in ``pods,svc``; None where one of them is unknown."""
    found: list[str] = []
    for part in word.split(","):
        if part == "all":
            found += ALL
            continue
        kind = _KINDS.get(part.lower().partition(".")[0])
        if kind is None:
            return None
        found.append(kind)
    return found


def names() -> list[str]:
    """Every word that names a kind."""
    return sorted(_KINDS)
