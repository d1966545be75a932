"""Which server a page is of: most say it themselves, in a metric made for that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from delivery.record.page import Family

#: Per metric, how the catalog calls the server, and what it puts before its release.
_SELVES: Mapping[str, tuple[str, str]] = {
    "alertmanager_build_info": ("alertmanager", ""),
    "alloy_build_info": ("agent", "alloy "),
    "kube_state_metrics_build_info": ("kube-state-metrics", ""),
    "loki_build_info": ("loki", ""),
    "memcached_version": ("memcached", ""),
    "prometheus_build_info": ("prometheus", ""),
    "promtail_build_info": ("agent", "promtail "),
}
_RELEASE = re.compile(r"v?([0-9]+(?:\.[0-9]+)+)")


class Identity(NamedTuple):
    """Component and release; None is what nobody has told."""

    component: str | None
    release: str | None


def identify(families: Mapping[str, Family]) -> Identity:
    """What the page says of itself, unless it speaks for two."""
    found: set[tuple[str, str]] = set()
    for name, (component, program) in _SELVES.items():
        if name in families:
            for version in families[name].labels.get("version", ()):
                release = _RELEASE.match(version)
                if release is not None:
                    found.add((component, program + release[1]))
    return Identity(*found.pop()) if len(found) == 1 else Identity(None, None)


def corrected(told: Identity, component: str | None, release: str | None) -> Identity:
    """What the page says, as far as a person does not know better.

    Of another component than the page's, the page's release says nothing.
    """
    if component is not None and component != told.component:
        return Identity(component, release)
    return Identity(told.component, release or told.release)
