"""What Loki knows of services: streams, volumes, and what stands in their lines.

``/detected_fields`` came with Loki 3 and tells the cardinality of fields over more lines than a
sample has. Where it is missing, the sample is all there is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from delivery.discover.lines import Sample, sample
from delivery.discover.servers import Link

_API = "/loki/api/v1"
#: Which label tells services apart, the catalog's own before it; Loki 3 adds service_name itself.
OTHERS = ("service_name", "app", "container", "container_name", "job")
#: Labels that Loki makes up when lines come in.
MADE_UP = frozenset({"service_name", "detected_level", "__stream_shard__"})
#: Lines a sample has: enough to see each event of a service, and less than any limit.
SAMPLE = 500
#: Streams of one service that are looked at: a label has too many values long before.
_SERIES = 5000


@dataclass(slots=True)
class Streams:
    """One service as Loki has it."""

    labels: dict[str, set[str]] = field(default_factory=dict)
    count: int = 0
    lines_per_minute: float = 0.0
    peak_per_second: float = 0.0
    bytes_per_day: float = 0.0
    sample: Sample = field(default_factory=lambda: Sample(0, None, {}, False))
    metadata: dict[str, set[str]] = field(default_factory=dict)
    #: Of each field that Loki detected, how many different values.
    cardinality: dict[str, int] = field(default_factory=dict)
    #: Whether Loki has told fields itself.
    detected: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """The stretch that is looked at, in seconds since the epoch."""

    since: float
    until: float

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.until - self.since

    def nanoseconds(self) -> dict[str, str]:
        """As Loki is asked."""
        return {"start": str(int(self.since * 1e9)), "end": str(int(self.until * 1e9))}

    def unix(self) -> dict[str, str]:
        """As Prometheus is asked."""
        return {"start": f"{self.since:.3f}", "end": f"{self.until:.3f}"}


def identity(link: Link, span: Span, wished: Iterable[str]) -> str | None:
    """The label by which streams are told apart by service: the first that is there."""
    labels = link.data(f"{_API}/labels", **span.nanoseconds()) or []
    return next((each for each in wished if each in labels), None)


def services(link: Link, label: str, span: Span) -> list[str]:
    """The values of that label."""
    found = link.data(f"{_API}/label/{label}/values", **span.nanoseconds())
    return sorted(str(each) for each in found or [])


def streams(link: Link, label: str, service: str, span: Span) -> Streams:
    """All that Loki tells of one service."""
    selector = f"{{{label}={json.dumps(service, ensure_ascii=False)}}}"
    found = Streams()
    series = link.data(f"{_API}/series", **{"match[]": selector}, **span.nanoseconds()) or []
    found.count = len(series)
    for labels in series[:_SERIES]:
        _add(found.labels, labels)
    _volume(link, selector, span, found)
    _lines(link, selector, span, found)
    _detected(link, selector, span, found)
    return found


def _add(seen: dict[str, set[str]], labels: Mapping[str, str]) -> None:
    for name, value in labels.items():
        seen.setdefault(name, set()).add(value)


def _volume(link: Link, selector: str, span: Span, found: Streams) -> None:
    seconds = max(60, int(span.seconds))
    at = {"time": str(int(span.until * 1e9))}
    lines = _number(link, f"sum(count_over_time({selector}[{seconds}s]))", at)
    size = _number(link, f"sum(bytes_over_time({selector}[{seconds}s]))", at)
    found.lines_per_minute = lines * 60 / seconds
    found.bytes_per_day = size * 86400 / seconds
    query = f"sum(rate({selector}[1m]))"
    step = str(max(60, seconds // 200))
    answer = link.data(f"{_API}/query_range", query=query, step=step, **span.nanoseconds())
    values = [float(value) for each in answer.get("result", ()) for _, value in each["values"]]
    found.peak_per_second = max(values, default=0.0)


def _number(link: Link, query: str, at: Mapping[str, str]) -> float:
    result = link.data(f"{_API}/query", query=query, **at).get("result", ())
    return float(result[0]["value"][1]) if result else 0.0


def _lines(link: Link, selector: str, span: Span, found: Streams) -> None:
    answer = link.data(
        f"{_API}/query_range",
        query=selector,
        limit=str(SAMPLE),
        direction="backward",
        **span.nanoseconds(),
    )
    texts: list[str] = []
    for stream in answer.get("result", ()):
        # Structured metadata stands among a stream's labels, as if it were one.
        own = {name: text for name, text in stream["stream"].items() if name not in found.labels}
        _add(found.metadata, {name: text for name, text in own.items() if name not in MADE_UP})
        texts += [value[1] for value in stream["values"]]
    found.sample = sample(texts)


def _detected(link: Link, selector: str, span: Span, found: Streams) -> None:
    answer: Any = link.known(f"{_API}/detected_fields", query=selector, **span.nanoseconds())
    fields = answer.get("fields") if isinstance(answer, dict) else None
    if fields is None:
        return
    found.detected = True
    for each in fields:
        name = str(each.get("label", ""))
        if name and not name.endswith("_extracted"):
            found.cardinality[name] = int(each.get("cardinality", 0))
