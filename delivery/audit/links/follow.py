"""Opens an address as a browser would, and says whether anything is there to be seen."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from delivery.audit import questions, times
from delivery.audit.model import LinkVerdict, Result
from delivery.audit.opening import Opened, Run, fill
from delivery.audit.questions import Page, Question
from delivery.audit.servers import LostError, RefusedError
from delivery.audit.times import Window
from delivery.audit.variables import Value, mentioned

Json = dict[str, Any]
Found = tuple[LinkVerdict, str]

#: Questions of a dashboard that are asked until one of them is answered with something.
_TRIED = 12
_HOUR = 3600.0
_PANEL = re.compile(r"(?:panel-)?(\d+)")


@dataclass
class Follow:
    """Opens addresses; the same one once."""

    run: Run
    _seen: dict[str, Found] = field(default_factory=dict)

    def __call__(self, url: str) -> Found:
        """What is there: dashboards and Explore of this Grafana are looked into."""
        if url not in self._seen:
            self._seen[url] = self._open(url)
        return self._seen[url]

    def variables(self, url: str) -> set[str]:
        """The variables of the dashboard behind an address: the browser gives it no others."""
        parts = urlsplit(url).path.split("/")
        try:
            live = self.run.servers.grafana(f"/api/dashboards/uid/{parts[2]}")
        except (LostError, RefusedError, IndexError):
            return set()
        page = Page("", live.get("dashboard") or {})
        return {str(each.get("name")) for each in page.variables}

    def _open(self, url: str) -> Found:
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True)
        try:
            if parts.path.startswith("/d/"):
                return self._dashboard(parts.path.split("/")[2], query)
            if parts.path.startswith("/explore"):
                return self._explore(dict(query))
        except LostError as error:
            return "UNREACHABLE", str(error)
        except RefusedError as error:
            return "BROKEN", str(error)
        return "BROKEN", "it leads to no dashboard and not into Explore"

    def _dashboard(self, uid: str, query: list[tuple[str, str]]) -> Found:
        try:
            live = self.run.servers.grafana(f"/api/dashboards/uid/{uid}")
        except RefusedError:
            return "BROKEN", f"Grafana has no dashboard '{uid}'"
        content = live.get("dashboard") if isinstance(live, dict) else None
        if not isinstance(content, dict):
            return "BROKEN", f"Grafana has no dashboard '{uid}'"
        page = Page(f"live:{uid}", content)
        given: dict[str, list[str]] = {}
        for key, value in query:
            if key.startswith("var-"):
                given.setdefault(key[4:], []).append(value)
        known = {str(each.get("name")) for each in page.variables}
        if unknown := sorted(set(given) - known):
            return "BROKEN", f"'{uid}' has no variable '{unknown[0]}'"
        asked = dict(query)
        if "viewPanel" in asked and not _has_panel(page, asked["viewPanel"]):
            return "BROKEN", f"'{uid}' has no panel {asked['viewPanel']}"
        span = _window(asked, page, self.run.now)
        if span is None:
            return "BROKEN", "it names no range of time that Grafana reads"
        values = _given(page, given)
        filled, _, _ = fill(self.run, page, values)
        return self._something(Opened(page, "", filled, span), set(values) - _SCOPE)

    def _something(self, opened: Opened, wanted: set[str]) -> Found:
        """For each variable that the link sets, some panel that reads it must show something."""
        by_name: dict[str, list[Question]] = {name: [] for name in wanted} or {"": []}
        for panel in opened.page.panels():
            read = mentioned(json.dumps(panel.get("targets") or []))
            asked = [
                each
                for each in questions.of_panel(
                    opened.page, panel, opened.values, opened.service, opened.span
                )
                if each.source in {"prometheus", "loki", "jaeger"}
            ]
            for name in by_name:
                if not name or name in read:
                    by_name[name] += asked
        verdicts = [self._first(found) for name, found in by_name.items() if found or not name]
        return min(verdicts, key=lambda each: _ORDER[each[0]], default=("OK", "it opens"))

    def _first(self, found: list[Question]) -> Found:
        results: list[Result] = []
        for each in found[:_TRIED]:
            result = self.run.judge.question(each)
            if result.verdict in {"OK", "SLOW"}:
                return "OK", f"'{result.title}' shows {result.points} points"
            results.append(result)
        return _of_results(results)

    def _explore(self, query: Mapping[str, str]) -> Found:
        results = [self.run.judge.question(each) for each in explored(query, self.run.now)]
        if not results:
            return "BROKEN", "it carries no query"
        good = [each for each in results if each.verdict in {"OK", "SLOW"}]
        if len(good) == len(results):
            return "OK", f"{sum(each.points for each in good)} points"
        return _of_results([each for each in results if each not in good])


def explored(query: Mapping[str, str], now: float) -> Iterator[Question]:
    """The queries of an address of Explore, in the forms of 9 (``left``) and 10 (``panes``)."""
    try:
        panes = json.loads(query.get("panes") or f"[{query.get('left', '')}]")
    except ValueError:
        return
    for pane in panes.values() if isinstance(panes, dict) else panes:
        time = pane.get("range") or {}
        span = times.window(str(time.get("from", "now-1h")), str(time.get("to", "now")), now)
        for target in pane.get("queries") or ():
            source = target.get("datasource") or {"uid": pane.get("datasource"), "type": ""}
            sent = {"refId": "A", **target, "datasource": source}
            yield ask_of(sent, span or Window(now - _HOUR, now), "Explore")


def ask_of(target: Json, span: Window, title: str) -> Question:
    """A question that no panel asks, but that a link opens."""
    step = times.step(span.seconds, 800, 15.0)
    return Question("panel", "", None, title, "", "", target, span, step, 800)


#: What every link sets: where, not what.
_SCOPE = {"cluster", "environment"}
_ORDER = {"UNREACHABLE": 0, "BROKEN": 1, "LAZY": 2, "OK": 3}


def _of_results(results: Iterable[Result]) -> Found:
    found = list(results)
    for verdict in ("UNREACHABLE", "ERROR", "EMPTY"):
        hit = next((each for each in found if each.verdict == verdict), None)
        if hit is not None:
            kind: LinkVerdict = "UNREACHABLE" if verdict == "UNREACHABLE" else "BROKEN"
            return kind, f"'{hit.title}': {hit.reason}"
    return ("LAZY", found[0].reason) if found else ("BROKEN", "it asks nothing")


def _given(page: Page, given: Mapping[str, list[str]]) -> dict[str, Value]:
    values = {}
    for variable in page.variables:
        name = str(variable.get("name"))
        if name in given:
            many = bool(variable.get("multi") or variable.get("includeAll"))
            is_all = given[name] in (["$__all"], ["All"])
            values[name] = Value(tuple(given[name]), many, variable.get("allValue") or None, is_all)
    return values


def _has_panel(page: Page, named: str) -> bool:
    found = _PANEL.fullmatch(named)
    return found is not None and any(each.get("id") == int(found[1]) for each in page.panels())


def _window(asked: Mapping[str, str], page: Page, now: float) -> Window | None:
    if "time" in asked:
        middle = times.moment(asked["time"], now)
        width = asked.get("time.window", "60000")
        if middle is None or not width.isdecimal():
            return None
        half = int(width) / 2000
        return Window(middle - half, middle + half)
    if "from" in asked:
        return times.window(asked["from"], asked.get("to", "now"), now)
    return page.window(now)
