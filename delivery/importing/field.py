"""Old words for what a field is today: thresholds, mappings, overrides, reducers."""

from __future__ import annotations

from typing import Any

from delivery.importing.read import number, objects

Json = dict[str, Any]

#: How a panel of before Grafana 7 called a calculation, and what it is called since.
CALCULATIONS = {
    "avg": "mean",
    "count": "count",
    "current": "lastNotNull",
    "delta": "delta",
    "diff": "diff",
    "first": "firstNotNull",
    "max": "max",
    "min": "min",
    "range": "range",
    "total": "sum",
}
#: The names under which a legend shows them, by which it is sorted.
SHOWN = {"avg": "Mean", "current": "Last *", "max": "Max", "min": "Min", "total": "Total"}


def override(name: str, properties: Json) -> Json:
    """Properties of the series of that name, or of the regular expression ``/…/``."""
    regex = len(name) > 1 and name.startswith("/") and name.rstrip("gimsuy").endswith("/")
    return {
        "matcher": {"id": "byRegexp" if regex else "byName", "options": name},
        "properties": [{"id": key, "value": value} for key, value in properties.items()],
    }


def steps(bounds: list[float], colours: list[Any]) -> Json:
    """Colours by value: the first colour holds below the first bound."""
    listed = [
        {"color": colour, "value": bound}
        for colour, bound in zip(colours, [None, *bounds], strict=False)
    ]
    return {"mode": "absolute", "steps": listed}


def bounds_of(value: Any) -> list[float]:
    """``"70,90"`` or ``[70, "90"]``."""
    parts = value.split(",") if isinstance(value, str) else value
    found = [number(part) for part in parts] if isinstance(parts, list) else []
    return [each for each in found if each is not None]


def mappings(panel: Json) -> list[Json]:
    """Texts that stand for values and for ranges."""
    result: list[Json] = []
    kind = panel.get("mappingType") or 1
    if kind == 1:
        options = {
            str(each.get("value")): {"text": each.get("text"), "index": index}
            for index, each in enumerate(objects(panel, "valueMaps"))
            if each.get("value") != "null"
        }
        if options:
            result.append({"type": "value", "options": options})
        result += [
            {"type": "special", "options": {"match": "null", "result": {"text": each.get("text")}}}
            for each in objects(panel, "valueMaps")
            if each.get("value") == "null"
        ]
    if kind == 2:
        result += [_range(each) for each in objects(panel, "rangeMaps")]
    return result


def _range(each: Json) -> Json:
    result = {"text": each.get("text")}
    if each.get("from") == "null" == each.get("to"):
        return {"type": "special", "options": {"match": "null", "result": result}}
    bounds = {key: number(each.get(key)) for key in ("from", "to")}
    return {"type": "range", "options": {**bounds, "result": result}}
