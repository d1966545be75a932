"""The part of a draft that Loki tells: stream labels, format and fields.

Each combination of label values is a stream of its own, and Loki falls over streams before it
falls over lines. So a label with many values is proposed as a field, whatever it is now.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from catalog import names
from catalog.model import Catalog
from catalog.unfinished import open_question
from catalog.units import unit_of
from delivery.discover.lines import (
    Seen,
    looks_like_a_trace,
    message_of,
    timestamp_of,
    type_of,
)
from delivery.discover.loki import MADE_UP, Streams
from delivery.newservice.conventions import line_fields

Say = Callable[..., None]

#: So many values a stream label may have, unless it is one that every service has.
FEW = 10
#: What tells where a line was read, and comes from the agent's own configuration.
_AGENT_S = frozenset({"filename", "job", "stream", "instance", "node_name"})
_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,79}")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_. /-]{0,23}")
_LEVEL_FIELDS = (names.LEVEL, "severity", "lvl", "loglevel", "log_level")
#: A comment tells the values of a field that has no more of them.
_TOLD = 6


def stream_labels(
    catalog: Catalog, document: dict[str, Any], say: Say, seen: Streams, service: str
) -> None:
    """The labels that every service has, and those of its own that have few values."""
    known = {label for each in catalog.services for label in each.stream_labels}
    found: dict[str, Any] = {names.CLUSTER: None, names.ENVIRONMENT: None}
    namespaces = sorted(seen.labels.get(names.NAMESPACE, ()))
    found[names.NAMESPACE] = namespaces or [open_question("the namespace it runs in")]
    found[names.POD] = None
    for label, values in sorted(seen.labels.items()):
        if label in {*found, names.SERVICE, names.LEVEL, *MADE_UP, *_AGENT_S}:
            continue
        if len(values) > FEW or not _NAME.fullmatch(label) or _is_trace(label, values):
            what = "a trace or span id" if _is_trace(label, values) else f"{len(values)} values"
            say(
                ("stream_labels",),
                f"Left out: {label}, {what}. Each value is a stream; keep it in the line.",
            )
        else:
            found[label] = sorted(values)
    found[names.SERVICE] = [service]
    found[names.LEVEL] = _levels(catalog, say, seen)
    canary = catalog.platform.canary
    if canary is not None and names.TRACK in known:
        found[names.TRACK] = list(canary.tracks)
    document["stream_labels"] = found
    counts = (f"{label} {len(values)}" for label, values in sorted(seen.labels.items()))
    say(("stream_labels",), f"Values seen: {', '.join(counts)}.")


def _is_trace(label: str, values: set[str]) -> bool:
    seen = _counted(values)
    return type_of(label, seen) in {"trace_id", "span_id"} or looks_like_a_trace(label, seen)


def _counted(values: set[str]) -> Seen:
    seen = Seen()
    for value in sorted(values):
        seen.add(value)
    return seen


def _levels(catalog: Catalog, say: Say, seen: Streams) -> Any:
    """The levels seen, of those that the platform knows."""
    values = set(seen.labels.get(names.LEVEL, ()))
    if not values:
        field = next((each for each in _LEVEL_FIELDS if each in seen.sample.fields), None)
        if field is None:
            say(
                ("stream_labels",),
                f"No label and no field tells the level of a line ({names.LEVEL}).",
            )
            return [open_question("which levels its lines have")]
        values = set(seen.sample.fields[field].values)
        say(
            ("stream_labels",),
            f"'{names.LEVEL}' is no label yet: the agent takes it from '{field}'.",
        )
    known = [each for each in catalog.platform.levels if each in values]
    if strange := sorted(values - set(known)):
        say(("stream_labels",), f"Levels that platform.yaml lacks: {', '.join(strange[:_TOLD])}.")
    return known or [open_question(f"its levels, of {', '.join(catalog.platform.levels)}")]


def logs(catalog: Catalog, document: dict[str, Any], say: Say, seen: Streams) -> None:
    """The format and the fields, of a sample and of what Loki itself detected."""
    sample = seen.sample
    labels = document["stream_labels"]
    fields: list[dict[str, Any]] = []
    # A field of the catalog's convention means here what it means elsewhere.
    _, _, conventional = line_fields(catalog, sample.format or "")
    usual = {(each["name"], each["type"]): each["help"] for each in conventional}
    everything = {
        **{name: (each, False) for name, each in sample.fields.items()},
        **{name: (_counted(values), True) for name, values in seen.metadata.items()},
    }
    for name, (each, is_metadata) in sorted(everything.items()):
        if each.nested or not _NAME.fullmatch(name):
            say(("logs",), f"Left out: the field {name}, which is nested or no name of a label.")
            continue
        at = ("logs", "fields", len(fields))
        made = _field(name, each, sample.lines, labels, is_metadata=is_metadata)
        fields.append(made | {"help": usual.get((name, made["type"]), made["help"])})
        _tell(say, at, name, each, seen)
    further = sorted(set(seen.cardinality) - set(everything) - set(labels) - MADE_UP)
    if further:
        say(("logs",), f"Loki detected more than the sample has: {', '.join(further[:20])}.")
    how = "Loki's detected fields" if seen.detected else "no list of Loki's own"
    say(("logs",), f"From {sample.lines} lines and {how}.")
    form = sample.format or open_question("json or logfmt; most lines seen are neither")
    document["logs"] = {"format": form}
    if sample.multiline:
        say(("logs",), "Some lines hold several: tell 'multiline: {first_line: ...}' if they do.")
    document["logs"] |= {
        "timestamp": timestamp_of(sample.fields) or open_question("the field of a line's time"),
        "message": message_of(sample.fields) or open_question("the field of a line's words"),
        "fields": fields or open_question("the fields of its lines"),
    }


def _field(
    name: str, seen: Seen, lines: int, labels: dict[str, Any], *, is_metadata: bool
) -> dict[str, Any]:
    kind = type_of(name, seen)
    is_number = kind in {"integer", "number"}
    unit = unit_of(name, "gauge") if is_number else "timestamp" if kind == "timestamp" else "none"
    share = f"{min(seen.count, lines) / lines:.0%}" if lines and not is_metadata else "some"
    found: dict[str, Any] = {
        "name": name,
        "type": kind,
        "unit": unit,
        "help": f"Nobody has described it yet; it stands in {share} of the lines seen.",
    }
    if name in labels:
        if labels[name] is not None:
            found["values"] = labels[name]
        found["lives"] = {"loki_2_9": "stream_label", "loki_3": "stream_label"}
    elif is_metadata or kind in {"trace_id", "span_id"}:
        # As many values as requests: searched for one by one, and never grouped by.
        found["lives"] = {"loki_2_9": "line", "loki_3": "structured_metadata"}
    else:
        found["lives"] = {"loki_2_9": "line", "loki_3": "line"}
    return found


def _tell(say: Say, at: tuple[str | int, ...], name: str, seen: Seen, streams: Streams) -> None:
    """How many values it has; which, where they are few words and so no one's secret."""
    count = max(len(seen.values), streams.cardinality.get(name, 0))
    more = "or more " if count >= 40 else ""
    say(at, f"{count} {more}different values{_values(seen)}.")
    if looks_like_a_trace(name, seen):
        say(at, "It looks like a trace id: write 'type: trace_id' if it is one.")


def _values(seen: Seen) -> str:
    values = sorted(seen.values)
    few = 1 < len(values) <= _TOLD and all(map(_WORD.fullmatch, values))
    return f": {', '.join(values)}" if few else ""
