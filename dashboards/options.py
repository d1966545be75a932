"""Options and field configuration of each panel type, in the shape of Grafana 9.4 to 13.

Every key the schema of today requires is given, so that no server fills in a default of
its own and a panel looks the same on all of them.
"""

from __future__ import annotations

from typing import Any

from dashboards.spec import Colour, Column, Core, Lines, Link, Stat, Step, Steps, Table

Json = dict[str, Any]

_HIDE_FROM = {"legend": False, "tooltip": False, "viz": False}


def thresholds(steps: Steps) -> Json:
    """Colours by value."""
    return {
        "mode": "absolute",
        "steps": [{"color": step.colour, "value": step.value} for step in steps],
    }


def words(told: tuple[tuple[float, str, Colour], ...]) -> list[Json]:
    """Words that stand for values, each in its colour."""
    if not told:
        return []
    options = {
        f"{value:g}": {"text": text, "color": colour, "index": index}
        for index, (value, text, colour) in enumerate(told)
    }
    return [{"type": "value", "options": options}]


def data_links(links: tuple[Link, ...]) -> list[Json]:
    """Links that a click on a value offers."""
    return [{"title": link.title, "url": link.url, "targetBlank": False} for link in links]


def override(name: str, **properties: object) -> Json:
    """Properties of the one series or column of that name."""
    return {
        "matcher": {"id": "byName", "options": name},
        "properties": [
            {"id": key.replace("__", "."), "value": value} for key, value in properties.items()
        ],
    }


def fixed(colour: Colour) -> Json:
    """A colour that does not depend on the order of the series."""
    return {"mode": "fixed", "fixedColor": colour}


def series_defaults(drawing: Lines | None) -> Json:
    """Field configuration of a time series; ``None`` draws bars."""
    steps = drawing.steps if drawing else ()
    custom: Json = {
        "axisCenteredZero": False,
        "axisColorMode": "text",
        "axisLabel": "",
        "axisPlacement": "auto",
        "barAlignment": 0,
        "drawStyle": "line" if drawing else "bars",
        "fillOpacity": 8 if drawing else 80,
        "gradientMode": "none",
        "hideFrom": _HIDE_FROM,
        "lineInterpolation": "linear",
        "lineWidth": 1,
        "pointSize": 5,
        "scaleDistribution": {"type": "linear"},
        "showPoints": "never",
        "spanNulls": False,
        "stacking": {"group": "A", "mode": "none" if drawing else "normal"},
        "thresholdsStyle": {"mode": "dashed" if steps else "off"},
    }
    if drawing and drawing.soft_maximum is not None:
        custom["axisSoftMax"] = drawing.soft_maximum
    if drawing and drawing.soft_minimum is not None:
        custom["axisSoftMin"] = drawing.soft_minimum
    if drawing and drawing.band:
        custom["fillOpacity"] = 0
    defaults: Json = {"custom": custom, "color": {"mode": "palette-classic"}}
    if steps:
        defaults["thresholds"] = thresholds(steps)
    minimum = drawing.minimum if drawing else 0
    if minimum is not None:
        defaults["min"] = minimum
    if drawing and drawing.maximum is not None:
        defaults["max"] = drawing.maximum
    return defaults


def field_defaults(drawing: Core) -> Json:
    """What any panel of numbers can say of its field."""
    said: Json = {
        "min": drawing.minimum,
        "max": drawing.maximum,
        "decimals": drawing.decimals,
        "thresholds": thresholds(drawing.steps) if drawing.steps else None,
    }
    return {key: value for key, value in said.items() if value is not None}


def band_overrides(band: tuple[str, str] | None) -> list[Json]:
    """The ground between two lines; neither is drawn, and the lower one has no legend."""
    if band is None:
        return []
    lower, upper = band
    unseen: Json = {"custom__lineWidth": 0, "color": fixed("blue")}
    below = {"legend": True, "tooltip": False, "viz": False}
    return [
        override(lower, **unseen, custom__fillOpacity=0, custom__hideFrom=below),
        override(upper, **unseen, custom__fillOpacity=18, custom__fillBelowTo=lower),
    ]


