"""A panel that was added in the UI, as the sources would say it, and what they cannot say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.panels import Place, panel_json
from dashboards.spec import Bars, Drawing, Lines, LogLines, Note, Panel, Stat
from dashboards.targets import Datasources
from delivery.publish.difference import differences
from delivery.publish.model import Difference, Json
from delivery.publish.pull.terms import number, steps, text, unit
from queries.logql import LogQL
from queries.promql import PromQL
from queries.query import Loki, Prom, Query


@dataclass(frozen=True, slots=True)
class Added:
    """Code to paste, and the settings that it leaves out."""

    code: str
    queries: str
    left_out: tuple[Difference, ...]


def added(panel: Json, row: str, prefix: str) -> Added:
    """The panel in house style: the layout in dashboards/, each expression in queries/."""
    slug = re.sub(r"[^a-z0-9]+", "_", str(panel.get("title") or "").lower()).strip("_") or "panel"
    targets = [each for each in panel.get("targets") or () if _is_said(each)]
    names = [slug if len(targets) == 1 else f"{slug}_{n}" for n in range(1, len(targets) + 1)]
    key = f"{row}.{slug}" if row else slug
    described, drawing = _drawing(panel)
    grid = panel.get("gridPos") or {}
    defaults = (panel.get("fieldConfig") or {}).get("defaults") or {}
    lines = [
        "Panel(",
        f"    key={text(key)},",
        f"    title={text(panel.get('title'))},",
        f"    description={text(panel.get('description'))},",
        f"    queries={_listed([_asked(*each) for each in zip(targets, names, strict=True)])},",
        f"    drawing={described},",
        f"    unit={unit(defaults.get('unit')) or text('short')},",
        f"    width={int(grid.get('w') or 8)},",
        f"    height={int(grid.get('h') or 8)},",
        "),",
    ]
    ours = Panel(
        key=key,
        title=str(panel.get("title") or ""),
        description=str(panel.get("description") or ""),
        queries=tuple(map(_query, targets)),
        drawing=drawing,
        unit=str(defaults.get("unit") or "short"),
        width=int(grid.get("w") or 8),
        height=int(grid.get("h") or 8),
    )
    place = Place(*(int(grid.get(each) or 0) for each in ("x", "y", "w", "h")))
    like = panel_json(ours, 0, place, Datasources(prefix))
    left_out = differences(like, {**panel, "id": 0})
    return Added(
        "\n".join(lines),
        "\n\n\n".join(_function(*each) for each in zip(targets, names, strict=True)),
        tuple(each for each in left_out if each.new is not None),
    )


def _kind(target: Json) -> str:
    return str((target.get("datasource") or {}).get("type") or "")


def _is_said(target: Json) -> bool:
    return _kind(target) in {"prometheus", "loki"} and isinstance(target.get("expr"), str)


def _query(target: Json) -> Query:
    legend = str(target.get("legendFormat") or "")
    if _kind(target) == "loki":
        instant = target.get("queryType") == "instant"
        return Loki(LogQL(target["expr"]), legend, instant)
    table = target.get("format") == "table"
    return Prom(PromQL(target["expr"]), legend, bool(target.get("instant")), table)


def _asked(target: Json, name: str) -> str:
    query = _query(target)
    arguments = [f"ask.{name}()"]
    if isinstance(query, Prom | Loki):
        arguments += [text(query.legend) or ""] if query.legend else []
        arguments += ["instant=True"] if query.instant else []
    if isinstance(query, Prom) and query.table:
        arguments.append("table=True")
    return f"{type(query).__name__}({', '.join(arguments)})"


def _function(target: Json, name: str) -> str:
    language = "LogQL" if _kind(target) == "loki" else "PromQL"
    return (
        f"def {name}() -> {language}:\n"
        f'    """What it asks: write it with the builders of queries/."""\n'
        f"    return {language}({text(target['expr'])})"
    )


def _listed(items: Sequence[str]) -> str:
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"


def _drawing(panel: Json) -> tuple[str, Drawing]:
    """As code, and as what the code would make; what is no drawing of ours becomes lines."""
    defaults: Json = (panel.get("fieldConfig") or {}).get("defaults") or {}
    options: Json = panel.get("options") or {}
    match panel.get("type"):
        case "stat":
            reduce = (options.get("reduceOptions") or {}).get("calcs") or ["lastNotNull"]
            sparkline = options.get("graphMode") != "none"
            by_name = options.get("textMode") == "value_and_name"
            said = [f"sparkline={sparkline}", f"by_name={by_name}"]
            if reduce[0] in {"lastNotNull", "sum", "max", "mean"}:
                said.append(f"calculation={text(reduce[0])}")
            coloured = steps(defaults.get("thresholds")) if defaults.get("thresholds") else None
            said += [f"steps={coloured}"] if coloured else []
            return f"Stat({', '.join(said)})", Stat(sparkline=sparkline, by_name=by_name)
        case "logs":
            wrap = bool(options.get("wrapLogMessage"))
            return f"LogLines(wrap={wrap})", LogLines(wrap)
        case "text":
            content = str(options.get("content") or "")
            return f"Note({text(content)})", Note(content)
    if (defaults.get("custom") or {}).get("drawStyle") == "bars":
        return "Bars()", Bars()
    return _lines(defaults)


def _lines(defaults: Json) -> tuple[str, Drawing]:
    limits: dict[str, Any] = {"minimum": defaults.get("min"), "maximum": defaults.get("max")}
    said = [f"{name}={number(value)}" for name, value in limits.items()]
    return f"Lines({', '.join(said)})", Lines(**limits)
