"""The panel ``singlestat`` of before Grafana 7, as ``stat`` or, of a gauge, ``gauge``.

As Grafana's own migration does it (sharedSingleStatMigrationHandler, statPanelChangedHandler).
"""

from __future__ import annotations

from typing import Any

from delivery.importing.field import CALCULATIONS, bounds_of, mappings, steps
from delivery.importing.notes import Notes
from delivery.importing.read import mapping, number, text, words

Json = dict[str, Any]

KEYS = words(
    "aliasColors bars cacheTimeout colorBackground colorPostfix colorPrefix colorValue colors"
    " dashLength dashes decimals fill format gauge hideTimeOverride legend lines linewidth"
    " mappingType mappingTypes nullPointMode nullText percentage pointradius points postfix"
    " postfixFontSize prefix prefixFontSize rangeMaps renderer seriesOverrides spaceLength"
    " sparkline stack steppedLine tableColumn thresholds tooltip valueFontSize valueMaps valueName"
    " xaxis yaxes"
)


def to_stat(panel: Json, path: str, notes: Notes) -> Json:
    """The panel with ``fieldConfig`` and ``options`` instead of its old settings."""
    gauge = mapping(panel, "gauge")
    is_gauge = bool(gauge.get("show"))
    defaults: Json = {"unit": text(panel, "format") or "none", "color": {"mode": "thresholds"}}
    decimals = number(panel.get("decimals"))
    if decimals is not None:
        defaults["decimals"] = decimals
    if told := mappings(panel):
        defaults["mappings"] = told
    if text(panel, "nullText"):
        defaults["noValue"] = panel["nullText"]
    colours = panel.get("colors") or ["#299c46", "rgba(237, 129, 40, 0.89)", "#d44a3a"]
    defaults["thresholds"] = steps(bounds_of(panel.get("thresholds")), colours)
    if is_gauge:
        defaults |= {key: number(gauge.get(f"{key}Value")) for key in ("min", "max")}
    for key in ("prefix", "postfix", "tableColumn"):
        if text(panel, key).strip():
            notes.lost(f"{path}.{key}", f"'{text(panel, key)}' is not shown beside the value")
    name = text(panel, "valueName") or "avg"
    reduce = {"calcs": [CALCULATIONS.get(name, "lastNotNull")], "fields": "", "values": False}
    if name not in CALCULATIONS and name != "name":
        notes.lost(f"{path}.valueName", f"'{name}' is no calculation; the last value is shown")
    options: Json = {"reduceOptions": reduce, "orientation": "horizontal"}
    if is_gauge:
        options["showThresholdMarkers"] = bool(gauge.get("thresholdMarkers", True))
        options["showThresholdLabels"] = bool(gauge.get("thresholdLabels", False))
    else:
        background, value = panel.get("colorBackground"), panel.get("colorValue")
        options["colorMode"] = "background" if background else "value" if value else "none"
        sparkline = mapping(panel, "sparkline")
        options["graphMode"] = "area" if sparkline.get("show") else "none"
        options["justifyMode"] = "auto"
        options["textMode"] = "name" if name == "name" else "auto"
    keep = {"hideTimeOverride", "cacheTimeout"}
    kept = {key: value for key, value in panel.items() if key not in KEYS - keep}
    return {
        **kept,
        "type": "gauge" if is_gauge else "stat",
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": options,
    }
