"""The commands that show pods: ``<!-- made: pods … -->``, by the labels that they really have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from catalog.deployment import Peers
from catalog.model import Catalog
from catalog.service import Service
from delivery.guides.alerting import alerting
from delivery.guides.blocks import Maker, Page, WordsError
from delivery.guides.catalog_tables import table
from pipeline.deploy.target import APP, NAME, Target

#: Its blocks name what our manifests deploy, so that a test can hold them against those.
_DEPLOYED = "<!-- run: cluster -->\n"
#: Servers that the cluster has already.
_PEERS = frozenset(Peers.model_fields)


def pods(page: Page) -> str:
    """Of the services and components in the words, or of all that the alert can be about."""
    known = alerting(page.catalog)
    services = known.services(page.path.stem)
    components = tuple(known.components(page.path.stem))
    if page.words:
        wanted = page.words.split()
        services = page.catalog.services if "services" in wanted else ()
        components = tuple(each for each in wanted if each != "services")
    parts = [_of_services(services)] if services else []
    for component in components:
        parts += _of_component(page.catalog, component)
    return "\n\n".join(parts) or "Nothing of this is deployed from this catalog."


def _of_services(services: tuple[Service, ...]) -> str:
    rows = []
    for each in services:
        of = f"kubectl -n {each.workload.namespace}"
        chosen = f"-l {APP}={each.workload.app}"
        rows.append(
            (
                each.name,
                f"`{of} get pods {chosen} -o wide`",
                f"`{of} logs {chosen} --prefix --tail=50`",
            )
        )
    return table(["Service", "Its pods, and their restarts", "What they wrote last"], rows)


def _of_component(catalog: Catalog, component: str) -> Iterator[str]:
    if component not in catalog.platform.components:
        raise WordsError(f"the catalog has no component {component!r}. Name one, or 'services'.")
    deployment = catalog.deployment
    if deployment is None:
        return
    peer = getattr(deployment.peers, component) if component in _PEERS else None
    if peer is not None:
        chosen = ",".join(f"{key}={value}" for key, value in peer.labels.items())
        yield _block(peer.namespace, chosen, "")
    targets = tuple(Target(catalog, deployment, tree) for tree in deployment.trees)
    seen: set[tuple[str, str]] = set()
    for target in targets:
        pair = _chosen(target, component)
        if pair is None or pair in seen:
            continue
        namespace, chosen = pair
        if seen:
            yield f"Where `deploy/{target.tree.id}` runs: `-n {namespace} -l {chosen}`."
        else:
            yield _block(namespace, chosen, _DEPLOYED)
        seen.add(pair)


def _chosen(target: Target, component: str) -> tuple[str, str] | None:
    """The namespace and the labels of its pods, if that tree runs it."""
    agent = target.catalog.agent
    if component == "agent" and agent is not None and agent.kubernetes is not None:
        return agent.kubernetes.namespace, f"{APP}={target.tree.agent_name}"
    if component == "loki":
        return target.namespace, f"{NAME}={target.service}"
    if component == "memcached" and target.deployment.memcached is not None:
        return target.namespace, f"{NAME}=memcached"
    return None


def _block(namespace: str, chosen: str, marker: str) -> str:
    of = f"kubectl -n {namespace}"
    return (
        f"{marker}```sh\n{of} get pods -l {chosen} -o wide\n"
        f"{of} logs -l {chosen} --all-containers --prefix --since=15m --tail=2000"
        " | grep -iE 'warn|error'\n```"
    )


MAKERS: Mapping[str, Maker] = {"pods": pods}
