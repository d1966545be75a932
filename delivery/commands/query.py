"""``query``: the LogQL library, listed, explained and asked."""

from __future__ import annotations

import json
import os
import time
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from delivery.options import CatalogOption, FormatOption, ReportFormat, catalog_folder
from delivery.publish.options import (
    CaOption,
    CertificateOption,
    EnvironmentOption,
    GrafanaUrl,
    InsecureOption,
    KeyOption,
    LokiUrl,
)

if TYPE_CHECKING:
    from catalog.model import Catalog
    from catalog.platform import Environment
    from delivery.library.wish import Question, Shown
    from delivery.publish.servers import Reach
    from queries.library.model import LibraryQuery


class Action(StrEnum):
    """What is done with the library."""

    LIST = "list"
    SHOW = "show"
    RUN = "run"


class ReleaseChoice(StrEnum):
    """Releases of Loki that a query may have a form of its own for."""

    OLD = "2.9"
    NEW = "3"


def command(  # noqa: PLR0917 - a command has one parameter an option
    context: typer.Context,
    action: Annotated[Action, typer.Argument(help="List all, show one, or ask Loki.")],
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="The query, for show and run.")
    ] = None,
    service: Annotated[
        str | None, typer.Option("--service", metavar="ID", help="Whose lines.")
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option("--param", metavar="NAME=VALUE", help="A parameter; may be repeated."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="DURATION", help="How far back. [default: 1h]"),
    ] = None,
    step: Annotated[
        str | None,
        typer.Option("--step", metavar="DURATION", help="Figures over time, in such intervals."),
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=5000, help="How many lines at most.")
    ] = 100,
    release: Annotated[
        ReleaseChoice | None,
        typer.Option("--release", help="The form for this release of Loki, if it has one."),
    ] = None,
    link: Annotated[
        bool,
        typer.Option("--link", help="Print the address in Grafana's Explore, and ask nothing."),
    ] = False,
    catalog: CatalogOption = None,
    environment: EnvironmentOption = None,
    report_format: FormatOption = ReportFormat.TEXT,
    loki_url: LokiUrl = None,
    grafana_url: GrafanaUrl = None,
    ca_file: CaOption = None,
    client_certificate: CertificateOption = None,
    client_key: KeyOption = None,
    insecure_http: InsecureOption = False,
) -> int:
    """LogQL queries by name: list, show or run them.

    Run asks LOKI_URL, or Loki through GRAFANA_URL, and changes nothing. Exit status: 0 answered,
    even with nothing; 2 wrong usage; 3 a server did not answer or refused the query.
    """
    from catalog.load import load_catalog
    from delivery.library.wish import Words, question, shown
    from delivery.publish.servers import Reach
    from delivery.publish.session import chosen

    facts = load_catalog(catalog_folder(context, catalog))
    as_json = report_format is ReportFormat.JSON
    if action is Action.LIST:
        return _list(facts, as_json=as_json)
    query = _named(action, name)
    words = Words(service, tuple(param or ()), since, step, release.value if release else None)
    place = chosen(facts, environment)
    if action is Action.SHOW and not link:
        return _show(query, facts, shown(query, facts, place, words), as_json=as_json)
    asked = question(query, facts, place, words)
    if link:
        from delivery.library.explore import link as explore

        address = grafana_url or os.environ.get("GRAFANA_URL") or facts.platform.links.grafana_url
        print(explore(address, facts.prefix, asked))
        return 0
    reach = Reach(
        {"loki": loki_url, "grafana": grafana_url},
        ca_file,
        client_certificate,
        client_key,
        insecure_http,
    )
    return _run(facts, place, asked, reach, limit, as_json=as_json)


def _named(action: Action, name: str | None) -> LibraryQuery:
    from catalog.errors import Problem, UsageError
    from queries.library.registry import named

    if name is None:
        remedy = "Name one that python build.py query list shows"
        raise UsageError(Problem(f"query {action}", "no query is named", remedy))
    return named(name)


def _list(catalog: Catalog, *, as_json: bool) -> int:
    from delivery import console
    from delivery.library.text import listed
    from delivery.library.wish import Words, shown
    from queries.library.describe import described
    from queries.library.registry import offered

    place = catalog.default_environment
    entries = [
        {
            **described(query, catalog),
            "query": shown(query, catalog, place, Words()).question.made.text,
        }
        for query in offered(catalog)
    ]
    if as_json:
        print(json.dumps(entries, indent=2, ensure_ascii=False))
    else:
        console.write_lines(listed(entries))
    return 0


def _show(query: LibraryQuery, catalog: Catalog, asked: Shown, *, as_json: bool) -> int:
    from delivery import console
    from delivery.library.text import explained
    from queries.library.describe import described

    entry = described(query, catalog, asked.question.service)
    if as_json:
        whose = asked.question.service
        shown = {
            **entry,
            "service": whose.id if whose else None,
            "query": asked.question.made.text,
            "unit": asked.question.made.unit,
            "faster": dict(asked.faster),
        }
        print(json.dumps(shown, indent=2, ensure_ascii=False))
    else:
        console.write_lines(explained(entry, asked.question, asked.faster))
    return 0


def _run(
    catalog: Catalog,
    environment: Environment,
    asked: Question,
    reach: Reach,
    limit: int,
    *,
    as_json: bool,
) -> int:
    from delivery import console
    from delivery.library import text
    from delivery.library.ask import loki

    with loki(catalog, environment, reach, os.environ) as server:
        rows = server.rows(asked, int(time.time()), limit)
    if as_json:
        print(text.data(asked, rows))
        return 0
    console.write_lines(text.answered(asked, rows))
    if not rows:
        console.note(["Nothing. Is it the right --environment, and long enough a --since?"])
    elif asked.query.answer == "lines" and len(rows) >= limit:
        console.note([f"These are {limit} lines, and there may be more: see --limit."])
    return 0
