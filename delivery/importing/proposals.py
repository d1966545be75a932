"""What the dashboard asks and the catalog does not declare, as declarations to be confirmed.

A query says little of a metric: its name, some labels, whether it is asked for as a counter. The
rest is taken from the name, as ``build.py record`` takes what a page leaves open, and marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from catalog import names
from delivery.checks.finding import Finding
from delivery.checks.scan import Selector, scan
from delivery.importing.naming import plain
from delivery.record.declare import declare, unfit
from delivery.record.page import Family
from delivery.record.text import metric_lines

UNKNOWN = "metric/unknown"
#: What tells that the catalog does not know a label or a field.
_FURTHER = ("field/", "label/", "stream/")
_COUNTING = frozenset({"increase", "irate", "rate", "resets"})
_PARTS = re.compile(r"_(?:bucket|sum|count)$")
#: Labels that Prometheus gives each target or series: no metric declares them.
_OF_TARGETS = frozenset({*names.TARGET_LABELS, names.LE, "__name__", "quantile"})


def proposed(title: str, findings: Sequence[Finding]) -> str:
    """A YAML file of what was found to be unknown; an empty text if nothing was."""
    families = list(_families(findings))
    further = sorted({each.reason for each in findings if each.check.startswith(_FURTHER)})
    recorded = sorted(name for name in _unknown(findings) if ":" in name)
    if not families and not further and not recorded:
        return ""
    lines = [
        f"# What the imported dashboard {plain(title)!r} asks and the catalog does not declare.",
        "# Nothing reads this file. Move each metric to the service or the server that emits it",
        "# (services/ID.yaml, exporters/COMPONENT-RELEASE.yaml), with what could not be known: no",
        "# query tells whether a metric is always there, or which other labels it has.",
    ]
    if families:
        lines.append("metrics:")
    for family, guessed in families:
        lines.append(f"  # Not known: {', '.join(guessed)}.")
        lines += metric_lines(family.name, declare(family, fresh=False))
    if recorded:
        lines.append("# Recorded series, which no rule here records:")
        lines += [f"#   {name}" for name in recorded]
    if further:
        lines.append("# Labels and fields that the catalog does not know:")
        lines += [f"#   {reason}" for reason in further]
    return "\n".join(lines) + "\n"


def _unknown(findings: Sequence[Finding]) -> list[str]:
    """The names that nobody emits and no rule records."""
    return sorted({each.query[each.start : each.end] for each in findings if each.check == UNKNOWN})


def _families(findings: Sequence[Finding]) -> Iterator[tuple[Family, list[str]]]:
    unknown = [name for name in _unknown(findings) if ":" not in name]
    queries = sorted({each.query for each in findings if each.check == UNKNOWN})
    by_whole: dict[str, set[str]] = {}
    for name in unknown:
        by_whole.setdefault(_whole(name, unknown), set()).add(name)
    for whole, parts in sorted(by_whole.items()):
        selectors = [each for query in queries for each in _selecting(query, parts)]
        kind, why = _type(whole, parts, queries)
        labels = {each.label: set[str]() for one in selectors for each in one.matchers}
        family = Family(
            whole, kind, {key: labels[key] for key in sorted(labels.keys() - _OF_TARGETS)}
        )
        if unfit(family) is None:
            yield family, [why, "emission", "further labels"]


def _whole(name: str, unknown: Iterable[str]) -> str:
    """The histogram that a series is a part of, if its buckets are asked for too."""
    whole = _PARTS.sub("", name)
    return whole if f"{whole}_bucket" in unknown else name


def _type(whole: str, parts: set[str], queries: Iterable[str]) -> tuple[str, str]:
    if f"{whole}_bucket" in parts:
        return "histogram", "buckets"
    functions = {
        window.function
        for query in queries
        for window in scan(query, "promql").windows
        if window.selector is not None and window.selector.metric in parts
    }
    if functions & _COUNTING:
        return "counter", "type (counted: it is asked for by rate or increase)"
    kind = "counter" if whole.endswith("_total") else "gauge"
    shown = "info metric" if whole.endswith(("_info", "_version")) else kind
    return kind, f"type (taken for a {shown} by its name)"


def _selecting(query: str, parts: set[str]) -> Iterator[Selector]:
    return (each for each in scan(query, "promql").selectors if each.metric in parts)
