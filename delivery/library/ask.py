"""Asks Loki, or Grafana on its behalf, and reads the answer as rows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from catalog import names
from catalog.errors import Problem, UsageError
from catalog.model import Catalog
from catalog.platform import Environment
from delivery.library.wish import Question
from delivery.publish.kinds.rulers import TENANT_HEADER
from delivery.publish.servers import Reach, access
from delivery.publish.transport import Answer, Transport, path

_API = "/loki/api/v1"
_NANOSECONDS = 10**9


@dataclass(frozen=True, slots=True)
class Row:
    """One line, or one figure; ``moment`` is in nanoseconds."""

    moment: int
    labels: Mapping[str, str]
    line: str | None = None
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Loki:
    """A Loki, and how it is reached."""

    transport: Transport
    root: str
    headers: Mapping[str, str]

    def rows(self, question: Question, now: int, limit: int) -> list[Row]:
        """What it answers; ``now`` is in seconds.

        :raises ServerError: it cannot be reached, or refuses the query.
        """
        kind = question.query.answer
        sent: dict[str, str | int] = {"query": question.made.text}
        if kind == "lines":
            order = "forward" if question.query.oldest_first else "backward"
            sent |= {**_range(now - question.since, now), "limit": limit, "direction": order}
            found = list(_lines(self._ask("query_range", sent)))
            return sorted(found, key=lambda row: row.moment, reverse=order == "backward")
        if question.step is None:
            sent["time"] = now * _NANOSECONDS
            figures = [_figure(each, each["value"]) for each in self._ask("query", sent)]
            if question.query.by_label:
                return sorted(figures, key=lambda row: [*map(_in_order, row.labels.values())])
            return sorted(figures, key=lambda row: (-(row.value or 0), sorted(row.labels.items())))
        # Points stand at the end of their intervals, which touch: the range is told once.
        end = now // question.step * question.step
        first = end - question.since // question.step * question.step + question.step
        sent |= {**_range(first, end), "step": f"{question.step}s"}
        series = self._ask("query_range", sent)
        points = [_figure(each, point) for each in series for point in each["values"]]
        return sorted(points, key=lambda row: (row.moment, sorted(row.labels.items())))

    def _ask(self, what: str, sent: Mapping[str, str | int]) -> list[Any]:
        answer = self.transport.read(f"{self.root}{_API}/{what}", sent, headers=self.headers)
        return _result(answer)


def _in_order(label: str) -> tuple[float, str]:
    """Numbers as numbers, and before them all that is none."""
    try:
        return float(label), label
    except ValueError:
        return -math.inf, label


def _range(start: int, end: int) -> dict[str, str | int]:
    return {"start": start * _NANOSECONDS, "end": end * _NANOSECONDS}


def _result(answer: Answer) -> list[Any]:
    data = answer.mapping("data")["data"]
    result = data.get("result") if isinstance(data, dict) else None
    return result if isinstance(result, list) else []


def _lines(streams: list[Any]) -> Iterator[Row]:
    for stream in streams:
        for value in stream["values"]:
            yield Row(int(value[0]), stream["stream"], line=value[1])


def _figure(series: Mapping[str, Any], point: tuple[float, str]) -> Row:
    moment, value = point
    return Row(round(moment * 1000) * 10**6, series["metric"], value=float(value))


@contextmanager
def loki(
    catalog: Catalog, environment: Environment, reach: Reach, environ: Mapping[str, str]
) -> Iterator[Loki]:
    """The environment's Loki: by its own address, else through Grafana.

    :raises UsageError: neither has an address, or it cannot be used.
    """
    own = access("loki", reach, environ)
    found = own or access("grafana", reach, environ)
    if found is None:
        fault = "nothing says where Loki is"
        remedy = "Set LOKI_URL or add --loki-url; or GRAFANA_URL, to ask through Grafana"
        raise UsageError(Problem("query run", fault, remedy))
    uid = names.datasource_uid(catalog.prefix, "loki")
    root = "" if own else path("api", "datasources", "proxy", "uid", uid)
    # Grafana's datasource names the tenant by itself.
    tenant = {TENANT_HEADER: environment.tenant} if own and environment.auth_enabled else {}
    transport = Transport(found)
    try:
        yield Loki(transport, root, tenant)
    finally:
        transport.close()
