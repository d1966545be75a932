"""How a panel could be drawn by our constructors; which of them fits is found by building it.

A guess may be wrong at no risk: what is built of it is compared with what was read, and whatever
differs is told beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

from dashboards.options import band_overrides, fixed, override
from dashboards.spec import (
    AlertList,
    Bars,
    Colour,
    Column,
    Core,
    CoreKind,
    Drawing,
    GraphStat,
    Lines,
    Link,
    LogLines,
    NodeGraph,
    Note,
    Stat,
    Step,
    Steps,
    Table,
    Trace,
    TraceList,
)
from delivery.importing.read import listing, mapping, objects, text

Json = dict[str, Any]

_COLOURS = frozenset(get_args(Colour))
KINDS = frozenset(get_args(CoreKind))
_CALCULATIONS = frozenset({"lastNotNull", "sum", "max", "mean"})
_DASHES = {"fill": "dash", "dash": [10, 10]}


def drawings(panel: Json) -> Iterator[Drawing]:
    """The drawings that the panel may be, the closest of our own first."""
    kind: Any = panel.get("type")
    match kind:
        case "timeseries":
            if text(panel, "fieldConfig", "defaults", "custom", "drawStyle") == "bars":
                yield Bars(colours=_colours(panel))
            yield _lines(panel)
        case "stat":
            yield _stat(panel)
        case "table":
            yield from _tables(panel)
        case "logs":
            shown = mapping(panel, "options")
            yield LogLines(
                wrap=shown.get("wrapLogMessage", True) is not False,
                oldest_first=shown.get("sortOrder") == "Ascending",
            )
        case "traces":
            yield Trace()
        case "nodeGraph":
            yield _node_graph(panel)
        case "alertlist":
            yield AlertList(text(panel, "options", "alertInstanceLabelFilter"))
        case "text":
            if text(panel, "options", "mode") in {"", "markdown"}:
                yield Note(text(panel, "options", "content"))
    if kind in KINDS:
        yield _core(panel, kind)


def links_of(panel: Json) -> tuple[Link, ...]:
    """The data links, where all of them are as ours are."""
    given = listing(panel, "fieldConfig", "defaults", "links")
    return _links(given)


def _links(given: Any) -> tuple[Link, ...]:
    if not isinstance(given, list):
        return ()
    made = tuple(
        Link(each["title"], each["url"])
        for each in given
        if isinstance(each, dict)
        and isinstance(each.get("title"), str)
        and isinstance(each.get("url"), str)
    )
    return made if len(made) == len(given) else ()


def _figure(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _colour(value: Any) -> Colour | None:
    return value if isinstance(value, str) and value in _COLOURS else None  # type: ignore[return-value]


def _steps(thresholds: Json) -> Steps:
    made = []
    for each in objects(thresholds, "steps"):
        colour, value = _colour(each.get("color")), each.get("value")
        if colour is None or (value is not None and _figure(value) is None):
            return ()
        made.append(Step(colour, value))
    return tuple(made) if mapping(thresholds).get("mode") in {None, "absolute"} else ()


def _defaults(panel: Json) -> Json:
    return mapping(panel, "fieldConfig", "defaults")


def _overrides(panel: Json) -> list[Any]:
    return listing(panel, "fieldConfig", "overrides")


def _core(panel: Json, kind: CoreKind) -> Core:
    defaults = _defaults(panel)
    return Core(
        kind,
        steps=_steps(mapping(defaults, "thresholds")),
        minimum=_figure(defaults.get("min")),
        maximum=_figure(defaults.get("max")),
        decimals=_whole(defaults.get("decimals")),
    )


def _lines(panel: Json) -> Lines:
    defaults = _defaults(panel)
    custom = mapping(defaults, "custom")
    colours, dashed, band = _series(panel)
    return Lines(
        steps=_steps(mapping(defaults, "thresholds")),
        soft_maximum=_figure(custom.get("axisSoftMax")),
        soft_minimum=_figure(custom.get("axisSoftMin")),
        maximum=_figure(defaults.get("max")),
        minimum=_figure(defaults.get("min")),
        colours=colours,
        dashed=dashed,
        band=band,
    )


def _colours(panel: Json) -> tuple[tuple[str, Colour], ...]:
    colours, dashed, band = _series(panel)
    return () if dashed or band else colours


def _series(
    panel: Json,
) -> tuple[tuple[tuple[str, Colour], ...], tuple[str, ...], tuple[str, str] | None]:
    """Colours, dashed lines and the band, if that is all that the overrides say."""
    given = _overrides(panel)
    colours: list[tuple[str, Colour]] = []
    dashed: list[str] = []
    band: tuple[str, str] | None = None
    for each in given:
        name = text(each, "matcher", "options")
        said = {text(one, "id"): one.get("value") for one in objects(each, "properties")}
        colour = _colour(mapping(said.get("color")).get("fixedColor"))
        if set(said) == {"color"} and colour is not None:
            colours.append((name, colour))
        elif set(said) == {"custom.lineStyle", "custom.fillOpacity"}:
            dashed.append(name)
        elif "custom.fillBelowTo" in said:
            band = str(said["custom.fillBelowTo"]), name
    made = [override(name, color=fixed(colour)) for name, colour in colours]
    made += [override(each, custom__lineStyle=_DASHES, custom__fillOpacity=0) for each in dashed]
    made += band_overrides(band)
    return (tuple(colours), tuple(dashed), band) if made == given else ((), (), None)


def _stat(panel: Json) -> Stat:
    defaults, options = _defaults(panel), mapping(panel, "options")
    calculations = listing(options, "reduceOptions", "calcs")
    calculation = calculations[0] if len(calculations) == 1 else None
    return Stat(
        steps=_steps(mapping(defaults, "thresholds")) or (Step("text"),),
        sparkline=options.get("graphMode", "area") == "area",
        calculation=calculation if calculation in _CALCULATIONS else "lastNotNull",
        by_name=options.get("textMode") == "value_and_name",
        decimals=_whole(defaults.get("decimals")),
        words=_words(listing(defaults, "mappings")),
    )


def _words(mappings: list[Any]) -> tuple[tuple[float, str, Colour], ...]:
    if len(mappings) != 1 or mapping(mappings[0]).get("type") != "value":
        return ()
    made: list[tuple[Any, tuple[float, str, Colour]]] = []
    for value, shown in mapping(mappings[0], "options").items():
        colour = _colour(mapping(shown).get("color"))
        try:
            figure = float(value)
        except ValueError:
            return ()
        if colour is None or f"{figure:g}" != value:
            return ()
        bare = int(figure) if figure.is_integer() else figure
        made.append((mapping(shown).get("index"), (bare, text(shown, "text"), colour)))
    if any(not isinstance(index, int) for index, _ in made):
        return ()
    return tuple(told for _, told in sorted(made, key=lambda pair: int(pair[0])))


def _tables(panel: Json) -> Iterator[Drawing]:
    """A list of traces, or rows whose columns are told one by one."""
    transformations = objects(panel, "transformations")
    if not transformations:
        yield TraceList()
        return
    kinds = [text(each, "id") for each in transformations]
    first, *converted = kinds[:-2] or [""]
    if (
        kinds[-2:] != ["filterFieldsByName", "organize"]
        or first not in {"extractFields", "merge"}
        or converted not in ([], ["convertFieldType"])
    ):
        return
    names = listing(transformations[-2], "options", "include", "names")
    titles = mapping(transformations[-1], "options", "renameByName")
    by_title = {text(each, "matcher", "options"): each for each in _overrides(panel)}
    sort = next(iter(objects(panel, "options", "sortBy")), {})
    columns = tuple(_column(str(name), text(titles, str(name)), by_title) for name in names)
    yield Table(
        columns=columns,
        sort=text(sort, "displayName"),
        descending=sort.get("desc") is not False,
        from_logs=first == "extractFields",
        numbers=tuple(
            text(each, "targetField")
            for each in objects(transformations[1], "options", "conversions")
        )
        if converted
        else (),
    )


def _column(name: str, title: str, by_title: Json) -> Column:
    each = by_title.get(title or name)
    said = {text(one, "id"): one.get("value") for one in objects(each, "properties")}
    return Column(
        source=name,
        title=title,
        unit=text(said, "unit"),
        links=_links(said.get("links")),
        width=_whole(said.get("custom.width")),
        steps=_steps(mapping(said.get("thresholds"))),
        decimals=_whole(said.get("decimals")),
    )


def _node_graph(panel: Json) -> NodeGraph:
    transformations = objects(panel, "transformations")
    merged = [
        text(each, "filter", "options") for each in transformations if text(each, "id") == "merge"
    ]
    organized = [each for each in transformations if text(each, "id") == "organize"]
    titles = mapping(organized[0], "options", "renameByName") if organized else {}
    stats = []
    for each in transformations:
        if text(each, "id") != "calculateField":
            continue
        field, ref = text(each, "options", "alias"), _letters(text(each, "filter", "options"))
        of_node = bool(merged) and ref <= _letters(merged[0])
        stats.append(_graph_stat(panel, "node" if of_node else "edge", field, titles))
    return NodeGraph(tuple(stats))


def _letters(expression: str) -> set[str]:
    """The queries that ``/^(?:A|B)$/`` stands for."""
    return set(re.findall("[A-Z]+", expression))


def _graph_stat(panel: Json, of: Any, field: str, titles: Json) -> GraphStat:
    shown = mapping(panel, "options", f"{of}s")
    unit = {
        "mainstat": text(shown, "mainStatUnit"),
        "secondarystat": text(shown, "secondaryStatUnit"),
    }
    arcs = {text(each, "field"): _colour(each.get("color")) for each in objects(shown, "arcs")}
    return GraphStat(
        of=of,
        field=field,
        title=text(titles, field),
        unit=unit.get(field.lower(), ""),
        colour=arcs.get(field),
    )
