"""The panel ``graph`` of before Grafana 8, in the words of ``timeseries``.

What each setting became is Grafana's own migration (graphToTimeseriesOptions), which a server
applies when it opens such a panel. What that has no word for is a loss.
"""

from __future__ import annotations

from typing import Any

from delivery.importing.field import CALCULATIONS, SHOWN, override
from delivery.importing.graph_series import of_the_right_axis, properties
from delivery.importing.notes import Notes
from delivery.importing.read import listing, mapping, nothing, number, objects, text, words

Json = dict[str, Any]

#: All that such a panel says about how it is drawn, and that is read here.
KEYS = words(
    "aliasColors bars dashLength dashes decimals fill fillGradient hiddenSeries legend lines"
    " linewidth nullPointMode percentage pointradius points renderer seriesOverrides spaceLength"
    " stack steppedLine thresholds timeRegions tooltip xaxis yaxes yaxis x-axis y-axis"
)
_AXIS_DEFAULT: Json = {"format": "short", "logBase": 1, "show": True}
_THRESHOLD_COLOURS = {
    "critical": ("rgba(234, 112, 112, 0.12)", "rgba(237, 46, 24, 0.60)"),
    "ok": ("rgba(11, 237, 50, 0.12)", "rgba(6,163,69, 0.60)"),
    "warning": ("rgba(235, 138, 14, 0.12)", "rgba(247, 149, 32, 0.60)"),
}


def to_timeseries(panel: Json, path: str, notes: Notes) -> Json:
    """The panel with ``fieldConfig`` and ``options`` instead of its old settings."""
    axes = [{**_AXIS_DEFAULT, **each} for each in objects(panel, "yaxes")]
    left, right = (*axes, _AXIS_DEFAULT, _AXIS_DEFAULT)[:2]
    of_right = of_the_right_axis(right, _axis(right))
    defaults = {**_axis(left), "custom": {**_custom(panel), **_axis_custom(left)}}
    if panel.get("nullPointMode") == "null as zero":
        # A time series draws a gap as the number that stands for no value, if it is one.
        defaults["noValue"] = "0"
    overrides = [
        override(name, {"color": {"mode": "fixed", "fixedColor": colour}})
        for name, colour in mapping(panel, "aliasColors").items()
    ]
    for index, each in enumerate(objects(panel, "seriesOverrides")):
        where = f"{path}.seriesOverrides[{index}]"
        overrides.append(override(text(each, "alias"), properties(each, of_right, where, notes)))
    _thresholds(panel, defaults, path, notes)
    _refuse(panel, path, notes)
    kept = {key: value for key, value in panel.items() if key not in KEYS}
    overrides = [each for each in overrides if each["properties"]]
    return {
        **kept,
        "type": "timeseries",
        "fieldConfig": {"defaults": defaults, "overrides": overrides},
        "options": {"legend": _legend(panel, path, notes), "tooltip": _tooltip(panel)},
    }


def _custom(panel: Json) -> Json:
    """How lines are drawn; the figures are those that such a panel has where it says nothing."""
    lines, bars, points = panel.get("lines", True), panel.get("bars"), panel.get("points")
    style = "bars" if bars else "line" if lines else "points"
    width, fill = number(panel.get("linewidth", 1)), number(panel.get("fill", 1))
    custom: Json = {
        "drawStyle": style,
        "fillOpacity": 100 if bars else min(100, int((fill or 0) * 10)),
        "lineWidth": width if style == "line" else 1 if width is None else width,
        "pointSize": 2 + (number(panel.get("pointradius")) or 2) * 2,
        "showPoints": "always" if points else "never",
        "spanNulls": panel.get("nullPointMode") == "connected",
    }
    if panel.get("steppedLine"):
        custom["lineInterpolation"] = "stepAfter"
    if panel.get("dashes"):
        dash = [panel.get("dashLength", 10), panel.get("spaceLength", 10)]
        custom["lineStyle"] = {"fill": "dash", "dash": dash}
    if number(panel.get("fillGradient")):
        custom["gradientMode"] = "opacity"
        custom["fillOpacity"] = min(100, int((number(panel["fillGradient"]) or 0) * 10))
    if panel.get("stack"):
        mode = "percent" if panel.get("percentage") else "normal"
        custom["stacking"] = {"group": "A", "mode": mode}
    return custom


