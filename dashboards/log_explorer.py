"""The LogQL library as a page: each of its queries, filled in by the page's variables.

What is asked, and what a panel says of it, is the library's; here it is only drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from catalog import names
from catalog.links import dashboard_path
from catalog.model import Catalog
from catalog.service import Service
from dashboards import common, units
from dashboards.panels import REF_IDS
from dashboards.spec import (
    NOTHING_YET,
    Bars,
    Column,
    Dashboard,
    Drawing,
    Lines,
    Link,
    LogLines,
    Panel,
    Row,
    Table,
    Variable,
)
from queries import scope, trace_links
from queries.library import fill, kinds, loki_lines
from queries.library.fill import Form
from queries.library.model import About, LibraryQuery, Made, Parameter
from queries.library.registry import offered
from queries.query import Loki

_SERVICE = f"${scope.SERVICE_VARIABLE}"
_LINES = 100
_MOST_QUERIES = len(REF_IDS)
_OWN_WINDOW = "It looks at a window of its own, whatever range is on the screen, and says so."
#: The rows of the page: which queries stand in each, and whether it is open.
_ROWS = (
    ("every", "Every service", False),
    ("figures", f"{_SERVICE}: figures", False),
    ("lines", f"{_SERVICE}: lines", False),
    ("trace", "One trace: write its id above", False),
    ("messages", f"{_SERVICE}: what messages say", True),
    ("loki", "Loki itself", True),
)
_UNITS: Mapping[str, str] = {"lines": units.COUNT, "services": units.COUNT, "values": units.COUNT}
_COUNTED: Mapping[str, str] = {"lines": "Lines", "services": "Services", "values": "Values"}


def build(catalog: Catalog) -> Dashboard:
    """Each query for which there are lines."""
    queries = offered(catalog)
    rows = [
        Row(key, title, tuple(_panels(catalog, queries, key)), collapsed)
        for key, title, collapsed in _ROWS
    ]
    platform = catalog.platform
    return Dashboard(
        uid=names.log_explorer_uid(catalog.prefix),
        title="Log explorer",
        description="The LogQL library: its queries, filled in by the variables above. "
        "docs/query-reference.md says more of each, and build.py query runs them.",
        folder=platform.folder("logs").id,
        owner=platform.owner.team,
        rows=tuple(row for row in rows if row.panels),
        variables=_variables(catalog, queries),
        annotations=common.marks(catalog.services, scope.scope()),
        tags=(catalog.prefix, "logs", "explorer"),
    )


def _row_of(query: LibraryQuery) -> str:
    if any(parameter.kind == "trace_id" for parameter in query.parameters):
        return "trace"
    if query.subject != "one":
        return query.subject
    if query.answer == "lines":
        return "lines"
    searched = {"pattern", "regex_what", "levels"}
    reads = any(parameter.kind in searched for parameter in query.parameters)
    return "messages" if reads else "figures"


def _panels(catalog: Catalog, queries: Iterable[LibraryQuery], row: str) -> Iterator[Panel]:
    for query in queries:
        if _row_of(query) == row:
            forms = fill.on_dashboard(query, catalog)
            shown = list(_of_one_panel(forms))
            for number, together in enumerate(shown):
                key = query.name if number == 0 else f"{query.name}.{number + 1}"
                yield _panel(catalog, query, together, key)


def _of_one_panel(forms: tuple[Form, ...]) -> Iterator[tuple[Form, ...]]:
    """Forms of one unit, as many as a panel can ask: only that of the chosen service answers."""
    by_unit: dict[str, list[Form]] = {}
    for form in forms:
        by_unit.setdefault(_unit(form.made), []).append(form)
    for alike in by_unit.values():
        for start in range(0, len(alike), _MOST_QUERIES):
            yield tuple(alike[start : start + _MOST_QUERIES])


def _unit(made: Made) -> str:
    return _UNITS.get(made.unit) or units.of_value(made.unit)


def _panel(catalog: Catalog, query: LibraryQuery, forms: tuple[Form, ...], key: str) -> Panel:
    lines = query.answer == "lines"
    wide = lines or any(_is_wide(form.made) for form in forms)
    return Panel(
        key=key,
        title=query.title,
        description=f"{query.meaning} Next: {query.hint} On the command line: "
        f"build.py query run {query.name}.",
        queries=tuple(_asked(query, form.made) for form in forms),
        drawing=_drawing(catalog, query, forms),
        unit=_unit(forms[0].made),
        width=24 if wide else 12,
        height=10 if lines else 8,
        links=(common.to_unified(catalog.prefix),) if _tells_services(query) else (),
        interval="1m" if query.graph else "",
        empty=_empty(query, catalog),
        accept={"window/tiles": _OWN_WINDOW} if query.own_window else {},
    )


def _asked(query: LibraryQuery, made: Made) -> Loki:
    legend = " ".join(f"{{{{{label}}}}}" for label in made.by)
    return Loki(
        made.text,
        legend=legend if query.graph else "",
        instant=query.answer != "lines" and not query.graph,
        limit=_LINES if query.answer == "lines" else None,
    )


def _is_wide(made: Made) -> bool:
    """Whether a label of the answer is a text as long as a line."""
    return bool({names.ERROR_PATTERN, *loki_lines.SHOWN} & set(made.by))


def _tells_services(query: LibraryQuery) -> bool:
    return query.graph and query.subject == "every"


def _empty(query: LibraryQuery, catalog: Catalog) -> str:
    if _row_of(query) == "trace":
        return "No line of that trace; write its id above"
    if query.subject == "loki":
        return f"Nothing in this range; it reads {query.needs}"
    if query.subject == "one" and len(query.services(catalog)) < len(catalog.services):
        return f"Nothing in this range, or a service without {query.needs}"
    return NOTHING_YET


def _drawing(catalog: Catalog, query: LibraryQuery, forms: tuple[Form, ...]) -> Drawing:
    made = forms[0].made
    if query.answer == "lines":
        return LogLines(wrap=False, oldest_first=query.oldest_first)
    if query.graph and query.answer == "series":
        return Bars(colours=common.level_colours(catalog.platform))
    if query.graph:
        percentiles = made.by == ("percentile",)
        return common.PERCENTILE_LINES if percentiles else Lines()
    figure = _COUNTED.get(made.unit, "Time")
    labels = dict.fromkeys(label for form in forms for label in form.made.by)
    columns = [
        Column(label, label.replace("_", " ").capitalize(), links=_links(catalog, label))
        for label in labels
    ]
    # Of several queries one alone answers, so that there is one such column.
    figures = [Column(f"Value #{ref}", figure, width=110) for ref in REF_IDS[: len(forms)]]
    return Table(
        (*columns, *figures),
        sort=columns[0].title if query.by_label else figure,
        descending=not query.by_label,
        numbers=made.by if query.by_label else (),
    )


def _links(catalog: Catalog, label: str) -> tuple[Link, ...]:
    """From a service or a trace of a row to this page about it."""
    variable = None
    if label == names.SERVICE:
        variable, title = scope.SERVICE_VARIABLE, "This service"
    elif label in trace_links.traced_fields(catalog):
        variable, title = scope.TRACE_VARIABLE, "This trace"
    if variable is None:
        return ()
    filled = {**common.scope_variables(), variable: "${__value.raw}"}
    uid = names.log_explorer_uid(catalog.prefix)
    return (Link(title, dashboard_path(uid, filled, "${__from}", "${__to}")),)


def _variables(catalog: Catalog, queries: Iterable[LibraryQuery]) -> tuple[Variable, ...]:
    service = Variable(
        name=scope.SERVICE_VARIABLE,
        title="Service",
        description="The service that the rows with its name are about.",
        kind="custom",
        values=tuple(service.id for service in catalog.services),
    )
    texts: dict[str, Variable] = {}
    for query in queries:
        for parameter in query.parameters:
            if parameter.label and parameter.kind != "levels":
                for made in _texts(catalog, query, parameter):
                    before = texts.setdefault(made.name, made)
                    # Services differ in what is slow: the least of it shows all.
                    if parameter.kind == "threshold" and float(made.default) < float(
                        before.default
                    ):
                        texts[made.name] = made
    return (
        *common.cluster_and_environment(),
        service,
        common.level(catalog.platform),
        *texts.values(),
    )


def _texts(catalog: Catalog, query: LibraryQuery, parameter: Parameter) -> Iterator[Variable]:
    """A text box, or one for each unit that a threshold may have."""
    services: list[Service | None] = [None]
    if query.subject == "one":
        services = list(query.services(catalog))
    for service in services:
        values = fill.values_of(query, catalog, service)
        event = service.event(values["event"]) if service and "event" in values else None
        about = About(catalog, service, event)
        default = values[parameter.name] if parameter.default else ""
        title = parameter.label
        if parameter.kind == "threshold":
            default = kinds.token(parameter, default, about)
            title = f"{title} ({kinds.measured(about)})"
        name = fill.variable_name(parameter, about)
        yield Variable(name, title, parameter.help, "text", default=default)
