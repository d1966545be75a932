"""A dashboard's JSON out of whatever it comes in: an export, an API's answer, a resource."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import Problem, UsageError, UserError
from delivery.places import display
from delivery.publish.transport import Transport, path

Json = dict[str, Any]

#: What Grafana stores of 100 panels is some 500 KB; what is larger is no dashboard.
_LARGEST = 32 * 2**20
_FOLDER_ANNOTATION = "grafana.app/folder"


@dataclass(frozen=True, slots=True)
class Original:
    """The dashboard as it was read, where from, and the uid of its folder if that is known.

    ``datasources`` are those of the server that it was read from, by uid and by name.
    """

    place: str
    dashboard: Json
    folder: str = ""
    datasources: tuple[tuple[str, str, str], ...] = ()


def from_file(file: Path) -> Original:
    """The dashboard in a file.

    :raises UserError: it is no JSON, or no dashboard.
    """
    place = display(file)
    try:
        if file.stat().st_size > _LARGEST:
            raise UserError(Problem(place, "it is too large for a dashboard", "Is it one?"))
        data = json.loads(file.read_bytes())
    except OSError as error:
        fault = f"cannot be read: {error.strerror}"
        raise UsageError(Problem(place, fault, "Name a file that you may read")) from None
    except (ValueError, RecursionError) as error:
        fault = f"is no JSON: {error}"
        raise UserError(Problem(place, fault, "Export the dashboard as JSON again")) from None
    return unwrapped(data, place)


def from_server(server: Transport, uid: str) -> Original:
    """The dashboard that Grafana has under the uid.

    :raises ServerError: the server cannot be asked.
    :raises UserError: there is none of that uid, or one that cannot be imported.
    """
    place = f"{server.place}/d/{uid}"
    answer = server.read(path("api", "dashboards", "uid", uid))
    if answer.missing():
        raise UserError(Problem(place, "there is no such dashboard", "Look up its uid again"))
    found = unwrapped(answer.mapping("dashboard", "meta"), place)
    known = server.read("/api/datasources")
    listed = known.array() if known.ok else []
    sources = tuple(
        (str(each.get("uid") or ""), str(each.get("name") or ""), str(each.get("type") or ""))
        for each in listed
    )
    return Original(place, found.dashboard, found.folder, sources)


def unwrapped(data: object, place: str) -> Original:
    """The dashboard itself, out of an API's answer or a resource.

    :raises UserError: it is no dashboard, or one of the new schema.
    """
    if not isinstance(data, dict):
        raise _no_dashboard(place)
    found: Json = data
    folder = ""
    if isinstance(found.get("dashboard"), dict):
        meta = found.get("meta")
        meta = meta if isinstance(meta, dict) else {}
        folder = str(meta.get("folderUid") or "")
        _refuse_converted(meta, place)
        found = found["dashboard"]
    elif isinstance(found.get("spec"), dict) and "apiVersion" in found:
        found, folder = _of_resource(found, place)
    _refuse_v2(found, place)
    if not isinstance(found.get("panels", found.get("rows")), list):
        raise _no_dashboard(place)
    return Original(place, found, folder)


def _of_resource(data: Json, place: str) -> tuple[Json, str]:
    meta = data.get("metadata")
    meta = meta if isinstance(meta, dict) else {}
    version = str(data["apiVersion"]).rpartition("/")[2]
    if version.startswith("v2"):
        raise _v2(place, version)
    status = data.get("status")
    conversion = status.get("conversion") if isinstance(status, dict) else None
    stored = str(conversion.get("storedVersion") or "") if isinstance(conversion, dict) else ""
    if stored.startswith("v2"):
        raise _v2(place, stored)
    notes = meta.get("annotations")
    folder = str(notes.get(_FOLDER_ANNOTATION) or "") if isinstance(notes, dict) else ""
    return {**data["spec"], "uid": meta.get("name") or data["spec"].get("uid")}, folder


def _refuse_converted(meta: Json, place: str) -> None:
    version = str(meta.get("apiVersion") or "")
    if version.startswith("v2"):
        raise _v2(place, version)


def _refuse_v2(data: Json, place: str) -> None:
    if isinstance(data.get("elements"), dict) and "layout" in data:
        raise _v2(place, "v2")


def _v2(place: str, version: str) -> UserError:
    return UserError(
        Problem(
            place,
            f"is of the dashboard schema {version}, and only the classic one can be imported",
            "Export it as classic JSON (Export, then 'Classic'), from Grafana 12 on",
        )
    )


def _no_dashboard(place: str) -> UserError:
    return UserError(
        Problem(
            place,
            "is no dashboard: it has neither panels nor rows",
            "Export the dashboard as JSON, or name its uid",
        )
    )
