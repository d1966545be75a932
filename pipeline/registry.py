"""Every file that this package generates."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.artifact import Artifact
from catalog.model import Catalog
from pipeline import canary_scrape, prometheus
from pipeline.agent import artifacts as agents
from pipeline.deploy import registry as deploy

SCRAPE_CONFIGURATION = "prometheus/prometheus.yml"
CANARY_SCRAPE = "deploy/argo-rollouts/prometheus-scrape.yaml"


def generate(catalog: Catalog) -> Iterator[Artifact]:
    """Prometheus' configuration, how it tells canaries, the agents, and what Loki runs with."""
    yield Artifact(
        SCRAPE_CONFIGURATION,
        prometheus.configuration(catalog),
        "prometheus-config",
        catalog.platform.owner.team,
    )
    scrape = canary_scrape.configuration(catalog)
    if scrape is not None:
        yield Artifact(CANARY_SCRAPE, scrape, "prometheus-scrape", catalog.platform.owner.team)
    yield from agents.generate(catalog)
    yield from deploy.generate(catalog)
