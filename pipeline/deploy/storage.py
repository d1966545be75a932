"""The class of Loki's volumes."""

from __future__ import annotations

from typing import Any

from pipeline.deploy.target import PART_OF, Target

Json = dict[str, Any]


def objects(target: Target) -> tuple[Json, ...]:
    """A volume is made where its pod is to run, and may grow."""
    declared = target.deployment.storage_class
    return (
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {
                "name": declared.name,
                "labels": {PART_OF: target.catalog.platform.system.id},
            },
            "provisioner": declared.provisioner,
            "parameters": {
                "type": declared.type,
                "iops": str(declared.iops),
                "encrypted": str(declared.encrypted).lower(),
            },
            "reclaimPolicy": "Delete",
            "volumeBindingMode": "WaitForFirstConsumer",
            "allowVolumeExpansion": True,
        },
    )
