"""What can be told of a metric from one look at it; a person checks the rest.

A page shows what has happened so far. So a label's values become a list only where there are
several and all of them are words, as in ``hit`` and ``miss``: one value alone, a number, an
address or a version says nothing of the others to come.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import get_args

from pydantic import TypeAdapter, ValidationError

from catalog.exporters import BUCKETS, Emission, ExporterMetric, MetricType
from catalog.scalars import LabelName, MetricName
from catalog.units import unit_of
from delivery.record.page import VALUES_KEPT, Family

#: What every program in its language shows, whatever it is for.
RUNTIME = re.compile(r"(?:go|jvm|net_conntrack|nodejs|process|promhttp|python)_.*")

_WORDS = re.compile(r"[A-Za-z]{2,24}(?:[ _-][A-Za-z]{2,24}){0,3}")
#: Labels that say where something is or who asked: their values are one place's.
_OF_A_PLACE = frozenset(
    {
        *("filename", "handler", "name", "path", "route"),
        *("host", "instance", "job", "namespace", "node", "pod", "service", "tenant", "user"),
        *("branch", "revision", "version"),
    }
)
_TYPES: Mapping[str, MetricType] = {
    **{kind: kind for kind in get_args(MetricType)},
    "stateset": "gauge",
}
_NAMES = (TypeAdapter(MetricName), TypeAdapter(LabelName))


def declare(family: Family, *, fresh: bool) -> ExporterMetric:
    """The declaration of a family that is fit for one.

    Of a ``fresh`` server all that is there is always there. Else a metric without labels is
    taken to be, since programs begin to show those when they start, and the others show with
    the first event that has the labels.
    """
    kind = _type_of(family)
    always = fresh or not family.labels or kind == "info"
    emission: Emission = "always" if always else "lazy"
    labels = {
        label: None if kind == "info" else _closed(label, family.labels[label])
        for label in sorted(family.labels)
    }
    return ExporterMetric(
        type=kind, unit=unit_of(family.name, kind), emission=emission, labels=labels
    )


def unfit(family: Family) -> str | None:
    """Why a family cannot be declared; None if it can."""
    if family.type == "gaugehistogram":
        return "the catalog has no gauge histograms"
    if family.type == "histogram" and family.name.endswith(BUCKETS):
        return "its name is that of a histogram's buckets"
    metric_names, label_names = _NAMES
    for adapter, name in (
        (metric_names, family.name),
        *((label_names, each) for each in family.labels),
    ):
        try:
            adapter.validate_python(name)
        except ValidationError:
            return f"the catalog cannot hold the name {name[:60]}"
    return None


def guesses(family: Family) -> Iterator[str]:
    """What the page leaves open and the declaration does not."""
    if family.type not in _TYPES:
        yield f"the page gives no type, it is taken for a {_type_of(family)} by its name"
    if _type_of(family) != "info":
        for label in sorted(family.labels):
            values = _closed(label, family.labels[label])
            if values is not None:
                yield f"{label} is declared as {', '.join(values)}; write null if it has others"


def _type_of(family: Family) -> MetricType:
    """Text pages call an info metric a gauge: its name and its value tell."""
    if family.type == "gauge" and family.name.endswith(("_info", "_version")) and family.always_one:
        return "info"
    by_name: MetricType = "counter" if family.name.endswith("_total") else "gauge"
    return _TYPES.get(family.type, by_name)


def _closed(label: str, values: set[str]) -> tuple[str, ...] | None:
    if label in _OF_A_PLACE or not 2 <= len(values) < VALUES_KEPT:
        return None
    return tuple(sorted(values)) if all(map(_WORDS.fullmatch, values)) else None
