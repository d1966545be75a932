"""A tree that ships, read once, and read again as little as a fault needs.

A thousand times a whole tree would take minutes. The files that a fault does not touch are
the same, and so are the queries in them unless it changes a recorded series, so only the
rest goes through the same functions again. test_mutations.py shows on a smaller set that the
command finds the same in the files themselves.
"""

from __future__ import annotations

import json
from dataclasses import fields
from functools import cached_property
from pathlib import Path
from typing import Any

from catalog.exporters import load_exporters
from catalog.load import load_catalog
from delivery.checks.context import Context, Query, make_context, read_use
from delivery.checks.documents import Documents
from delivery.checks.finding import Finding
from delivery.checks.logql_fields import Streams
from delivery.checks.read import is_read, load, read_file, read_tree
from delivery.checks.readings import Readings
from delivery.checks.registry import CHECKS
from delivery.checks.run import remaining, suppressions
from delivery.checks.universe import Universe, emitted
from tests.delivery.checks.mutations.mutant import Json, Mutant, edited
from tests.delivery.checks.mutations.sites import Site, queries

#: Checks that ask for no query: for these alone, none is read again.
OF_DOCUMENTS = frozenset(
    {
        *("alert/labels", "alert/links", "alert/name", "alert/range", "alert/template"),
        "alert/unproven",
        *("alert/twice", "route/receiver", "route/secret", "secret/literal"),
        *("dashboard/title", "dashboard/uid", "datasource/kind", "datasource/uid"),
        *("datasource/unknown", "escape/dollar", "link/form", "panel/description", "panel/grid"),
        *("panel/id", "panel/query", "panel/title", "rule/cycle", "rule/hold", "rule/name"),
        *("rule/order", "rule/unused", "runbook/missing"),
    }
)


class Shipped:
    """The tree at ``root``, generated from ``catalog``."""

    def __init__(self, name: str, catalog: Path, root: Path) -> None:
        self.name, self.root, self.folder = name, root, catalog
        self.catalog = load_catalog(catalog)
        self.exporters = load_exporters(catalog)
        manifest = json.loads((root / "manifest.json").read_text(encoding="utf-8"))
        self.paths = tuple(entry["path"] for entry in manifest["files"])
        self.accepted = suppressions(manifest)
        self.contents = {path: load(root, path) for path in self.paths if is_read(path)}
        self.parts = {path: self._part(path, content) for path, content in self.contents.items()}
        self.whole = read_tree(root, iter(self.paths))
        emissions = emitted(self.catalog, self.exporters)
        readings = Readings(Streams(self.catalog), emissions, most=100_000)
        self.context = make_context(self.catalog, self.exporters, self.whole, readings)

    @cached_property
    def sites(self) -> tuple[Site, ...]:
        """Every query that ships."""
        return tuple(
            site for path, content in self.contents.items() for site in queries(path, content)
        )

    @cached_property
    def read(self) -> dict[tuple[str, str], Query]:
        """Each query as it reads, by file and place."""
        return {(each.use.file, each.use.where): each for each in self.context.queries}

    def findings(self, mutant: Mutant, ids: frozenset[str] | None = None) -> list[Finding]:
        """What the checks of these ids find (all checks: None) in the tree with the fault."""
        content = edited(self.contents[mutant.path], mutant.edits)
        part = self._part(mutant.path, content)
        documents = self._documents(mutant.path, part)
        if ids is not None and ids <= OF_DOCUMENTS:
            context = Context(self.catalog, documents, Universe(), self.context.readings)
        else:
            context = self._context(mutant.path, part, documents)
        found = (
            finding
            for check in CHECKS
            if ids is None or check.id in ids
            for finding in check.run(context)
        )
        if ids is None:
            return list(remaining(found, self.accepted))
        return [each for each in found if not any(one.covers(each) for one in self.accepted)]

    @staticmethod
    def _part(path: str, content: Json) -> Documents:
        documents = Documents()
        read_file(path, content, documents)
        return documents

    def _context(self, path: str, part: Documents, documents: Documents) -> Context:
        known = self.context
        if _series(part) != _series(self.parts[path]):
            return make_context(self.catalog, self.exporters, documents, known.readings)
        context = Context(self.catalog, documents, known.universe, known.readings)
        context.faults += [fault for fault in known.faults if fault.file != path]
        context.queries += [query for query in known.queries if query.use.file != path]
        context.queries += [read_use(context, use) for use in part.uses]
        return context

    def _documents(self, path: str, part: Documents) -> Documents:
        merged: dict[str, Any] = {}
        for field in fields(Documents):
            values = getattr(self.whole, field.name)
            if isinstance(values, list):
                values = [
                    each
                    for name, other in self.parts.items()
                    for each in getattr(part if name == path else other, field.name)
                ]
            merged[field.name] = values
        return Documents(**merged)


def _series(part: Documents) -> list[object]:
    """What a file adds to the series that others can read."""
    recorded = [(use.record, use.text, use.static) for use in part.uses if use.record]
    alerts = [(rule.name, tuple(rule.labels.items())) for rule in part.rules]
    return [recorded, alerts]
