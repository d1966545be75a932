"""Every query of the library, in the order in which it is listed."""

from __future__ import annotations

from catalog.errors import Problem, UsageError
from catalog.model import Catalog
from catalog.signals import one_of
from queries.library.advanced import ADVANCED
from queries.library.debugging import DEBUGGING
from queries.library.essential import ESSENTIAL
from queries.library.model import LibraryQuery

QUERIES: tuple[LibraryQuery, ...] = (*ESSENTIAL, *ADVANCED, *DEBUGGING)


def named(name: str) -> LibraryQuery:
    """The query of that name.

    :raises UsageError: there is none.
    """
    known = {query.name: query for query in QUERIES}
    if name not in known:
        fault = "the library has no such query"
        raise UsageError(Problem(f"query {name}", fault, one_of(name, known)))
    return known[name]


def offered(catalog: Catalog) -> tuple[LibraryQuery, ...]:
    """The queries for which a catalog has lines."""
    return tuple(query for query in QUERIES if query.is_offered(catalog))
