"""What a panel and a dashboard are, before anything of Grafana's JSON comes in.

A panel is described by what it shows and how it is drawn; where it stands, its numeric id,
its links and the dashboard's variables are applied once, in :mod:`dashboards.assemble`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from queries.query import Query

#: What a panel says instead of "No data".
NOTHING_YET = "Nothing in this range"

Colour = Literal["green", "yellow", "orange", "red", "blue", "purple", "text"]


@dataclass(frozen=True, slots=True)
class Step:
    """From this value on, this colour. The first step has no value: it holds from below."""

    colour: Colour
    value: float | None = None


Steps = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A link from a data point or a table cell; ``url`` may use Grafana's link variables."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Column:
    """How one column of a table is named and shown; what is not listed is left out."""

    source: str
    title: str = ""
    unit: str = ""
    links: tuple[Link, ...] = ()
    width: int | None = None
    steps: Steps = ()
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class Lines:
    """Time series as lines; ``steps`` draw threshold lines.

    ``soft_maximum`` keeps the axis at least that high (``soft_minimum``: that low): without it,
    Grafana shows a share that is always zero against an axis up to 10,000 %. ``band`` names two
    lines, the lower first, between which the ground is filled instead of drawing them.
    """

    steps: Steps = ()
    soft_maximum: float | None = None
    soft_minimum: float | None = None
    maximum: float | None = None
    minimum: float | None = 0
    colours: tuple[tuple[str, Colour], ...] = ()
    dashed: tuple[str, ...] = ()
    band: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Bars:
    """Counts of neighbouring intervals as stacked bars."""

    colours: tuple[tuple[str, Colour], ...] = ()


@dataclass(frozen=True, slots=True)
class Stat:
    """One value, or one a series, in large figures."""

    steps: Steps = (Step("text"),)
    sparkline: bool = True
    calculation: Literal["lastNotNull", "sum", "max", "mean"] = "lastNotNull"
    by_name: bool = False
    decimals: int | None = None
    #: What is shown instead of a value.
    words: tuple[tuple[float, str, Colour], ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Rows; ``columns`` in the order they are shown, all that are not named are hidden.

    ``numbers`` are labels that are numbers, and are to be sorted as such.
    """

    columns: tuple[Column, ...]
    sort: str = ""
    descending: bool = True
    from_logs: bool = False
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LogLines:
    """Log lines, newest first unless said otherwise."""

    wrap: bool = True
    oldest_first: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """One trace, as a waterfall."""


@dataclass(frozen=True, slots=True)
class TraceList:
    """Traces that a search found."""


@dataclass(frozen=True, slots=True)
class GraphStat:
    """What one query of a graph tells of every node, or of every edge.

    ``field`` is the name by which Grafana knows where it goes: ``mainstat``, ``secondarystat``,
    ``arc__<part>`` for a part of the ring, ``detail__<name>`` for the menu. One name in two cases
    tells a node's from an edge's. The unit of a stat is written as it stands; others have none.
    """

    of: Literal["node", "edge"]
    field: str
    title: str
    unit: str = ""
    colour: Colour | None = None


@dataclass(frozen=True, slots=True)
class NodeGraph:
    """Services and the calls between them; ``stats`` are in the order of the panel's queries.

    Without any, the datasource answers with a graph of its own.
    """

    stats: tuple[GraphStat, ...] = ()


@dataclass(frozen=True, slots=True)
class AlertList:
    """Alerts that fire, from Alertmanager, filtered by label matchers."""

    matchers: str


@dataclass(frozen=True, slots=True)
class Note:
    """Text in Markdown."""

    markdown: str


#: The panel types that come with every Grafana of 9.4 to 13.
CoreKind = Literal[
    "alertlist",
    "annolist",
    "barchart",
    "bargauge",
    "candlestick",
    "canvas",
    "dashlist",
    "flamegraph",
    "gauge",
    "geomap",
    "heatmap",
    "histogram",
    "logs",
    "news",
    "nodeGraph",
    "piechart",
    "stat",
    "state-timeline",
    "status-history",
    "table",
    "text",
    "timeseries",
    "traces",
    "trend",
    "xychart",
]


@dataclass(frozen=True, slots=True)
class Core:
    """A panel type of Grafana's own that none of the others draws as it is to be.

    It has what any field has; the options of its type are told beside it, as an imported
    dashboard does (:mod:`dashboards.imported`).
    """

    kind: CoreKind
    steps: Steps = ()
    minimum: float | None = None
    maximum: float | None = None
    decimals: int | None = None


Drawing = (
    Lines | Bars | Stat | Table | LogLines | Trace | TraceList | NodeGraph | AlertList | Note | Core
)


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel.

    ``key`` is unique in its dashboard and never changes: the panel's id, and with it every
    link to the panel, is derived from it. ``width`` is in Grafana's 24 columns, ``height``
    in its rows of 30 pixels. ``interval`` is the shortest step it is asked at.
    """

    key: str
    title: str
    description: str
    queries: tuple[Query, ...]
    drawing: Drawing
    unit: str = "short"
    width: int = 8
    height: int = 8
    links: tuple[Link, ...] = ()
    interval: str = ""
    empty: str = NOTHING_YET
    #: Findings of ``build.py check`` that are meant here: each with its reason.
    accept: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """A titled band of panels, which flow from left to right and wrap."""

    key: str
    title: str
    panels: tuple[Panel, ...]
    collapsed: bool = False


@dataclass(frozen=True, slots=True)
class Variable:
    """A dashboard variable.

    ``query``: values are those of ``label`` of the series ``series`` in Prometheus;
    ``custom``: ``values``; ``text``: free text, at first ``default``; ``datasource``: those of the
    type ``values[0]``; ``interval``: the steps ``values``; ``constant``: ``values[0]``;
    ``filters``: label filters that the reader makes. ``many`` allows several and All.
    """

    name: str
    title: str
    description: str
    kind: Literal["query", "custom", "text", "datasource", "interval", "constant", "filters"]
    label: str = ""
    series: str = ""
    values: tuple[str, ...] = ()
    many: bool = False
    #: Asked instead of the values of a label.
    query: str = ""
    default: str = ""


@dataclass(frozen=True, slots=True)
class Annotation:
    """Marks on the time axis, from a Prometheus expression."""

    name: str
    expr: str
    title: str
    text: str
    colour: Colour
    tags: tuple[str, ...] = ()
    step: str = "60s"


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A dashboard and the folder it goes to; ``owner`` is the team to ask about it."""

    uid: str
    title: str
    description: str
    folder: str
    owner: str
    rows: tuple[Row, ...]
    variables: tuple[Variable, ...]
    annotations: tuple[Annotation, ...]
    tags: tuple[str, ...] = ()
    since: str = "now-1h"
    refresh: str = "1m"
