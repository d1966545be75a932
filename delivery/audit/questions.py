"""What the generated files ask: every target of every panel, and what is to be known of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from catalog import names
from delivery.audit import times
from delivery.audit.facts import matches
from delivery.audit.model import Kind
from delivery.audit.times import Window
from delivery.audit.variables import Values, custom_options, filled, filled_in, plain
from delivery.publish.shipped import Shipped
from queries.logql_parser.errors import LogQLError
from queries.logql_parser.parse import parse
from queries.logql_parser.tree import Matcher, Selector
from queries.logql_parser.walk import walk

Json = dict[str, Any]

#: A browser's pixels: a panel asks for a point each. Grafana's grid has 24 columns.
_PAGE, _COLUMNS = 1600, 24
#: What Grafana asks for where nothing says otherwise, and its answers' least step (seconds).
_POINTS, _LEAST = 800, 15.0


#: A matcher of one service, as JSON writes it.
_ONE = re.compile("[{,]" + names.SERVICE + r'=\\"([^"$\\]+)\\"')


@dataclass(frozen=True, slots=True)
class Page:
    """A dashboard as it ships."""

    place: str
    content: Json

    @property
    def uid(self) -> str:
        """Its uid."""
        return str(self.content.get("uid") or "")

    @property
    def title(self) -> str:
        """Its title."""
        return str(self.content.get("title") or "")

    @property
    def variables(self) -> list[Json]:
        """Its variables, in order."""
        return _listed(self.content.get("templating"), "list")

    @property
    def annotations(self) -> list[Json]:
        """What it marks, without Grafana's own."""
        marks = _listed(self.content.get("annotations"), "list")
        return [each for each in marks if not each.get("builtIn")]

    @property
    def service(self) -> str:
        """The service that all of it is about, which its annotations ask for; or none."""
        found = {each[1] for mark in self.annotations for each in _ONE.finditer(json.dumps(mark))}
        return found.pop() if len(found) == 1 else ""

    def window(self, now: float) -> Window:
        """The range that is shown first; six hours, as Grafana has it, where none is written."""
        time = self.content.get("time") or {}
        found = times.window(str(time.get("from", "now-6h")), str(time.get("to", "now")), now)
        return found or Window(now - 21600, now)

    def panels(self) -> Iterator[Json]:
        """Every panel, those in collapsed rows as well, rows apart."""
        for panel in _listed(self.content, "panels"):
            if panel.get("type") != "row":
                yield panel
            yield from (each for each in _listed(panel, "panels") if each.get("type") != "row")


@dataclass(frozen=True, slots=True)
class Question:
    """A target as it is sent, and whose it is.

    ``unset`` are variables that it needs and that have no value at first; ``unit`` is what the
    panel shows its numbers in; ``raw`` is the target before its variables were put in, and
    ``values`` and ``choices`` are those variables and what a page offers of itself for them.
    """

    kind: Kind
    dashboard: str
    panel: int | None
    title: str
    service: str
    place: str
    target: Json
    span: Window
    step: float
    points: int
    unit: str = ""
    unset: tuple[str, ...] = ()
    raw: Json = field(default_factory=dict)
    values: Values = field(default_factory=dict)
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The kind of server that is asked."""
        return str((self.target.get("datasource") or {}).get("type", ""))

    @property
    def ref(self) -> str:
        """The name of the query in its panel."""
        return str(self.target.get("refId") or "")

    @property
    def expr(self) -> str:
        """The query, where it is text."""
        return str(self.target.get("expr") or "")

    @property
    def key(self) -> str:
        """Two questions of one key have one answer; the name of the query is no part of it."""
        target = {key: each for key, each in self.target.items() if key != "refId"}
        return json.dumps([target, self.span.seconds, self.step, self.points], sort_keys=True)

    def asked(self) -> Question:
        """With Grafana's own variables put in, as the server sees it: to be taken apart."""
        interval, minimum = self.step, max(self.step + _LEAST, 4 * _LEAST)
        spans = {
            "$__rate_interval": times.compact(minimum),
            "$__interval_ms": str(int(interval * 1000)),
            "$__interval": times.compact(interval),
            "$__range_ms": str(int(self.span.seconds * 1000)),
            "$__range_s": str(int(self.span.seconds)),
            "$__range": times.compact(self.span.seconds),
        }
        text = self.expr
        for name, value in spans.items():
            braced = "${" + name[1:] + "}"
            text = text.replace(braced, value).replace(name, value)
        return replace(self, target={**self.target, "expr": text})

    def of_own_values(self) -> list[tuple[str, Question]]:
        """The same with other values of a variable, if it asks of those values alone.

        So it is where every selector asks for one label twice: for what is chosen, and for what
        that is not, but another value that the page offers is. None where it is not so.
        """
        try:
            selectors = [
                each for each in walk(parse(self.asked().expr)) if isinstance(each, Selector)
            ]
        except LogQLError:
            return []
        raw = str(self.raw.get("expr") or "")
        for name, offered in self.choices.items():
            chosen = self.values[name].text() if name in self.values else ""
            for label in {each.label for every in selectors for each in every.matchers}:
                if not any(f'{label}{form}"' in raw for form in _whole(name)):
                    continue
                if not all(_asks(each, label, chosen) for each in selectors):
                    continue
                clashes = [_others(each, label, chosen) for each in selectors]
                if not all(clashes) or any(_all_fit(each, chosen) for each in clashes):
                    continue
                own = [each for each in offered if all(_all_fit(clash, each) for clash in clashes)]
                return [(each, self._with(name, each)) for each in own]
        return []

    def _with(self, name: str, value: str) -> Question:
        values = {**self.values, name: plain(value)}
        return replace(self, target=filled_in(self.raw, values), values=values)

    @property
    def instant(self) -> bool:
        """Whether it asks for one moment."""
        return bool(self.target.get("instant")) or self.target.get("queryType") == "instant"


