"""What there is and how it is joined, for the integration guide: a diagram and tables."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.deployment import Secret, Tree
from catalog.model import Catalog
from catalog.platform import ComponentId
from delivery.guides.blocks import Page
from delivery.guides.catalog_tables import table

#: The manifests of each component that is ours to run, below a tree's folder.
_FILES = {
    "loki": ("18-loki-configmap.yaml", "18-loki-deployment.yaml"),
    "memcached": ("18-storage-cache-networking.yaml",),
}
_NOT_OURS = "your own"
#: What runs as a StatefulSet of its name.
_SETS: tuple[ComponentId, ...] = ("loki", "memcached")


def architecture(page: Page) -> str:
    """Who sends what to whom."""
    return "\n".join(
        ["```mermaid", "flowchart TD", *_nodes(page.catalog), *_arrows(page.catalog), "```"]
    )


def _nodes(catalog: Catalog) -> Iterator[str]:
    # One box: what is sent is the same of each, and the page is as wide as a column of text.
    own = [f"{each.name}, metrics {each.workload.metrics_port}" for each in catalog.services]
    yield f'  services["{"<br/>".join(own)}"]'
    for name, component in catalog.platform.components.items():
        if name == "kubernetes":
            continue
        ports = "<br/>".join(f"{port} {number}" for port, number in component.ports.items())
        number = "" if name == "syslog" else f" ({replicas(catalog, name)})"
        yield f'  {name}["{component.name}{number}<br/>{ports}"]'
    if catalog.deployment:
        store = catalog.deployment.object_store
        yield f'  store[("Object storage<br/>{store.chunks}<br/>port {store.port}")]'
    yield '  grafana["Grafana"]'


#: From, to, and what goes there; an arrow is drawn where the catalog has both its ends.
_ARROWS = (
    ("services", "agent", "lines, as files"),
    ("syslog", "agent", "RFC 5424 over UDP"),
    ("agent", "loki", "lines and labels"),
    ("loki", "store", "chunks and index"),
    ("loki", "memcached", "chunks and results"),
    ("loki", "alertmanager", "log alerts"),
    ("loki", "prometheus", "what its rules record"),
    ("prometheus", "services", "scrapes"),
    ("prometheus", "agent", "scrapes its counts of lines"),
    ("prometheus", "alertmanager", "alerts"),
    ("services", "jaeger", "spans"),
    ("grafana", "loki", "LogQL"),
    ("grafana", "prometheus", "PromQL"),
    ("grafana", "jaeger", "traces"),
)


def _arrows(catalog: Catalog) -> Iterator[str]:
    ends = {"services", "grafana", *catalog.platform.components}
    if catalog.deployment:
        ends.add("store")
    for source, target, what in _ARROWS:
        if {source, target} <= ends:
            yield f'  {source} -- "{what}" --> {target}'


def replicas(catalog: Catalog, name: ComponentId) -> str:
    """How many run where it is deployed, else usually; the agent's are as many as nodes."""
    if name == "agent":
        return "each node"
    usual = catalog.platform.components[name].replicas
    if catalog.deployment is None:
        return str(usual)
    environments = {each.id: each for each in catalog.platform.environments}
    return str(environments[catalog.deployment.environment].replicas.get(name, usual))


def components(page: Page) -> str:
    """What runs: releases, how many, ports, where it is scraped, whose manifests."""
    catalog = page.catalog
    rows = [
        (
            component.name,
            ", ".join(component.releases),
            replicas(catalog, name),
            ", ".join(f"{number} ({port})" for port, number in component.ports.items()) or "none",
            component.metrics_port or "none",
            _manifests(catalog, name),
        )
        for name, component in catalog.platform.components.items()
        if name not in {"kubernetes", "syslog"}
    ]
    return table(["What", "Releases", "How many", "Ports", "Scraped at", "Manifests"], rows)


def _manifests(catalog: Catalog, name: ComponentId) -> str:
    if catalog.deployment is None:
        return _NOT_OURS
    if name == "agent":
        files = [file for tree in catalog.deployment.trees for file in _agent_files(catalog, tree)]
    else:
        files = list(_FILES.get(name, ()))
    return ", ".join(f"`{each}`" for each in dict.fromkeys(files)) or _NOT_OURS


def _agent_files(catalog: Catalog, tree: Tree) -> tuple[str, ...]:
    if catalog.agent is None or catalog.agent.kubernetes is None:
        return ()
    return (f"18-{tree.agent_name}-configmap.yaml", f"18-{tree.agent_name}-daemonset.yaml")


def workloads(page: Page) -> str:
    """What is ready when all of it stands, as ``kubectl get`` shows it."""
    deployment = page.catalog.deployment
    if deployment is None:
        return "This catalog deploys nothing; what runs is set up elsewhere."
    rows = []
    for tree in deployment.trees:
        for name in _SETS:
            if name in page.catalog.platform.components:
                number = replicas(page.catalog, name)
                rows.append((f"`{tree.id}`", f"StatefulSet `{name}`", f"{number}/{number} ready"))
        if _agent_files(page.catalog, tree):
            ready = "one on each node, ready"
            rows.append((f"`{tree.id}`", f"DaemonSet `{tree.agent_name}`", ready))
    return table(["Tree", "Workload", "When it stands"], rows)


def places(page: Page) -> str:
    """The buckets and Secrets that have to be there before anything is applied."""
    deployment = page.catalog.deployment
    if deployment is None:
        return "This catalog deploys nothing, so nothing has to be there."
    store, secrets = deployment.object_store, deployment.secrets
    volumes, oldest = deployment.storage_class, deployment.trees[0].kubernetes
    rows = [
        ("Bucket for chunks and index", f"`{store.chunks}`", f"region `{store.region}`"),
        ("Bucket for the ruler's rules", f"`{store.ruler}`", f"region `{store.region}`"),
        ("Secret of the object store", *_secret(secrets.object_store)),
        ("Secret of a gateway", *_secret(secrets.api_token)),
        ("StorageClass", f"`{volumes.name}`", f"by `{volumes.provisioner}`"),
        ("Kubernetes", f"{oldest} or newer", "DNS, and a CNI that enforces policies"),
    ]
    return table(["What", "Name", "More"], rows)


def _secret(secret: Secret) -> tuple[str, str]:
    keys = ", ".join(f"`{key}`" for key in secret.keys)
    return f"`{secret.name}`", f"keys {keys}, from `{secret.remote}`"
