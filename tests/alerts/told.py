"""Every alert of a catalog's services and pipeline, and the file that it ships in."""

from __future__ import annotations

from collections.abc import Iterator

from alerts import logs, service, silence
from alerts.model import Alert
from catalog.model import Catalog


def told(catalog: Catalog) -> Iterator[Alert]:
    """Those of services, of Loki's ruler, and of the log pipeline as a whole."""
    groups = [
        *(service.group(catalog, each) for each in catalog.services),
        *(group for each in catalog.services for group in logs.groups(catalog, each)),
        *silence.platform_group(catalog),
    ]
    for group in groups:
        yield from (rule for rule in group.rules if isinstance(rule, Alert))


def file_of(alert: Alert) -> str:
    """The rule file of Prometheus that an alert stands in."""
    return "platform.yaml" if alert.service == "agent" else f"service-{alert.service}.yaml"
