"""The datasources that ship, by the folder that a Grafana mounts."""

from __future__ import annotations

from delivery.checks.documents import Datasource, Documents, Variables
from delivery.checks.templates import occurrences

#: The folder of the default environment, which the dashboards are written for.
DEFAULT = "grafana/provisioning/datasources"
#: Names that mean Grafana itself, or each query's own datasource.
PSEUDO = frozenset({"-- Dashboard --", "-- Grafana --", "-- Mixed --", "grafana"})


def provisioned(documents: Documents) -> dict[str, dict[str, Datasource]]:
    """Folder, uid, datasource."""
    found: dict[str, dict[str, Datasource]] = {}
    for each in documents.datasources:
        if each.uid:
            found.setdefault(folder_of(each.file), {}).setdefault(each.uid, each)
    return found


def folder_of(file: str) -> str:
    """The folder that a file is in."""
    return file.rsplit("/", 1)[0]


def home(file: str) -> str:
    """Where the datasources stand that a file can name."""
    folder = folder_of(file)
    return folder if folder.endswith("/datasources") else DEFAULT


def is_variable(uid: str, variables: Variables) -> bool:
    """Whether the reader of the dashboard chooses the datasource."""
    return any(
        each.name in variables and variables[each.name].kind == "datasource"
        for each in occurrences(uid)
    )
