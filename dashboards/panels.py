"""The one importer of grafanalib: from our descriptions to the dashboard JSON of Grafana.

grafanalib's newest release (0.7.1, January 2024) builds the frame of a dashboard and its
common panels. It has no Loki or Jaeger target, no trace and no node graph panel and no
exemplars, names a datasource instead of giving its type and uid, and writes keys that
Grafana dropped long ago. What is missing is added here and what is obsolete removed, by
listing what may stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import grafanalib.core as gl

from dashboards import node_graph
from dashboards import options as shape
from dashboards.spec import (
    AlertList,
    Bars,
    Core,
    Dashboard,
    Lines,
    LogLines,
    NodeGraph,
    Note,
    Panel,
    Row,
    Stat,
    Table,
    Trace,
    TraceList,
    Variable,
)
from dashboards.targets import Datasources, annotations_json, kind_of, target_json

Json = dict[str, Any]

#: The newest schema that Grafana 12.0 knows. A higher number is refused there, a lower one
#: only makes newer servers migrate what needs no migration.
SCHEMA_VERSION = 41

_PANEL_KEYS = frozenset(
    [
        "datasource",
        "description",
        "fieldConfig",
        "gridPos",
        "id",
        "interval",
        "maxDataPoints",
        "options",
        "targets",
        "title",
        "transformations",
        "type",
    ]
)
_ROW_KEYS = frozenset(["collapsed", "gridPos", "id", "panels", "title", "type"])
_DASHBOARD_KEYS = frozenset(
    [
        "annotations",
        "description",
        "editable",
        "graphTooltip",
        "id",
        "links",
        "panels",
        "refresh",
        "schemaVersion",
        "tags",
        "templating",
        "time",
        "timepicker",
        "timezone",
        "title",
        "uid",
    ]
)
_VARIABLE_KEYS = frozenset(
    [
        "allValue",
        "current",
        "datasource",
        "definition",
        "description",
        "hide",
        "includeAll",
        "label",
        "multi",
        "name",
        "options",
        "query",
        "refresh",
        "regex",
        "skipUrlSync",
        "sort",
        "type",
    ]
)
#: The names of a panel's queries.
REF_IDS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a panel stands, in Grafana's grid."""

    x: int
    y: int
    width: int
    height: int

    def grid(self) -> gl.GridPos:
        """The same, as grafanalib takes it."""
        return gl.GridPos(h=self.height, w=self.width, x=self.x, y=self.y)


def panel_json(panel: Panel, number: int, place: Place, sources: Datasources) -> Json:
    """A panel as Grafana stores it."""
    common: Json = {
        "id": number,
        "title": panel.title,
        "description": panel.description,
        "gridPos": place.grid(),
        "targets": [
            target_json(query, REF_IDS[index], sources) for index, query in enumerate(panel.queries)
        ],
    }
    if panel.queries:
        common["dataSource"] = sources.reference(kind_of(panel.queries[0]))
    if panel.interval:
        common["interval"] = panel.interval
    drawn = _drawn(panel, common)
    result = _only(_PANEL_KEYS, plain(drawn.frame))
    result["options"] = drawn.options
    overrides = [*drawn.overrides, *result["fieldConfig"].get("overrides", ())]
    result["fieldConfig"] = {"defaults": plain(drawn.defaults), "overrides": overrides}
    for key in ("targets", "transformations"):
        if not result[key]:
            del result[key]
    del result["maxDataPoints"]  # 100 points are coarse; Grafana's own default is the width
    return result


@dataclass(frozen=True, slots=True)
class _Drawn:
    """grafanalib's frame of a panel, and what replaces its idea of options and defaults."""

    frame: gl.Panel
    options: Json
    defaults: Json
    overrides: tuple[Json, ...] = ()


def _drawn(panel: Panel, common: Json) -> _Drawn:
    drawing = panel.drawing
    values: Json = {
        "unit": panel.unit,
        "noValue": panel.empty,
        "links": shape.data_links(panel.links),
        "mappings": [],
    }
    match drawing:
        case Lines() | Bars():
            lines = drawing if isinstance(drawing, Lines) else None
            frame = gl.TimeSeries(**common, overrides=_series_overrides(drawing))
            defaults = values | shape.series_defaults(lines)
            return _Drawn(frame, shape.series_options(), defaults)
        case Stat():
            defaults = values | {
                "color": {"mode": "thresholds"},
                "thresholds": shape.thresholds(drawing.steps),
                "decimals": drawing.decimals,
                "mappings": shape.words(drawing.words),
            }
            return _Drawn(gl.Stat(**common), shape.stat_options(drawing), defaults)
        case Table():
            frame = gl.Table(
                **common,
                overrides=shape.table_overrides(drawing),
                transformations=shape.table_transformations(drawing),
            )
            options = {**shape.TABLE_OPTIONS, "sortBy": _sorted_by(drawing)}
            return _Drawn(frame, options, values | shape.table_defaults())
        case TraceList():
            frame = _Other(**common, kind="table")
            return _Drawn(
                frame, shape.TABLE_OPTIONS, values | shape.table_defaults(), shape.TRACE_COLUMNS
            )
        case LogLines():
            options = {**shape.LOG_OPTIONS, "wrapLogMessage": drawing.wrap}
            if drawing.oldest_first:
                options["sortOrder"] = "Ascending"
            return _Drawn(gl.Logs(**common), options, {"noValue": panel.empty})
        case Note():
            content = {"content": drawing.markdown, "mode": gl.TEXT_MODE_MARKDOWN}
            return _Drawn(gl.Text(**common), content, {})
        case AlertList():
            options = shape.alert_options(drawing.matchers)
            return _Drawn(_Other(**common, kind="alertlist"), options, {})
        case Trace():
            return _Drawn(_Other(**common, kind="traces"), {}, {"noValue": panel.empty})
        case NodeGraph():
            frame = _Other(
                **common, kind="nodeGraph", transformations=node_graph.transformations(drawing)
            )
            return _Drawn(frame, node_graph.options(drawing), {"noValue": panel.empty})
        case Core():
            frame = _Other(**common, kind=drawing.kind)
            return _Drawn(frame, {}, values | shape.field_defaults(drawing))


