"""A query of the library as data: what the command prints, and what is shipped."""

from __future__ import annotations

from typing import Any

from catalog.model import Catalog
from catalog.service import Service
from queries.library.fill import values_of
from queries.library.kinds import options
from queries.library.model import About, LibraryQuery, Parameter

Json = dict[str, Any]


def described(query: LibraryQuery, catalog: Catalog, service: Service | None = None) -> Json:
    """All but the query itself, with the defaults of the service or of the first that has some."""
    services = query.services(catalog)
    # The build's check parses every query for the oldest of them; tests/live runs them.
    loki = catalog.platform.components.get("loki")
    example = service or (services[0] if query.subject == "one" and services else None)
    return {
        "name": query.name,
        "title": query.title,
        "section": query.section,
        "subject": query.subject,
        "answer": query.answer,
        "cost": query.cost,
        "meaning": query.meaning,
        "hint": query.hint,
        "next": list(query.next),
        "needs": query.needs,
        "services": [each.id for each in services],
        "releases": list(loki.releases) if loki else [],
        "parameters": [_parameter(each, query, catalog, example) for each in query.parameters],
    }


def _parameter(
    parameter: Parameter, query: LibraryQuery, catalog: Catalog, service: Service | None
) -> Json:
    required = parameter.default is None
    value = values_of(query, catalog, service)[parameter.name]
    about = About(catalog, service)
    return {
        "name": parameter.name,
        "type": parameter.kind,
        "help": parameter.help,
        "required": required,
        "default": None if required else value,
        "example": value,
        "choices": list(options(parameter, about)),
    }
