"""One series override of an old graph, as the properties of today."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from delivery.importing.notes import Notes
from delivery.importing.read import number, text

Json = dict[str, Any]

_HIDDEN = {"legend": True, "tooltip": False, "viz": False}


def properties(each: Json, right: Json, path: str, notes: Notes) -> Json:
    """The override's properties; ``right`` is what the right axis says of its field."""
    found: Json = {}
    for key, value in each.items():
        if key in {"alias", "$$hashKey", "dashLength", "spaceLength"}:
            continue
        said = _special(key, value, each, right)
        if said is None:
            said = _PROPERTIES[key](value) if key in _PROPERTIES else None
        if said is not None:
            found |= said
        elif value not in (False, None, "", 0):
            notes.lost(f"{path}.{key}", f"{value!r}: a series cannot be given that any more")
    return found


def _special(key: str, value: Any, each: Json, right: Json) -> Json | None:
    """What depends on more than its own value."""
    if key == "yaxis" and value == 2:
        return right
    if key == "dashes" and value is True:
        dash = [each.get("dashLength", 10), each.get("spaceLength", 10)]
        return {"custom.lineStyle": {"fill": "dash", "dash": dash}}
    return None


def of_the_right_axis(axis: Json, field: Json) -> Json:
    """What a series of the right axis has from it."""
    label = {"custom.axisLabel": axis["label"]} if text(axis, "label") else {}
    placement = "right" if axis.get("show") else "hidden"
    return {"custom.axisPlacement": placement, **field, **label}


def _if(condition: bool, said: Json) -> Json | None:
    return said if condition else None


def _stacking(value: Any) -> Json | None:
    if not isinstance(value, bool | str):
        return None
    group = value if isinstance(value, str) else "A"
    return {"custom.stacking": {"group": group, "mode": "normal" if value else "none"}}


#: By its old name, what a value says today; None where there is no word for it.
_PROPERTIES: dict[str, Callable[[Any], Json | None]] = {
    "bars": lambda value: _if(
        value is True, {"custom.drawStyle": "bars", "custom.fillOpacity": 100}
    ),
    "color": lambda value: {"color": {"mode": "fixed", "fixedColor": value}},
    "fill": lambda value: {"custom.fillOpacity": min(100, int((number(value) or 0) * 10))},
    "fillBelowTo": lambda value: {"custom.fillBelowTo": value},
    "fillGradient": lambda value: _if(
        bool(number(value)),
        {
            "custom.gradientMode": "opacity",
            "custom.fillOpacity": min(100, int((number(value) or 0) * 10)),
        },
    ),
    "legend": lambda value: _if(value is False, {"custom.hideFrom": _HIDDEN}),
    "lines": lambda value: {"custom.drawStyle": "line"} if value else {"custom.lineWidth": 0},
    "linewidth": lambda value: {"custom.lineWidth": value},
    "nullPointMode": lambda value: _if(
        value in {"connected", "null"}, {"custom.spanNulls": value == "connected"}
    ),
    "pointradius": lambda value: {"custom.pointSize": 2 + (number(value) or 0) * 2},
    "points": lambda value: _if(value is True, {"custom.showPoints": "always"}),
    "stack": _stacking,
    "steppedLine": lambda value: {"custom.lineInterpolation": "stepAfter" if value else "linear"},
    "transform": lambda value: _if(
        value in {"constant", "negative-Y"}, {"custom.transform": value}
    ),
    "yaxis": lambda value: _if(value == 1, {"custom.axisPlacement": "left"}),
}
