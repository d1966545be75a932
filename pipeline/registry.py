"""Every file that this package generates."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.artifact import Artifact
from catalog.model import Catalog
from pipeline import prometheus

SCRAPE_CONFIGURATION = "prometheus/prometheus.yml"


def generate(catalog: Catalog) -> Iterator[Artifact]:
    """Prometheus' configuration."""
    yield Artifact(
        SCRAPE_CONFIGURATION,
        prometheus.configuration(catalog),
        "prometheus-config",
        catalog.platform.owner.team,
    )
