"""Reads the queries of the LogQL library, as they are with their defaults."""

from __future__ import annotations

from typing import Any

from delivery.checks.documents import Documents, Use
from queries.library.artifact import where

Json = dict[str, Any]


def read(path: str, content: Json, documents: Documents) -> None:
    """Adds each form of each query; ``by`` are the labels that its rows are shown by."""
    for query in content["queries"]:
        for form in query["forms"]:
            place = where(str(query["name"]), form.get("service"), form.get("release"))
            text, by = str(form["query"]), tuple(map(str, form["by"]))
            documents.uses.append(Use(path, place, "library", "logql", text, legend=by))
