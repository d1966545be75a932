"""A newer look at a page beside what is declared already: what a person decided stays.

The page is right about what it shows, a label or a value that the declaration lacks. About what
it does not show it proves nothing: a counter may be waiting for its first event.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import TypeAdapter, ValidationError

from catalog.exporters import Exporter, ExporterMetric
from catalog.signals import Values
from delivery.record.page import Family

_VALUES = TypeAdapter(Values)


def merge(
    old: Exporter, page: Mapping[str, tuple[Family, ExporterMetric]], *, fresh: bool
) -> tuple[Exporter, list[str]]:
    """The declaration with what the page adds, and what changed or is missing, a line each.

    What is new was not there on an earlier look: it is lazy, unless the server is ``fresh``.
    What begins with none of the declaration's prefixes is no metric of that server's own.
    """
    metrics = dict(old.metrics)
    notes: list[str] = []
    strangers = 0
    for name, (family, seen) in page.items():
        known = old.metrics.get(name)
        if known is not None:
            metrics[name], changes = _updated(known, family, seen)
            notes.extend(f"{name}: {change}" for change in changes)
        elif old.prefixes and not name.startswith(old.prefixes):
            strangers += 1
        else:
            metrics[name] = seen if fresh else seen.model_copy(update={"emission": "lazy"})
            notes.append(f"{name}: added as {seen.type}")
    notes.extend(_missing(old, page))
    if strangers:
        notes.append(f"{strangers} metrics begin with none of the prefixes, and are left out")
    return old.model_copy(update={"metrics": metrics}), notes


def _updated(
    known: ExporterMetric, family: Family, seen: ExporterMetric
) -> tuple[ExporterMetric, list[str]]:
    if known.type != seen.type:
        return known, [f"declared as {known.type}, on the page {seen.type}; left as declared"]
    labels = dict(known.labels)
    notes: list[str] = []
    for label in seen.labels:
        if label not in labels:
            labels[label] = seen.labels[label]
            notes.append(f"the label {label} added")
            continue
        listed = labels[label]
        more = sorted(family.labels[label] - set(listed)) if listed is not None else []
        if listed is not None and more:
            labels[label] = _longer(listed, more)
            result = "added" if labels[label] else "and is declared as open"
            notes.append(f"the label {label} also has {', '.join(map(ascii, more))}; {result}")
    return known.model_copy(update={"labels": labels}), notes


def _longer(listed: tuple[str, ...], more: list[str]) -> tuple[str, ...] | None:
    """The list with more values; None, which is open, if the catalog cannot hold one."""
    try:
        return _VALUES.validate_python((*listed, *more))
    except ValidationError:
        return None


def _missing(old: Exporter, page: Mapping[str, object]) -> Iterator[str]:
    for name in sorted(old.metrics.keys() - page.keys()):
        if old.metrics[name].emission == "lazy":
            yield f"{name}: lazy, and not on the page; what it counts may not have happened"
        else:
            yield f"{name}: not on the page; remove it if this release has it no more"
