"""Grafana's folders as publishing makes them: no provisioning file can nest one or close it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from catalog import names
from catalog.artifact import Artifact
from catalog.folder import Folder
from catalog.model import Catalog

PATH = "grafana/folders.json"


def folder_file(catalog: Catalog, folders_with_dashboards: frozenset[str]) -> Artifact:
    """Every folder that holds a dashboard, and those that hold these."""
    folders = catalog.platform.folders
    used = [each for each in folders if each.id in folders_with_dashboards]
    parents = {each.parent for each in used}
    content = [
        _folder(catalog.prefix, each) for each in folders if each in used or each.id in parents
    ]
    return Artifact(PATH, {"folders": content}, "grafana-folders", catalog.platform.owner.team)


def _folder(prefix: str, folder: Folder) -> dict[str, Any]:
    made: dict[str, Any] = {
        "uid": names.folder_uid(prefix, folder.id),
        "title": folder.title,
    }
    if folder.parent is not None:
        made["parentUid"] = names.folder_uid(prefix, folder.parent)
    if folder.permissions is not None:
        made["permissions"] = dict(_granted(folder))
    return made


def _granted(folder: Folder) -> Iterator[tuple[str, str]]:
    """By role, as Grafana names them."""
    if folder.permissions is not None:
        yield "Viewer", folder.permissions.viewer
        yield "Editor", folder.permissions.editor
