"""The library as a file: every query filled in with its defaults, so that the check reads it.

People read it too: it is what ``query list --format json`` prints, with the queries themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from catalog.artifact import Artifact, Suppression
from catalog.model import Catalog
from catalog.service import Service
from queries.library.describe import described
from queries.library.fill import Wish, filled
from queries.library.model import LibraryQuery, Release
from queries.library.registry import offered

PATH = "queries/library.json"
_ONLY_THERE = (
    "It is asked of Loki {release} alone: reading what that release keeps elsewhere is its use."
)

Json = dict[str, Any]


def generate(catalog: Catalog) -> Iterator[Artifact]:
    """The one file; a catalog for which no query has lines has none."""
    queries = offered(catalog)
    if not queries:
        return
    content = {
        "queries": [
            {**described(each, catalog), "forms": _forms(each, catalog)} for each in queries
        ]
    }
    yield Artifact(
        path=PATH,
        content=content,
        kind="query-library",
        owner=catalog.platform.owner.team,
        suppressions=tuple(_accepted(catalog, queries)),
    )


def _forms(query: LibraryQuery, catalog: Catalog) -> list[Json]:
    """The query of each service that it applies to, and what one release alone is asked."""
    subjects: list[Service | None] = [None]
    if query.subject == "one":
        subjects = list(query.services(catalog))
    forms = []
    for subject in subjects:
        wish = Wish(catalog.default_environment, subject)
        made = filled(query, catalog, wish)
        forms.append(_form(subject, made.text, list(made.by)))
        for release in faster(query, catalog):
            text = filled(query, catalog, wish, release).text
            forms.append({**_form(subject, text, list(made.by)), "release": release})
    return forms


def _form(subject: Service | None, text: str, by: list[str]) -> Json:
    return {"service": subject.id if subject else None, "query": text, "by": by}


def faster(query: LibraryQuery, catalog: Catalog) -> tuple[Release, ...]:
    """The releases that have a form of their own, of those that the system runs."""
    loki = catalog.platform.components.get("loki")
    running = {release.partition(".")[0] for release in (loki.releases if loki else ())}
    return tuple(each for each in query.faster or {} if each.partition(".")[0] in running)


def where(name: str, service: str | None, release: str | None) -> str:
    """How a finding about one of the forms names it."""
    whose = f", service {service}" if service else ""
    return f"query {name}{whose}" + (f", Loki {release}" if release else "")


def _accepted(catalog: Catalog, queries: tuple[LibraryQuery, ...]) -> Iterator[Suppression]:
    """The form for the new release reads metadata, which the old one has not."""
    for query in queries:
        releases = faster(query, catalog)
        if "2.9" in releases and "3" in releases:
            reason = _ONLY_THERE.format(release="3")
            yield Suppression("query/release", where(query.name, None, "3"), reason)