def pages(shipped: Shipped) -> list[Page]:
    """Every dashboard below generated/grafana/dashboards."""
    found = shipped.of_kind("dashboard", "grafana/dashboards/")
    return [Page(each.path, shipped.load(each.path)) for each in found]


def of_panel(page: Page, panel: Json, values: Values, service: str, span: Window) -> list[Question]:
    """What a panel asks."""
    if own := times.duration(str(panel.get("timeFrom") or "")):
        span = Window(span.end - own, span.end)
    width = int((panel.get("gridPos") or {}).get("w") or _COLUMNS)
    points = int(panel.get("maxDataPoints") or max(1, _PAGE * width // _COLUMNS))
    least = times.duration(str(panel.get("interval") or "").lstrip(">")) or _LEAST
    title = filled(str(panel.get("title") or ""), values)
    choices = {
        str(each.get("name")): custom_options(each)
        for each in page.variables
        if each.get("type") == "custom"
    }
    questions = []
    for target in _listed(panel, "targets"):
        if target.get("hide"):
            continue
        raw = {**target, "datasource": target.get("datasource") or {}}
        sent = filled_in(raw, values)
        own_least = times.duration(str(target.get("interval") or ""))
        questions.append(
            Question(
                "panel",
                page.uid,
                panel.get("id"),
                title,
                service,
                page.place,
                sent,
                span,
                times.step(span.seconds, points, own_least or least),
                points,
                _unit(panel, str(target.get("refId") or "")),
                tuple(_unset(target, values)),
                raw,
                values,
                choices,
            )
        )
    return questions


def of_annotation(page: Page, mark: Json, values: Values, service: str, span: Window) -> Question:
    """What a mark on a dashboard asks."""
    inner = mark.get("target") or {}
    target = {
        "refId": "Anno",
        "datasource": mark.get("datasource") or {},
        "expr": inner.get("expr") or mark.get("expr") or "",
        "range": True,
        "instant": False,
        **{key: inner[key] for key in ("queryType", "maxLines") if key in inner},
    }
    least = times.duration(str(mark.get("step") or inner.get("interval") or "")) or _LEAST
    return Question(
        "annotation",
        page.uid,
        None,
        str(mark.get("name") or ""),
        service,
        page.place,
        filled_in(target, values),
        span,
        times.step(span.seconds, _POINTS, least),
        _POINTS,
    )


def _unset(target: Json, values: Values) -> Iterator[str]:
    """The variables a target cannot do without that nobody has given a value."""
    for key in ("expr", "query", "service"):
        text = target.get(key)
        # A query that is a variable and nothing else: of an empty one there is no query.
        if isinstance(text, str) and text and not filled(text, values).strip():
            yield from sorted(name for name, each in values.items() if each.text() == "")
    expr = str(target.get("expr") or "")
    for name, value in values.items():
        if value.text() == "" and (
            any(f'{form}"' in expr for form in _whole(name)) or _is_quoted(name, expr)
        ):
            yield name


def _whole(name: str) -> tuple[str, ...]:
    return (f'="${{{name}}}', f'="${name}')


def _is_quoted(name: str, expr: str) -> bool:
    """Whether something must be equal to a variable that Grafana puts into quotes."""
    form = rf"\w\s*=\s*\$\{{{name}:doublequote\}}"
    return re.search(form, expr) is not None


def _asks(selector: Selector, label: str, value: str) -> bool:
    return any(
        (each.label, each.operator, each.value) == (label, "=", value) for each in selector.matchers
    )


def _others(selector: Selector, label: str, chosen: str) -> list[Matcher]:
    """What a selector asks of a label beside that it is what was chosen."""
    of_label = [each for each in selector.matchers if each.label == label]
    return [each for each in of_label if (each.operator, each.value) != ("=", chosen)]


def _all_fit(wanted: Sequence[Matcher], value: str) -> bool:
    return all(matches(each.operator, each.value, value) for each in wanted)


def _unit(panel: Json, ref: str) -> str:
    """What the numbers are shown in; nothing where columns have units of their own.

    Which column an override means depends on names that transformations make.
    """
    config = panel.get("fieldConfig") or {}
    unit = str((config.get("defaults") or {}).get("unit") or "")
    for override in config.get("overrides") or []:
        matcher = override.get("matcher") or {}
        for each in override.get("properties") or []:
            if each.get("id") != "unit":
                continue
            if matcher.get("id") != "byFrameRefID":
                return ""
            if matcher.get("options") == ref:
                unit = str(each.get("value") or "")
    return unit


def _listed(value: Any, key: str) -> list[Json]:
    found = value.get(key) if isinstance(value, dict) else None
    return [each for each in found or () if isinstance(each, dict)]
