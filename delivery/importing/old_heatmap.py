"""The heatmap of before Grafana 9.1: its options in today's words.

As Grafana's own migration does it (heatmapChangedHandler).
"""

from __future__ import annotations

from typing import Any

from delivery.importing.notes import Notes
from delivery.importing.read import mapping, number, text, words

Json = dict[str, Any]

KEYS = words(
    "cards color dataFormat heatmap hideZeroBuckets highlightCards legend reverseYBuckets tooltip"
    " tooltipDecimals xAxis xBucketNumber xBucketSize yAxis yBucketBound yBucketNumber"
    " yBucketSize"
)
_SCHEMES = (
    *("Oranges", "Blues", "Greens", "Greys", "Purples", "Reds", "Spectral", "Turbo", "Cividis"),
    *("Viridis", "Magma", "Inferno", "Plasma", "Warm", "Cool", "BuGn", "BuPu", "GnBu", "OrRd"),
    *("PuBuGn", "PuBu", "PuRd", "RdPu", "YlGnBu", "YlGn", "YlOrBr", "YlOrRd", "RdYlGn"),
)
_LAYOUTS = {"lower": "le", "upper": "ge", "middle": "unknown"}


def is_old(panel: Json) -> bool:
    """Whether a heatmap says how it is drawn in the old words."""
    return "dataFormat" in panel or "yAxis" in panel


def to_heatmap(panel: Json, path: str, notes: Notes) -> Json:
    """The panel with ``options`` instead of its old settings."""
    axis, colour = mapping(panel, "yAxis"), mapping(panel, "color")
    buckets = text(panel, "dataFormat") == "tsbuckets"
    asked = text(colour, "colorScheme")
    scheme = next((name for name in _SCHEMES if asked == f"interpolate{name}"), None)
    mode = text(colour, "mode") or "spectrum"
    if mode == "spectrum" and scheme is None:
        notes.lost(f"{path}.color.colorScheme", f"'{text(colour, 'colorScheme')}' is not known")
    options: Json = {
        "calculate": not buckets,
        "cellGap": number(mapping(panel, "cards").get("cardPadding")) or 2,
        "color": {
            "mode": "opacity" if mode == "opacity" else "scheme",
            "fill": colour.get("cardColor", "dark-orange"),
            "scale": "exponential",
            "exponent": number(colour.get("exponent")) or 0.5,
            "scheme": scheme or "Oranges",
            "reverse": False,
            "steps": 128,
            "min": number(colour.get("min")),
            "max": number(colour.get("max")),
        },
        "filterValues": {"le": 1e-9 if panel.get("hideZeroBuckets") else None},
        "legend": {"show": bool(mapping(panel, "legend").get("show"))},
        "rowsFrame": {"layout": _LAYOUTS.get(text(panel, "yBucketBound"), "auto")},
        "showValue": "never",
        "tooltip": {
            "mode": "single" if mapping(panel, "tooltip").get("show", True) else "none",
            "yHistogram": bool(mapping(panel, "tooltip").get("showHistogram")),
        },
        "yAxis": {
            "axisPlacement": "left" if axis.get("show", True) else "hidden",
            "unit": axis.get("format"),
            "decimals": number(axis.get("decimals")),
            "min": number(axis.get("min")),
            "max": number(axis.get("max")),
            "reverse": bool(panel.get("reverseYBuckets")),
        },
    }
    if not buckets:
        options["calculation"] = _calculation(panel, axis)
    kept = {key: value for key, value in panel.items() if key not in KEYS}
    given = mapping(panel, "options")
    return {**kept, "options": {**given, **options}}


def _calculation(panel: Json, axis: Json) -> Json:
    made: Json = {}
    for side, letter in (("xBuckets", "x"), ("yBuckets", "y")):
        size, count = panel.get(f"{letter}BucketSize"), panel.get(f"{letter}BucketNumber")
        if size:
            made[side] = {"mode": "size", "value": str(size)}
        elif count:
            made[side] = {"mode": "count", "value": str(count)}
    base = number(axis.get("logBase"))
    if base and base > 1:
        made["yBuckets"] = {"mode": "count", "scale": {"type": "log", "log": base}}
        if number(axis.get("splitFactor")):
            made["yBuckets"]["value"] = str(axis["splitFactor"])
    return made