class _Other(gl.Panel):  # type: ignore[misc] # grafanalib has no types
    """A panel type that grafanalib does not know."""

    def __init__(self, kind: str, **attributes: object) -> None:
        super().__init__(**attributes)
        self.kind = kind

    def to_json_data(self) -> Json:
        """The common keys and the type; the rest is added afterwards."""
        result: Json = self.panel_json({"type": self.kind})
        return result


def _series_overrides(drawing: Lines | Bars) -> list[Json]:
    overrides = [
        shape.override(name, color=shape.fixed(colour)) for name, colour in drawing.colours
    ]
    if isinstance(drawing, Lines):
        dashes = {"fill": "dash", "dash": [10, 10]}
        overrides += [
            shape.override(name, custom__lineStyle=dashes, custom__fillOpacity=0)
            for name in drawing.dashed
        ]
        overrides += shape.band_overrides(drawing.band)
    return overrides


def _sorted_by(table: Table) -> list[Json]:
    return [{"displayName": table.sort, "desc": table.descending}] if table.sort else []


def row_json(row: Row, number: int, y: int, panels: list[Json]) -> Json:
    """A row; a collapsed one holds its panels."""
    panel = gl.RowPanel(
        id=number,
        title=row.title,
        collapsed=row.collapsed,
        gridPos=gl.GridPos(h=1, w=24, x=0, y=y),
        panels=panels if row.collapsed else [],
    )
    return _only(_ROW_KEYS, plain(panel))


def variable_json(variable: Variable, sources: Datasources) -> Json:
    """A dashboard variable in the shape of its kind."""
    everything = {"selected": True, "text": ["All"], "value": ["$__all"]}
    # Grafana takes the first value it finds.
    nothing = {"text": "", "value": ""}
    common: Json = {"name": variable.name, "label": variable.title}
    if variable.kind == "query":
        query = variable.query or f"label_values({variable.series}, {variable.label})"
        template = gl.Template(
            **common,
            query={"query": query, "refId": variable.name},
            dataSource=sources.reference("prometheus"),
            includeAll=variable.many,
            multi=variable.many,
            refresh=2,
            allValue=".*" if variable.many else None,
            regex="",
        )
        extra: Json = {"definition": query, "current": everything if variable.many else nothing}
    elif variable.kind == "custom":
        template = gl.Template(
            **common,
            type="custom",
            query=",".join(variable.values),
            default=variable.values[0],
            includeAll=variable.many,
            multi=variable.many,
            allValue=".*" if variable.many else None,
        )
        extra = {"current": everything} if variable.many else {}
    elif variable.kind != "text":
        return _further_variable(variable, common)
    else:
        text = variable.default
        template = gl.Template(**common, type="textbox", query=text, default=text, options=[])
        first = {"text": text, "value": text}
        extra = {"current": first, "options": [{"selected": True, **first}]}
    result = _only(_VARIABLE_KEYS, plain(template)) | extra
    if variable.kind != "query":
        for key in ("datasource", "refresh", "regex", "sort"):
            result.pop(key, None)
    if variable.kind == "text":
        for key in ("includeAll", "multi"):
            result.pop(key, None)
    result["description"] = variable.description
    return result


def _further_variable(variable: Variable, common: Json) -> Json:
    """A kind that grafanalib does not know, or only with much that means nothing."""
    kind = "adhoc" if variable.kind == "filters" else variable.kind
    result = {**common, "type": kind, "description": variable.description}
    if variable.values:
        result["query"] = ",".join(variable.values)
    return result


def link_json(title: str, url: str, tooltip: str) -> Json:
    """A link at the top of a dashboard that keeps the time range and the variables."""
    link = gl.DashboardLink(
        title=title, tooltip=tooltip, type="link", uri=url, icon="dashboard", includeVars=True
    )
    return dict(plain(link))


def dashboard_json(
    dashboard: Dashboard, panels: list[Json], links: list[Json], sources: Datasources
) -> Json:
    """The whole dashboard."""
    built = gl.Dashboard(
        title=dashboard.title,
        uid=dashboard.uid,
        description=dashboard.description,
        tags=list(dashboard.tags),
        panels=panels,
        links=links,
        templating=gl.Templating(
            list=[variable_json(variable, sources) for variable in dashboard.variables]
        ),
        annotations=gl.Annotations(list=annotations_json(dashboard, sources)),
        time=gl.Time(start=dashboard.since, end="now"),
        timezone="browser",
        refresh=dashboard.refresh,
        graphTooltip=gl.GRAPH_TOOLTIP_MODE_SHARED_CROSSHAIR,
        schemaVersion=SCHEMA_VERSION,
        editable=True,
    )
    result = _only(_DASHBOARD_KEYS, plain(built))
    result["id"] = None
    result["timepicker"] = {}
    return result


def plain(value: object) -> Any:
    """Grafanalib's objects as plain data, without the keys that hold nothing."""
    if hasattr(value, "to_json_data"):
        value = value.to_json_data()
    if isinstance(value, Mapping):
        return {
            key: plain(item) for key, item in value.items() if item is not None or key == "value"
        }
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def _only(keys: frozenset[str], data: Json) -> Json:
    return {key: data[key] for key in sorted(keys & data.keys())}
