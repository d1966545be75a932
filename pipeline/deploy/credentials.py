"""Where Loki's credentials come from. None stands in a file that is committed.

An ExternalSecret says what a Secret's values are called in your store of secrets, and its operator
fills it in. Who has no such operator makes the same Secrets by hand: docs/deployment.md.
"""

from __future__ import annotations

from typing import Any

from catalog.deployment import Secret
from pipeline.deploy.loki import duration
from pipeline.deploy.target import Target

Json = dict[str, Any]


def objects(target: Target) -> tuple[Json, ...]:
    """18-loki-secrets.yaml."""
    secrets = target.deployment.secrets
    return tuple(_external(target, each) for each in (secrets.object_store, secrets.api_token))


def _external(target: Target, secret: Secret) -> Json:
    declared = target.deployment.secrets
    return {
        "apiVersion": target.tree.external_secrets,
        "kind": "ExternalSecret",
        "metadata": target.meta(secret.name, target.labels("loki", target.tree.loki)),
        "spec": {
            "refreshInterval": duration(declared.refresh),
            "secretStoreRef": {"kind": declared.store.kind, "name": declared.store.name},
            "target": {"name": secret.name, "creationPolicy": "Owner"},
            "data": [
                {"secretKey": key, "remoteRef": {"key": secret.remote, "property": key}}
                for key in secret.keys
            ],
        },
    }
