"""The parts of docs/integration.md that follow from the catalog."""

from __future__ import annotations

from collections.abc import Mapping

from delivery.guides import (
    integration_lines,
    integration_map,
    integration_scale,
    integration_storage,
)
from delivery.guides.blocks import Maker

MAKERS: Mapping[str, Maker] = {
    "integration-architecture": integration_map.architecture,
    "integration-bill": integration_scale.bill,
    "integration-components": integration_map.components,
    "integration-compression": integration_storage.compression,
    "integration-disk": integration_storage.disk,
    "integration-field-homes": integration_lines.homes,
    "integration-limits": integration_scale.limits_today,
    "integration-parts": integration_scale.parts,
    "integration-pipeline": integration_lines.pipeline,
    "integration-places": integration_map.places,
    "integration-query-classes": integration_scale.classes,
    "integration-retention": integration_storage.retention,
    "integration-savings": integration_scale.savings,
    "integration-sizes": integration_scale.sizes,
    "integration-steps": integration_lines.steps,
    "integration-storage": integration_storage.storage,
    "integration-stream-labels": integration_lines.stream_labels,
    "integration-trace-label": integration_scale.trace_label,
    "integration-workloads": integration_map.workloads,
}