def _axis(axis: Json) -> Json:
    found: Json = {"unit": text(axis, "format") or "short"}
    for key in ("decimals", "max", "min"):
        value = number(axis.get(key))
        if value is not None:
            found[key] = value
    return found


def _axis_custom(axis: Json) -> Json:
    custom: Json = {"axisPlacement": "auto" if axis.get("show") else "hidden"}
    if text(axis, "label"):
        custom["axisLabel"] = axis["label"]
    base = number(axis.get("logBase"))
    if base and base > 1:
        custom["scaleDistribution"] = {"type": "log", "log": base}
    return custom


def _thresholds(panel: Json, defaults: Json, path: str, notes: Notes) -> None:
    given = objects(panel, "thresholds")
    if not given:
        return
    bounds = [(number(each.get("value")), each) for each in given]
    told = [(bound, each) for bound, each in bounds if bound is not None]
    if len(told) != len(given) or any(
        each.get("op") != "gt" or each.get("yaxis") == "right" for _, each in told
    ):
        notes.lost(f"{path}.thresholds", "a threshold from above, or of the right axis")
        return
    fills = any(each.get("fill") for _, each in told)
    lines = any(each.get("line") for _, each in told)
    ordered = sorted(told, key=lambda pair: pair[0])
    steps: list[Json] = [{"color": "transparent", "value": None}]
    steps += [{"color": _threshold_colour(each), "value": bound} for bound, each in ordered]
    style = "line+area" if fills and lines else "area" if fills else "line" if lines else "off"
    defaults["thresholds"] = {"mode": "absolute", "steps": steps}
    defaults["custom"]["thresholdsStyle"] = {"mode": style}


def _threshold_colour(each: Json) -> Any:
    fill, line = _THRESHOLD_COLOURS.get(
        text(each, "colorMode"), (each.get("fillColor"), each.get("lineColor"))
    )
    return (fill if each.get("fill") else line) or line or fill or "red"


def _legend(panel: Json, path: str, notes: Notes) -> Json:
    given = mapping(panel, "legend")
    valued = given.get("values", True)
    calculations = [
        now for then, now in CALCULATIONS.items() if valued and given.get(then) and then in SHOWN
    ]
    legend: Json = {
        "calcs": calculations,
        "displayMode": "table" if given.get("alignAsTable") else "list",
        "placement": "right" if given.get("rightSide") else "bottom",
        "showLegend": bool(given.get("show", True)),
    }
    if number(given.get("sideWidth")):
        legend["width"] = number(given["sideWidth"])
    if given.get("sort") in SHOWN and given.get(given["sort"]):
        legend |= {"sortBy": SHOWN[given["sort"]], "sortDesc": bool(given.get("sortDesc"))}
    for key in ("hideEmpty", "hideZero"):
        if given.get(key):
            notes.lost(f"{path}.legend.{key}", "the legend names every series")
    return legend


def _tooltip(panel: Json) -> Json:
    given = mapping(panel, "tooltip")
    orders = {1: "asc", 2: "desc"}
    return {
        "mode": "multi" if given.get("shared", True) else "single",
        "sort": orders.get(given.get("sort", 0), "none"),
    }


def _refuse(panel: Json, path: str, notes: Notes) -> None:
    """What a ``timeseries`` has no word for."""
    mode = mapping(panel, "xaxis").get("mode", "time")
    if mode not in {"time", None}:
        notes.lost(f"{path}.xaxis.mode", f"the axis was of {mode}, and is of time now")
    if mapping(panel, "xaxis").get("show") is False:
        notes.lost(f"{path}.xaxis.show", "the axis of time is shown now")
    if listing(panel, "timeRegions"):
        notes.lost(f"{path}.timeRegions", "marked hours of the day are not marked any more")
    if panel.get("hiddenSeries") or not nothing(panel.get("y-axis", None)):
        notes.left_out(path, "hiddenSeries, y-axis: Grafana does not read them")
