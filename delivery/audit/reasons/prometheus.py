"""Prometheus as the reason finder asks it: small questions, each asked once, and not too many."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from delivery.audit.servers import RefusedError, Servers
from delivery.audit.times import Window, compact

#: How far back a metric is looked for, in seconds: beyond Prometheus' own default retention.
LOOK_BACK = 30 * 86400
#: Steps in which the end of a series is looked for, and how exactly it is then found (seconds).
_STEPS, _EXACT = 200, 15


@dataclass(frozen=True, slots=True)
class Moment:
    """When a query is asked: over a range in steps, or at its end only."""

    span: Window
    step: float
    instant: bool


@dataclass
class Prometheus:
    """Asks. ``left`` is how many more questions one reason may cost."""

    servers: Servers
    now: float
    left: int = 200

    def is_empty(self, expr: str, moment: Moment) -> bool:
        """Whether there is no sample at all; NaN is one."""
        return not self.samples(expr, moment)

    def samples(self, expr: str, moment: Moment) -> list[float]:
        """Every value of the answer."""
        if moment.instant:
            data = self._ask("/api/v1/query", query=expr, time=f"{moment.span.end:.3f}")
        else:
            data = self._ask(
                "/api/v1/query_range",
                query=expr,
                start=f"{moment.span.start:.3f}",
                end=f"{moment.span.end:.3f}",
                step=f"{moment.step:g}",
            )
        if not isinstance(data, dict):
            return []
        result = data.get("result") or []
        if data.get("resultType") == "scalar":
            return [_number(result[1])]
        found = []
        for each in result:
            values = each.get("values") or ([each["value"]] if "value" in each else [])
            found += [_number(value[1]) for value in values]
        return found

    def series(self, expr: str, moment: Moment) -> list[dict[str, str]]:
        """The labels of what an expression gives at the end of a moment."""
        data = self._ask("/api/v1/query", query=expr, time=f"{moment.span.end:.3f}")
        result = data.get("result") if isinstance(data, dict) else None
        return [each["metric"] for each in result or () if isinstance(each, dict)]

    def exists(self, selector: str, span: Window) -> bool:
        """Whether there is such a series in a stretch of time."""
        return bool(self.values("__name__", selector, span))

    def values(self, label: str, selector: str, span: Window) -> list[str]:
        """What a label is among such series."""
        query = {"match[]": selector, "start": f"{span.start:.3f}", "end": f"{span.end:.3f}"}
        data = self._ask(f"/api/v1/label/{label}/values", **query)
        return [str(each) for each in data] if isinstance(data, list) else []

    def between(self, selector: str, span: Window) -> bool:
        """Whether there was a sample at any time of a stretch."""
        query = f"count(last_over_time({selector}[{compact(span.seconds)}]))"
        return not self.is_empty(query, Moment(span, 0.0, instant=True))

    def last_seen(self, selector: str) -> float | None:
        """When there was such a sample last."""
        found = self._counted(selector, self.now - LOOK_BACK, self.now, LOOK_BACK / _STEPS)
        if not found:
            return None
        until = min(found[-1], self.now)
        since = until - LOOK_BACK / _STEPS
        finer = max(_EXACT, LOOK_BACK / _STEPS / 800)
        closer = self._counted(selector, since, until, finer)
        return closer[-1] if closer else until

    def is_there(self, selector: str) -> bool:
        """Whether there is such a sample at this very moment, which may be after ``now``."""
        query = {"query": f"count({selector})", "time": f"{self.servers.clock():.3f}"}
        data = self._ask("/api/v1/query", **query)
        return bool(data.get("result")) if isinstance(data, dict) else False

    def first_seen(self, selector: str) -> float | None:
        """When there was such a sample first."""
        width = LOOK_BACK / _STEPS
        found = self._counted(selector, self.now - LOOK_BACK, self.now + width, width)
        if not found:
            return None
        closer = self._counted(selector, found[0] - width, found[0], max(_EXACT, width / 800))
        return closer[0] if closer else found[0]

    def _counted(self, selector: str, since: float, until: float, step: float) -> list[float]:
        """The ends of the steps in which there was a sample."""
        data = self._ask(
            "/api/v1/query_range",
            query=f"count(last_over_time({selector}[{compact(step)}]))",
            start=f"{since:.0f}",
            end=f"{until:.0f}",
            step=f"{max(1, round(step))}",
        )
        result = data.get("result") if isinstance(data, dict) else None
        return [float(value[0]) for each in result or () for value in each.get("values") or ()]

    def rule(self, name: str, group: str) -> dict[str, Any] | None:
        """A rule of that name as the server has it, None if it has none."""
        data = self._ask("/api/v1/rules")
        groups = data.get("groups") if isinstance(data, dict) else None
        for each in groups or ():
            if each.get("name") == group:
                for rule in each.get("rules") or ():
                    if rule.get("name") == name:
                        return dict(rule)
        return None

    def _ask(self, where: str, **query: str) -> Any:
        if not self.servers.knows("prometheus", where, **query):
            if self.left <= 0:
                raise RefusedError("no reason was found with as many questions as one may cost")
            self.left -= 1
        return self.servers.get("prometheus", where, **query).get("data")


def _number(text: Any) -> float:
    try:
        return float(text)
    except (TypeError, ValueError):
        return math.nan
