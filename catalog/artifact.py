"""What a generator returns: one file of ``generated/``, not yet bytes.

It lives in ``catalog`` because that is the one package that every generator may
import; the bytes are made in one place, :mod:`delivery.render`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "agent-config",
    "alertmanager",
    "alertmanager-template",
    "dashboard",
    "dashboard-provider",
    "datasource",
    "grafana-alerting",
    "grafana-folders",
    "helm-values",
    "kubernetes",
    "loki-config",
    "loki-rules",
    "loki-tests",
    "otel-collector",
    "prometheus-config",
    "prometheus-rules",
    "prometheus-tests",
    "prometheus-scrape",
    "provisioning",
    "query-library",
    "rollout",
]


@dataclass(frozen=True, slots=True, order=True)
class Suppression:
    """A finding of ``build.py check`` that is meant: which, where in the file, and why.

    ``where`` is what the finding's place begins with (``panel 7 'Requests'``). It is shipped
    in manifest.json, and itself a finding once there is nothing to suppress.
    """

    check: str
    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Embedded:
    """Data that stands in a YAML file as the text of another one, as a ConfigMap holds it."""

    content: object


@dataclass(frozen=True, slots=True)
class Documents:
    """Several YAML documents in one file, as kubectl reads them, in order."""

    documents: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Artifact:
    """One generated file.

    ``path`` is POSIX and relative to the output folder. ``content`` is plain data
    (dicts, lists, scalars) for ``.json`` and ``.yaml``, text for everything else; in ``.yaml`` it
    may be :class:`Documents` and hold :class:`Embedded` data.
    ``owner`` is the team that is asked about it, ``uid`` the name that Grafana or
    a ruler knows it by, if it has one.
    """

    path: str
    content: object
    kind: Kind
    owner: str
    uid: str | None = None
    suppressions: tuple[Suppression, ...] = ()
