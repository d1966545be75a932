"""A dashboard as Grafana of today would store it, and a note for each thing that changed.

What is read here is what a server makes of such a dashboard when it opens it, as far as that is
known exactly; everything else is noted as lost.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from dashboards.panels import SCHEMA_VERSION
from delivery.importing import graph, old_heatmap, old_table, singlestat
from delivery.importing.notes import Notes
from delivery.importing.read import mapping, nothing, objects, text, words
from delivery.importing.references import ASKED, References
from delivery.importing.rows import PATH, numbered, on_the_grid

Json = dict[str, Any]
Migrate = Callable[[Json, str, Notes], Json]

#: From this schema on a datasource is named by type and uid, and no panel is of the old shape.
MODERN = 36
#: What a dashboard carried once and no Grafana from 9.4 on reads.
_OLD_HEAD = words(
    "__elements __inputs __requires gnetId hideControls id iteration originalTitle revision rows"
    " sharedCrosshair style uid version"
)
_OLD_TARGET = words("legendLink logBase max metric min")
_OLD_PANEL = words("editable error isNew")


def modernised(dashboard: Json, references: References, notes: Notes) -> Json:
    """The dashboard in today's words; each panel still has its path."""
    dashboard = _without_hash_keys(dashboard)
    result = {key: value for key, value in dashboard.items() if key not in _OLD_HEAD}
    for key in sorted(_OLD_HEAD - {"id", "rows", "uid", "version", "__inputs"}):
        if not nothing(dashboard.get(key)):
            notes.left_out(f"$.{key}", "Grafana does nothing with it")
    schema = dashboard.get("schemaVersion")
    if not isinstance(schema, int) or schema < MODERN:
        result["schemaVersion"] = SCHEMA_VERSION
        notes.migrated("$.schemaVersion", f"{schema} is {SCHEMA_VERSION} now")
    inputs = _constants(dashboard)
    panels = on_the_grid(copy.deepcopy(dashboard), notes)
    numbered(panels, notes)
    elements = mapping(dashboard, "__elements")
    result["panels"] = [
        made for panel in panels if (made := _panel(panel, references, elements, notes)) is not None
    ]
    if "templating" in dashboard:
        result["templating"] = {"list": _variables(dashboard, references, notes)}
    if "annotations" in dashboard:
        result["annotations"] = {"list": _annotations(dashboard, references, notes)}
    filled: Json = _filled(result, inputs)
    return filled


def _panel(
    panel: Json, references: References, elements: Mapping[str, Any], notes: Notes
) -> Json | None:
    path = panel[PATH]
    panel = _from_library(panel, elements, path, notes)
    if panel.get("type") == "row":
        held = [_panel(each, references, elements, notes) for each in objects(panel, "panels")]
        kept = {key: value for key, value in panel.items() if key not in {"targets", "fieldConfig"}}
        row = {**kept, "panels": [each for each in held if each is not None]}
        if not nothing(row.get("datasource")):
            row["datasource"] = None
            notes.left_out(f"{path}.datasource", "a row asks nothing")
        return row
    panel = _migrated(panel, path, notes)
    _refuse_alert(panel, path, notes)
    result = {key: value for key, value in panel.items() if key not in _OLD_PANEL | {"alert"}}
    return _referring(result, path, references, notes)


def _from_library(panel: Json, elements: Mapping[str, Any], path: str, notes: Notes) -> Json:
    library = mapping(panel, "libraryPanel")
    if not library:
        return panel
    model = mapping(elements, text(library, "uid"), "model")
    kept = {key: value for key, value in panel.items() if key != "libraryPanel"}
    if model:
        notes.migrated(f"{path}.libraryPanel", "the library panel is the dashboard's own now")
        return {**model, **kept, "type": model.get("type")}
    if "targets" in kept:
        notes.migrated(f"{path}.libraryPanel", "the library panel is the dashboard's own now")
        return kept
    notes.lost(f"{path}.libraryPanel", "what the library panel shows was not exported with it")
    return kept


def _migrated(panel: Json, path: str, notes: Notes) -> Json:
    """In today's words; of a panel that has them already, what is left over is left out."""
    kind = str(panel.get("type") or "")
    if kind == "graph":
        notes.migrated(f"{path}.type", "graph is timeseries")
        return graph.to_timeseries(panel, path, notes)
    if kind in {"singlestat", "grafana-singlestat-panel"}:
        made = singlestat.to_stat(panel, path, notes)
        notes.migrated(f"{path}.type", f"singlestat is {made['type']}")
        return made
    if kind in {"table", "table-old"} and old_table.is_old(panel) and "fieldConfig" not in panel:
        notes.migrated(f"{path}.type", "the table has overrides and transformations for styles")
        return old_table.to_table(panel, path, notes)
    if kind == "heatmap" and old_heatmap.is_old(panel):
        notes.migrated(f"{path}.type", "the heatmap has options of today")
        return old_heatmap.to_heatmap(panel, path, notes)
    if kind == "text" and "content" in panel:
        notes.migrated(f"{path}.content", "the text is an option")
        options = {"content": panel["content"], "mode": panel.get("mode") or "markdown"}
        kept = {key: item for key, item in panel.items() if key not in {"content", "mode"}}
        return {**kept, "options": options}
    return _without_left_overs(panel, kind, path, notes)