def series_options() -> Json:
    """A legend below, and a tooltip that names every series, the largest first."""
    return {
        "legend": {
            "calcs": [],
            "displayMode": "list",
            "placement": "bottom",
            "showLegend": True,
        },
        "tooltip": {"mode": "multi", "sort": "desc"},
    }


def stat_options(drawing: Stat) -> Json:
    """Large figures."""
    return {
        "colorMode": "value",
        "graphMode": "area" if drawing.sparkline else "none",
        "justifyMode": "auto",
        "orientation": "auto",
        "percentChangeColorMode": "standard",
        "reduceOptions": {"calcs": [drawing.calculation], "fields": "", "values": False},
        "showPercentChange": False,
        "textMode": "value_and_name" if drawing.by_name else "value",
        "wideLayout": True,
    }


LOG_OPTIONS: Json = {
    "dedupStrategy": "none",
    "enableLogDetails": True,
    "prettifyLogMessage": False,
    "showCommonLabels": False,
    "showLabels": False,
    "showLogContextToggle": False,
    "showTime": True,
    "sortOrder": "Descending",
}

TABLE_OPTIONS: Json = {"cellHeight": "sm", "frameIndex": 0, "showHeader": True}
#: The columns of Jaeger's search, so that a name is not cut off where there is room.
TRACE_COLUMNS: tuple[Json, ...] = (
    override("Trace ID", custom__width=150),
    override("Start time", custom__width=200),
    override("Duration", custom__width=110),
)


def table_defaults() -> Json:
    """Field configuration of a table; its columns override it."""
    return {
        "custom": {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False},
        "color": {"mode": "thresholds"},
        "thresholds": thresholds((Step("text"),)),
    }


def alert_options(matchers: str) -> Json:
    """Alerts that fire now, of every datasource that evaluates rules."""
    return {
        "alertInstanceLabelFilter": matchers,
        "alertName": "",
        "dashboardAlerts": False,
        "groupBy": [],
        "groupMode": "default",
        "maxItems": 20,
        "showInstances": False,
        "sortOrder": 3,
        "stateFilter": {
            "error": True,
            "firing": True,
            "noData": False,
            "normal": False,
            "pending": False,
        },
        "viewMode": "list",
    }


def table_overrides(table: Table) -> list[Json]:
    """How each column is shown."""
    return [
        override(column.title or column.source, **_column(column))
        for column in table.columns
        if _column(column)
    ]


def _column(column: Column) -> Json:
    properties: Json = {}
    if column.unit:
        properties["unit"] = column.unit
    if column.decimals is not None:
        properties["decimals"] = column.decimals
    if column.width is not None:
        properties["custom__width"] = column.width
    if column.links:
        properties["links"] = data_links(column.links)
    if column.steps:
        properties["thresholds"] = thresholds(column.steps)
        # Grafana 10 and later read cellOptions, 9.4 reads displayMode.
        properties["custom__cellOptions"] = {"type": "color-text"}
        properties["custom__displayMode"] = "color-text"
    return properties


def table_transformations(table: Table) -> list[Json]:
    """One row a label set, the columns in the order and under the names asked for.

    A table of log lines first gets its fields out of the labels that Loki returns.
    """
    steps: list[Json] = []
    if table.from_logs:
        steps.append(
            {
                "id": "extractFields",
                "options": {"source": "labels", "format": "json", "replace": False},
            }
        )
    else:
        steps.append({"id": "merge", "options": {}})
    if table.numbers:
        conversions = [{"targetField": name, "destinationType": "number"} for name in table.numbers]
        steps.append(
            {"id": "convertFieldType", "options": {"fields": {}, "conversions": conversions}}
        )
    steps.append(
        {
            "id": "filterFieldsByName",
            "options": {"include": {"names": [column.source for column in table.columns]}},
        }
    )
    steps.append(
        {
            "id": "organize",
            "options": {
                "excludeByName": {},
                "indexByName": {column.source: place for place, column in enumerate(table.columns)},
                "renameByName": {
                    column.source: column.title for column in table.columns if column.title
                },
            },
        }
    )
    return steps
