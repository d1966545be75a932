"""Settings of a dashboard's JSON in the words of dashboards/spec.py, where there is a word."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from dashboards import units
from dashboards.spec import Colour
from delivery.publish.model import Difference

#: Which module of dashboards/ names units, and how they are called there.
_UNITS = {
    value: f"units.{name}"
    for name, value in vars(units).items()
    if name.isupper() and isinstance(value, str)
}
_CALCULATIONS = ("lastNotNull", "sum", "max", "mean")
_THRESHOLDS = "fieldConfig.defaults.thresholds"
#: What Grafana's editor writes by itself whenever somebody saves.
_EDITORS_OWN = ("pluginVersion", "schemaVersion")


@dataclass(frozen=True, slots=True)
class Term:
    """An argument of the sources and its new value as code; the path leads into ``drawing``."""

    path: tuple[str, ...]
    code: str


@dataclass(frozen=True, slots=True)
class Setting:
    """One changed setting; ``term`` is None where the sources have no word for it."""

    difference: Difference
    term: Term | None = None
    query: bool = False


def text(value: Any) -> str | None:
    """A string as the sources write it."""
    if value is None:
        return '""'
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else None


def number(value: Any) -> str | None:
    """A number; nothing is None."""
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return repr(value)
    return None


def unit(value: Any) -> str | None:
    """A unit by its name, if it has one."""
    return _UNITS.get(value) if value in _UNITS else text(value) if value else None


def steps(value: Any) -> str | None:
    """Thresholds as steps; None if one has a colour that we do not use."""
    if value is None:
        return "()"
    if not isinstance(value, dict) or value.get("mode", "absolute") != "absolute":
        return None
    made = []
    for each in value.get("steps", ()):
        if each.get("color") not in get_args(Colour):
            return None
        given = "" if each.get("value") is None else f", {each['value']!r}"
        made.append(f'Step("{each["color"]}"{given})')
    return f"({', '.join(made)}{',' if len(made) == 1 else ''})"


def _one_of(**known: str) -> Callable[[Any], str | None]:
    return lambda value: known.get(str(value))


def _calculation(value: Any) -> str | None:
    return text(value) if value in _CALCULATIONS else None


def _flag(value: Any) -> str | None:
    return repr(value) if isinstance(value, bool) else None


_PANEL: Mapping[str, tuple[tuple[str, ...], Callable[[Any], str | None]]] = {
    "title": (("title",), text),
    "description": (("description",), text),
    "interval": (("interval",), text),
    "gridPos.w": (("width",), number),
    "gridPos.h": (("height",), number),
    "fieldConfig.defaults.unit": (("unit",), unit),
    "fieldConfig.defaults.noValue": (("empty",), text),
    "fieldConfig.defaults.min": (("drawing", "minimum"), number),
    "fieldConfig.defaults.max": (("drawing", "maximum"), number),
    "fieldConfig.defaults.custom.axisSoftMax": (("drawing", "soft_maximum"), number),
    "fieldConfig.defaults.decimals": (("drawing", "decimals"), number),
    "options.reduceOptions.calcs[0]": (("drawing", "calculation"), _calculation),
    "options.graphMode": (("drawing", "sparkline"), _one_of(area="True", none="False")),
    "options.textMode": (("drawing", "by_name"), _one_of(value_and_name="True", value="False")),
    "options.wrapLogMessage": (("drawing", "wrap"), _flag),
    "options.content": (("drawing", "markdown"), text),
    "options.alertInstanceLabelFilter": (("drawing", "matchers"), text),
}
_ROW: Mapping[str, tuple[tuple[str, ...], Callable[[Any], str | None]]] = {
    "title": (("title",), text),
    "collapsed": (("collapsed",), _flag),
}
_DASHBOARD: Mapping[str, tuple[tuple[str, ...], Callable[[Any], str | None]]] = {
    "title": (("title",), text),
    "description": (("description",), text),
    "refresh": (("refresh",), text),
    "time.from": (("since",), text),
}


def of_panel(found: Sequence[Difference], old: Any, new: Any) -> list[Setting]:
    """The settings of a panel. Where it stands follows from its order and its width."""
    kept = [each for each in found if each.where not in {"gridPos.x", "gridPos.y"}]
    coloured = [each for each in kept if each.where.startswith(_THRESHOLDS)]
    settings = [_setting(each, _PANEL) for each in kept if each not in coloured]
    if coloured:
        before, after = (
            (((side.get("fieldConfig") or {}).get("defaults") or {}).get("thresholds"))
            for side in (old, new)
        )
        code = steps(after)
        term = None if code is None else Term(("drawing", "steps"), code)
        settings.append(Setting(Difference(_THRESHOLDS, before, after), term))
    return settings


def of_row(found: Sequence[Difference]) -> list[Setting]:
    """The settings of a row; its place follows from what is above it."""
    return [_setting(each, _ROW) for each in found if not each.where.startswith("gridPos")]


def of_dashboard(found: Sequence[Difference]) -> list[Setting]:
    """The settings of the dashboard itself."""
    return [_setting(each, _DASHBOARD) for each in found]


def is_editors_own(difference: Difference) -> bool:
    """Whether Grafana's editor writes it at every save, whatever a person changes."""
    return difference.where.rpartition(".")[2] in _EDITORS_OWN


def _setting(
    found: Difference,
    words: Mapping[str, tuple[tuple[str, ...], Callable[[Any], str | None]]],
) -> Setting:
    if found.where in words:
        path, said = words[found.where]
        code = said(found.new)
        if code is not None:
            return Setting(found, Term(path, code))
    return Setting(found, query=found.where.startswith("targets["))
