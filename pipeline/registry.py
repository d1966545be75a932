"""Every file that this package generates."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.artifact import Artifact
from catalog.model import Catalog
from pipeline import canary_scrape, prometheus, tail_sampling
from pipeline.agent import artifacts as agents
from pipeline.deploy import registry as deploy

SCRAPE_CONFIGURATION = "prometheus/prometheus.yml"
CANARY_SCRAPE = "deploy/argo-rollouts/prometheus-scrape.yaml"


def generate(catalog: Catalog) -> Iterator[Artifact]:
    """All of it: what scrapes, samples and ships, and what Loki runs with."""
    yield Artifact(
        SCRAPE_CONFIGURATION,
        prometheus.configuration(catalog),
        "prometheus-config",
        catalog.platform.owner.team,
    )
    scrape = canary_scrape.configuration(catalog)
    if scrape is not None:
        yield Artifact(CANARY_SCRAPE, scrape, "prometheus-scrape", catalog.platform.owner.team)
    for path, content in tail_sampling.configurations(catalog):
        yield Artifact(path, content, "otel-collector", catalog.platform.owner.team)
    yield from agents.generate(catalog)
    yield from deploy.generate(catalog)
