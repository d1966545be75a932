"""Every alert's proofs, by the alert's name."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Final

from alerts.proof import Prove
from alerts.proofs import (
    anomaly,
    burn,
    canary,
    dependencies,
    lines,
    log_pipeline,
    logs,
    logs_more,
    platform,
    platform_ingest,
    platform_loki,
    platform_more,
    platform_upkeep,
    service,
    service_more,
    silence,
    slo_health,
    targets,
)

#: Each has ``PROOFS``: a mapping from an alert's name to what proves it.
AREAS: Final[tuple[ModuleType, ...]] = (
    anomaly,
    burn,
    canary,
    dependencies,
    lines,
    log_pipeline,
    logs,
    logs_more,
    platform,
    platform_ingest,
    platform_loki,
    platform_more,
    platform_upkeep,
    service,
    service_more,
    silence,
    slo_health,
    targets,
)


def proofs() -> Mapping[str, Prove]:
    """What proves each alert, of all areas together."""
    return {name: prove for area in AREAS for name, prove in area.PROOFS.items()}