def _without_left_overs(panel: Json, kind: str, path: str, notes: Notes) -> Json:
    """Settings of an old panel in one of today: Grafana takes them out when it is opened."""
    old = (graph.KEYS | singlestat.KEYS | old_table.KEYS) - {"hideTimeOverride", "cacheTimeout"}
    if kind == "heatmap":
        old |= old_heatmap.KEYS
    left = sorted(old & panel.keys())
    if any(not nothing(panel[key]) for key in left):
        notes.left_out(path, f"of an older kind of panel: {', '.join(left)}")
    return {key: value for key, value in panel.items() if key not in old}


def _refuse_alert(panel: Json, path: str, notes: Notes) -> None:
    if panel.get("alert"):
        notes.lost(f"{path}.alert", "an alert of the panel: Grafana from 11 on has none")


def _referring(panel: Json, path: str, references: References, notes: Notes) -> Json:
    """Its datasources by type and uid, and its queries without what is not read any more."""
    targets = objects(panel, "targets")
    guess = "loki" if panel.get("type") == "logs" else "prometheus"
    result = dict(panel)
    above: Json = {}
    asks = bool(targets) or not nothing(panel.get("datasource"))
    if asks and not (nothing(panel.get("datasource")) and all(map(_named, targets))):
        source = panel.get("datasource")
        above = references.of(source, guess, f"{path}.datasource", notes)
        result["datasource"] = above
    made: list[Json] = []
    for index, target in enumerate(targets):
        where = f"{path}.targets[{index}]"
        one = dict(target)
        if _named(target):
            one["datasource"] = references.of(
                target["datasource"], guess, f"{where}.datasource", notes
            )
        kind = (one.get("datasource") or above).get("type") or "an unknown kind"
        if kind in ASKED:
            made.append(_target(one, kind, where, notes))
        else:
            notes.lost(where, f"a query of {kind}: only {', '.join(ASKED)} are asked here")
    if "targets" in panel:
        result["targets"] = made
    return result


def _named(target: Json) -> bool:
    return not nothing(target.get("datasource"))


def _target(target: Json, kind: str, path: str, notes: Notes) -> Json:
    # A number that Prometheus' editor counted with, and that makes Loki's queries fail.
    old = _OLD_TARGET | ({"step"} if kind == "loki" else set())
    left = sorted(key for key in old & target.keys() if not nothing(target[key]))
    if left:
        notes.left_out(path, f"no query has it any more: {', '.join(left)}")
    return {key: value for key, value in target.items() if key not in old}


def _variables(dashboard: Json, references: References, notes: Notes) -> list[Json]:
    made = []
    for index, each in enumerate(objects(dashboard, "templating", "list")):
        path = f"$.templating.list[{index}]"
        one = dict(each)
        if each.get("type") == "query" or (each.get("type") == "adhoc" and "datasource" in each):
            one["datasource"] = references.of(
                each.get("datasource"), "prometheus", f"{path}.datasource", notes
            )
        made.append(one)
    return made


def _annotations(dashboard: Json, references: References, notes: Notes) -> list[Json]:
    made = []
    for index, each in enumerate(objects(dashboard, "annotations", "list")):
        path = f"$.annotations.list[{index}]"
        one = dict(each)
        if each.get("builtIn") and each.get("datasource") == "-- Grafana --":
            one["datasource"] = {"type": "grafana", "uid": "-- Grafana --"}
            notes.migrated(f"{path}.datasource", "the datasource is named by type and uid")
        elif not each.get("builtIn"):
            one["datasource"] = references.of(
                each.get("datasource"), "prometheus", f"{path}.datasource", notes
            )
        made.append(one)
    return made


def _without_hash_keys(value: Any) -> Any:
    """AngularJS numbered what it listed, and old exports have the numbers still."""
    if isinstance(value, dict):
        return {k: _without_hash_keys(item) for k, item in value.items() if k != "$$hashKey"}
    if isinstance(value, list):
        return [_without_hash_keys(item) for item in value]
    return value


def _constants(dashboard: Json) -> dict[str, str]:
    """Inputs that are texts: what was exported stands for what would be asked."""
    return {
        f"${{{each.get('name')}}}": str(each.get("value") or "")
        for each in objects(dashboard, "__inputs")
        if each.get("type") == "constant"
    }


def _filled(value: Any, inputs: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for name, given in inputs.items():
            value = value.replace(name, given)
        return value
    if isinstance(value, dict):
        return {key: _filled(item, inputs) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, inputs) for item in value]
    return value
