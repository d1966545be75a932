"""Loki as the reason finder asks it: streams, and how many lines a part of a query leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from delivery.audit.servers import RefusedError, Servers
from delivery.audit.times import Window, compact

#: How far back streams are looked for, in seconds: within Loki's limit on the length of a query.
LOOK_BACK = 7 * 86400
_SAMPLE = 100


@dataclass
class Loki:
    """Asks. ``left`` is how many more questions one reason may cost."""

    servers: Servers
    now: float
    left: int = 200

    def values(self, label: str, selector: str, span: Window) -> list[str]:
        """What a stream label is among such streams."""
        query = {"start": str(int(span.start * 1e9)), "end": str(int(span.end * 1e9))}
        if selector:
            query["query"] = selector
        data = self._ask(f"/loki/api/v1/label/{label}/values", **query).get("data")
        return [str(each) for each in data] if isinstance(data, list) else []

    def streams(self, selector: str, span: Window) -> list[dict[str, str]]:
        """The labels of such streams."""
        query = {"start": str(int(span.start * 1e9)), "end": str(int(span.end * 1e9))}
        data = self._ask("/loki/api/v1/series", **query, **{"match[]": selector}).get("data")
        return [each for each in data if isinstance(each, dict)] if isinstance(data, list) else []

    def count(self, query: str, span: Window) -> float:
        """How many lines a log query leaves."""
        result = self.vector(f"sum(count_over_time({query} [{compact(span.seconds)}]))", span.end)
        return result[0] if result else 0.0

    def vector(self, query: str, at: float) -> list[float]:
        """The values of a metric query at a moment."""
        answer = self._ask("/loki/api/v1/query", query=query, time=str(int(at * 1e9)))
        result = _result(answer)
        if not isinstance(result, list):
            return []
        found = [each.get("value") for each in result if isinstance(each, dict)]
        return [float(each[1]) for each in found if isinstance(each, list)]

    def matrix(self, query: str, span: Window, step: float) -> list[float]:
        """The values of a metric query over a range."""
        answer = self._ask(
            "/loki/api/v1/query_range",
            query=query,
            start=str(int(span.start * 1e9)),
            end=str(int(span.end * 1e9)),
            step=compact(step),
        )
        return [float(value[1]) for each in _result(answer) or () for value in each["values"]]

    def lines(self, query: str, span: Window, limit: int = _SAMPLE) -> list[tuple[Any, str]]:
        """The newest lines, each with its labels, those of the parser and structured metadata."""
        answer = self._ask(
            "/loki/api/v1/query_range",
            query=query,
            limit=str(limit),
            start=str(int(span.start * 1e9)),
            end=str(int(span.end * 1e9)),
        )
        return [
            (stream.get("stream") or {}, str(value[1]))
            for stream in _result(answer) or ()
            for value in stream.get("values") or ()
        ]

    def last_line(self, query: str, until: float) -> float | None:
        """When such a line was written last, within the look-back."""
        answer = self._ask(
            "/loki/api/v1/query_range",
            query=query,
            limit="1",
            start=str(int((self.now - LOOK_BACK) * 1e9)),
            end=str(int(until * 1e9)),
        )
        found = [
            int(value[0]) / 1e9
            for stream in _result(answer) or ()
            for value in stream.get("values") or ()
        ]
        return max(found, default=None)

    def _ask(self, where: str, **query: str) -> dict[str, Any]:
        if not self.servers.knows("loki", where, **query):
            if self.left <= 0:
                raise RefusedError("no reason was found with as many questions as one may cost")
            self.left -= 1
        found = self.servers.get("loki", where, **query)
        return found if isinstance(found, dict) else {}


def _result(answer: dict[str, Any]) -> Any:
    data = answer.get("data")
    return data.get("result") if isinstance(data, dict) else None
